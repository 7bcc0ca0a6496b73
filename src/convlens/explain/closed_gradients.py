"""The gradient methods for one-layer models, in closed form from a trace: no backward pass."""

from collections.abc import Iterator

import torch
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.gradients import remainder
from convlens.explain.spread import to_words
from convlens.models import TextCNN
from convlens.trace import Trace, slot_activations, word_slots


@torch.no_grad()
def gradient_x_input_closed(model: TextCNN, trace: Trace) -> Attribution:
    """`gradient_x_input`: the sum of `W_y[q, p] <w_j, x_{i+j}>` over the slots of the winning windows that a
    word is in, of the filters that pass the ReLU or their gates."""
    products = slot_activations(model, trace) * (trace.pooled > 0)[..., None]  # (B, k, N)
    weight = model.head.weight.T[:, None]  # (k, 1, C)
    scores = to_words(trace, word_slots(model, trace), products[..., None] * weight)
    return Attribution(scores, remainder(scores, trace.logits), trace.logits)


@torch.no_grad()
def sensitivity_closed(model: TextCNN, trace: Trace) -> Attribution:
    """`sensitivity`: the slope of logit q at a word is the sum of `W_y[q, p] w_j` over the same slots."""
    scores = torch.stack([slopes.square().sum(2) for slopes in _slopes(model, trace)], 2)
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)


@torch.no_grad()
def sensitivity_l2_closed(model: TextCNN, trace: Trace) -> Attribution:
    """`sensitivity_l2`, the root of `sensitivity_closed`."""
    found = sensitivity_closed(model, trace)
    return Attribution(found.scores.sqrt(), found.bias, found.logits)


def _slopes(model: TextCNN, trace: Trace) -> Iterator[Tensor]:
    """For each class the slope of its logit at every word: (B, T, d)."""
    held, size = word_slots(model, trace), trace.ids.shape[1]
    held &= (trace.pooled > 0)[..., None]
    slots, first = [], 0
    for conv, count in zip(model.convolutions, model.config.counts, strict=True):
        for j in range(conv.kernel_size[0]):
            rows, filters = held[:, first : first + count, j].nonzero(as_tuple=True)
            places = rows * size + trace.positions[rows, first + filters] + j
            slots.append((conv.weight[:, :, j], filters, places, first))
        first += count
    for weight in model.head.weight:  # (k,)
        slopes = weight.new_zeros(trace.ids.numel(), model.config.dim)
        for rows_of, filters, places, start in slots:
            of_class = weight[start : start + len(rows_of), None] * rows_of  # (F, d)
            slopes.index_add_(0, places, of_class[filters])
        yield slopes.view(*trace.ids.shape, model.config.dim)
