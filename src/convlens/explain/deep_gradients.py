"""What the slopes of the logits say about words: methods of one backward pass for each class, for any model."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from convlens.arrays import Floats
from convlens.explain.padded import Padded, array_of
from convlens.models import TextModel, by_length, one_layer, pad
from convlens.text import PAD, Documents


def gradient_x_input(model: TextModel, ids: Tensor) -> Padded:
    """`sum_d dy_c / dx_td x_td` of word t for the logit y_c: scores (B, T, C), in logits.

    The bias is what the scores leave of the logit. Between two kinks of its ReLUs and maxima a network
    is linear in its words and biases, so this is what the network's biases contribute.
    """
    scores, logits = _per_class(model, ids, lambda slopes, x: (slopes * x).sum(2))
    return Padded(scores, remainder(scores, logits), logits)


def remainder(scores: Tensor, logits: Tensor) -> Tensor:
    """What scores (B, T, C) leave of the logits (B, C), summed in float64 as a text may be long."""
    return (logits.double() - scores.sum(1, dtype=torch.float64)).to(logits.dtype)


def sensitivity(model: TextModel, ids: Tensor) -> Padded:
    """`||dy_c / dx_t||^2` (Arras et al. 2016, SA): how much the logit moves with the vector of word t.

    Scores (B, T, C) are never negative: they tell where a class looks, not for what.
    """
    return _no_parts(*_per_class(model, ids, lambda slopes, x: slopes.square().sum(2)))


def sensitivity_l2(model: TextModel, ids: Tensor) -> Padded:
    """`||dy_c / dx_t||`, the root of `sensitivity` (Arras et al. 2016, SA(l2)): the same order of words."""
    return _no_parts(*_per_class(model, ids, lambda slopes, x: slopes.square().sum(2).sqrt()))


def _per_class(
    model: TextModel, ids: Tensor, reduce: Callable[[Tensor, Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """Scores (B, T, C), 0 for padding, and logits (B, C).

    `reduce` maps the slopes of one class and the word vectors, both (B, T, d), to (B, T).
    """
    model.eval()
    with torch.enable_grad():
        x = model.embed(ids).detach().requires_grad_()  # (B, T, d)
        logits = model.classify(x, (ids != PAD).sum(1))  # (B, C)
        slopes = (torch.autograd.grad(y.sum(), x, retain_graph=True)[0] for y in logits.unbind(1))
        scores = torch.stack([reduce(of_class, x.detach()) for of_class in slopes], 2)
    return scores.masked_fill((ids == PAD)[..., None], 0), logits.detach()


def _no_parts(scores: Tensor, logits: Tensor) -> Padded:
    return Padded(scores, torch.zeros_like(logits), logits)


def elements(model: TextModel, documents: Documents, weighting: str) -> Floats:
    """Relevance of every number of every word vector for the predicted class, by `gradient-x-input` or `sensitivity`."""
    if weighting == "lrp":
        one_layer(model, "the relevance of single numbers")  # says why not
    relevance = np.zeros(
        (len(documents.ids), model.embed.embedding_dim), array_of(model.embed.weight[:0]).dtype
    )
    for places in by_length(documents.lengths.tolist()):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        with torch.enable_grad():
            x = model.eval().embed(ids).detach().requires_grad_()  # (B, T, d)
            best = model.classify(x, (ids != PAD).sum(1)).max(1).values
            slopes = torch.autograd.grad(best.sum(), x)[0]
        values = array_of(slopes.square() if weighting == "sensitivity" else slopes * x)
        for row, i in enumerate(places):
            relevance[documents.starts[i] : documents.starts[i + 1]] = values[row, : documents.lengths[i]]
    return relevance
