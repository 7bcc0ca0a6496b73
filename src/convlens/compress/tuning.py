"""Training the head of a one-layer model alone, on pooled features that are computed once."""

import copy
import math

import torch
import torch.nn.functional as F

from convlens.compress.head_inputs import HeadInputs
from convlens.errors import InputError
from convlens.models import TextCNN, TrainConfig


def tune_head(train: HeadInputs, validation: HeadInputs, config: TrainConfig) -> TextCNN:
    """A copy of the model whose head has gone on learning, by Adam with the model's dropout, until it stops to gain.

    The head kept is that of the epoch with the lowest validation loss, the one before the first included.
    """
    model = copy.deepcopy(train.model)
    head, rng = model.head, torch.Generator().manual_seed(config.seed)
    optimizer = torch.optim.Adam(head.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    best, lowest, since = copy.deepcopy(head.state_dict()), validation.loss(validation.logits), 0
    for _ in range(config.epochs):
        for rows in torch.split(torch.randperm(len(train.pooled), generator=rng), config.batch_size):
            mask = torch.rand(len(rows), train.pooled.shape[1], generator=rng) >= model.config.dropout
            pooled = train.pooled[rows] * mask.to(train.pooled) / (1 - model.config.dropout)
            optimizer.zero_grad()
            F.cross_entropy(head(pooled), train.truth[rows]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        with torch.no_grad():
            loss = validation.loss(head(validation.pooled))
        if not math.isfinite(loss):
            raise InputError(
                f"training the head broke: the loss is {loss}: train with a smaller --lr than {config.lr}"
            )
        since = since + 1
        if loss < lowest:
            best, lowest, since = copy.deepcopy(head.state_dict()), loss, 0
        if since >= config.patience:
            break
    head.load_state_dict(best)
    return model.eval()
