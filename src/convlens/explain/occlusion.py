"""What each word is worth exactly: how far the logits fall when its vector is set to zero."""

import torch
from torch import Tensor, nn

from convlens.explain.attribution import Attribution
from convlens.models import DeepTextCNN, TextCNN, gated
from convlens.text import PAD
from convlens.trace import Trace

NUMBERS = 2**23  # slot scores at once: bounds memory
TOKENS = 2**15  # words in the documents of one pass of a deep model


@torch.no_grad()
def occlusion(model: TextCNN, trace: Trace) -> Attribution:
    """`y_c - y_c(x_t = 0)` for every word t and class c: scores (B, T, C), in logits, without a further pass.

    Only windows that hold the word move, each by what its slot gave. So the max without the word is the
    greatest of three: windows before it, windows after it, and its own windows without it. The length of the
    document stays. Scores are no parts of the logits, as words act together.
    """
    scores = falls(model, model.embed(trace.ids), trace.lengths)
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)


@torch.no_grad()
def deep_occlusion(model: DeepTextCNN, ids: Tensor) -> Attribution:
    """The same for a network of any depth, which is run again for each word."""
    x, lengths = model.eval().embed(ids), (ids != PAD).sum(1)
    logits = model.classify(x, lengths)
    return Attribution(deep_falls(model, x, lengths), torch.zeros_like(logits), logits)


def falls(model: TextCNN, x: Tensor, lengths: Tensor) -> Tensor:
    """The fall of every logit without each word of embedded documents: x (B, T, d) -> (B, T, C)."""
    total = x.new_zeros(*x.shape[:2], model.classes)
    first = 0
    for conv, count in zip(model.convolutions, model.config.counts, strict=True):
        n = conv.kernel_size[0]
        most = max(NUMBERS // (max(x.shape[1], n) * (n + 4)), 1)  # filters x documents at once
        rows = max(most // count, 1)
        for start in range(0, len(x), rows):
            some = slice(start, start + rows)
            for f in range(0, count, most):
                last = min(f + most, count)
                gates = None if model.gates is None else model.gates[first + f : first + last]
                moved = _falls_of_peaks(conv, (f, last), gates, (x[some], lengths[some]))
                total[some] += moved @ model.head.weight[:, first + f : first + last].T
        first += count
    return total


def _falls_of_peaks(
    conv: nn.Conv1d, filters: tuple[int, int], gates: Tensor | None, documents: tuple[Tensor, Tensor]
) -> Tensor:
    """The fall of some filters' pooled values without each word: (B, T, F)."""
    (x, lengths), weight = documents, conv.weight[slice(*filters)]  # (F, d, n)
    count, dim, n = weight.shape
    words = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (B, T)
    x = torch.nn.functional.pad(x, (0, 0, 0, max(n - x.shape[1], 0)))
    places = x.shape[1] - n + 1
    slots = x @ weight.permute(1, 2, 0).reshape(dim, n * count)
    slots = slots.view(*x.shape[:2], n, count)  # (B, T, n, F)
    sums = sum((slots[:, j : j + places, j] for j in range(1, n)), start=slots[:, :places, 0])  # (B, P, F)
    if conv.bias is not None:
        sums = sums + conv.bias[slice(*filters)]
    beyond = torch.arange(places, device=x.device) >= (lengths - n + 1).clamp(min=1)[:, None]  # (B, P)
    sums = sums.masked_fill(beyond[..., None], -torch.inf)
    moved = gated(sums.amax(1, keepdim=True), gates) - gated(peaks_without_each(slots, sums), gates)
    return moved[:, : words.shape[1]].masked_fill(~words[..., None], 0)


def peaks_without_each(slots: Tensor, sums: Tensor) -> Tensor:
    """What words give slots (B, T, n, F), summed over windows (B, P, F) -> peaks without each word in turn (B, T, F).

    Without a word the peak is the greatest of three: windows before it, windows after it, and its own without it.
    """
    n, places = slots.shape[2], sums.shape[1]
    after = sums.flip(1).cummax(1).values.flip(1)  # (B, P, F), from this window on
    best = torch.full_like(slots[:, :, 0], -torch.inf)
    best[:, n:] = sums.cummax(1).values[:, :-1]
    best[:, : places - 1] = torch.maximum(best[:, : places - 1], after[:, 1:])
    for j in range(n):
        some = slice(j, j + places)
        best[:, some] = torch.maximum(best[:, some], sums - slots[:, some, j])
    return best


def deep_falls(model: DeepTextCNN, x: Tensor, lengths: Tensor) -> Tensor:
    """`falls` by running the model on the documents without each of their words."""
    count, size = x.shape[:2]
    logits = model.classify(x, lengths)[:, None]  # (B, 1, C)
    total = x.new_zeros(count, size, model.classes)
    at_once = max(TOKENS // max(count * size, 1), 1)
    for first in range(0, size, at_once):
        places = torch.arange(first, min(first + at_once, size), device=x.device)
        without = x[:, None].repeat(1, len(places), 1, 1)  # (B, K, T, d)
        without[:, torch.arange(len(places)), places] = 0
        moved = model.classify(without.flatten(0, 1), lengths.repeat_interleave(len(places)))
        total[:, places] = logits - moved.view(count, len(places), -1)
    words = torch.arange(size, device=x.device) < lengths[:, None]
    return total.masked_fill(~words[..., None], 0)
