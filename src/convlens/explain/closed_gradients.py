"""The gradient methods for one-layer models, in closed form from a trace: no backward pass."""

from collections.abc import Iterator

import torch
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.gradients import remainder
from convlens.explain.spread import to_words
from convlens.models import TextCNN
from convlens.trace import Trace, slot_activations, word_slots

NUMBERS = 2**23  # of slopes computed at once: bounds memory


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
    scores = torch.cat([slopes.square().sum(3) for slopes in _slopes(model, trace)], 2)
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)


@torch.no_grad()
def sensitivity_l2_closed(model: TextCNN, trace: Trace) -> Attribution:
    """`sensitivity_l2`, the root of `sensitivity_closed`."""
    found = sensitivity_closed(model, trace)
    return Attribution(found.scores.sqrt(), found.bias, found.logits)


def _slopes(model: TextCNN, trace: Trace) -> Iterator[Tensor]:
    """The slopes of logits at every word, of some classes Q at a time: (B, T, Q, d).

    One product for all of them: which of the S slots each word fills, (words, S) and sparse, times what these give the classes.
    """
    held, dim = word_slots(model, trace) & (trace.pooled > 0)[..., None], model.config.dim
    places: list[Tensor] = []
    slots: list[Tensor] = []
    vectors: list[Tensor] = []
    owners: list[int] = []
    first = 0
    for conv, count in zip(model.convolutions, model.config.counts, strict=True):
        for j in range(conv.kernel_size[0]):
            rows, filters = held[:, first : first + count, j].nonzero(as_tuple=True)
            places.append(rows * trace.ids.shape[1] + trace.positions[rows, first + filters] + j)
            slots.append(filters + len(owners))
            vectors.append(conv.weight[:, :, j])
            owners += range(first, first + count)
        first += count
    table = torch.cat(vectors)[:, None]  # (S, 1, d)
    filled = torch.stack([torch.cat(places), torch.cat(slots)])
    fills = torch.sparse_coo_tensor(
        filled, table.new_ones(filled.shape[1]), (trace.ids.numel(), len(table)), check_invariants=False
    ).coalesce()
    most = max(NUMBERS // (max(trace.ids.numel(), len(table)) * dim), 1)
    for weight in torch.split(model.head.weight, most):  # (Q, k)
        given = weight.T[owners][..., None] * table  # (S, Q, d)
        yield torch.sparse.mm(fills, given.flatten(1)).view(*trace.ids.shape, len(weight), dim)
