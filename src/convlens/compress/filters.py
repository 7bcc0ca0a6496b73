"""Models with fewer filters."""

from dataclasses import replace

import torch
from torch import Tensor

from convlens.errors import InputError
from convlens.models import TextCNN


@torch.no_grad()
def keep_filters(model: TextCNN, remaining: Tensor) -> TextCNN:
    """A model of the filters (k,) bool alone, in their order; region sizes without one go too.

    Its logits are those of the model where the others pool 0. The biases of the classes stay.
    """
    if not remaining.any():
        raise InputError(f"none of the {len(remaining)} filters would be left: keep at least one")
    parts = torch.split(remaining.cpu(), list(model.config.counts))
    counts = {n: int(part.sum()) for n, part in zip(model.config.regions, parts, strict=True) if part.any()}
    zeros = model.config.padding.of_regions(model.config.regions)
    left = tuple(side for side, part in zip(zeros, parts, strict=True) if part.any())
    padding = model.config.padding
    padding = replace(padding, zeros=left) if isinstance(padding.zeros, tuple) else padding
    config = replace(model.config, regions=tuple(counts), filters=tuple(counts.values()), padding=padding)
    words, weight = model.embed.num_embeddings, model.head.weight
    small = TextCNN(config, words, model.classes).to(weight)
    small.embed.weight.copy_(model.embed.weight)
    whole = [(conv, part) for conv, part in zip(model.convolutions, parts, strict=True) if part.any()]
    for conv, (old, part) in zip(small.convolutions, whole, strict=True):
        conv.weight.copy_(old.weight[part])
        if conv.bias is not None and old.bias is not None:
            conv.bias.copy_(old.bias[part])
    for place, (layer, before) in enumerate(
        zip([*small.dense_layers, small.head], [*model.dense_layers, model.head], strict=True)
    ):
        layer.weight.copy_(before.weight[:, remaining] if place == 0 else before.weight)
        if layer.bias is not None:
            layer.bias.copy_(before.bias)
    for name in ("thresholds", "gates"):
        values = getattr(model, name)
        setattr(small, name, None if values is None else values[remaining].clone())
    return small.eval()


def never_passing(model: TextCNN) -> Tensor:
    """The filters that a gate of infinity switches off: (k,) bool."""
    if model.gates is None:
        return torch.zeros(len(model.config.widths), dtype=torch.bool, device=model.head.weight.device)
    return model.gates == torch.inf
