"""The order of removal in which the exact effect of every word is computed anew after each removal."""

from collections.abc import Callable

import torch
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.occlusion import deep_falls, falls
from convlens.models import DeepTextCNN, TextCNN
from convlens.text import PAD
from convlens.trace import Trace

STEPS = 50  # removals after each of which all effects are computed anew
Falls = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def greedy(model: TextCNN, trace: Trace) -> Attribution:
    """The place of each word in the order of removal, for each class: (L - place) / L, scores (B, T, C).

    Removed first, with score 1, is the word without which the logit of the class falls most (`occlusion`);
    then, without it, the next. Of equals the first goes first. Words not among the first 50 follow in the order
    of their effect at the end of these. Scores have no sign, and are no parts of the logits.
    """
    x = model.embed(trace.ids)
    scores = _scores(x, trace.lengths, model.classes, lambda x, lengths: falls(model, x, lengths))
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)


@torch.no_grad()
def deep_greedy(model: DeepTextCNN, ids: Tensor) -> Attribution:
    """The same for a network of any depth, which is run again for each word and removal."""
    x, lengths = model.eval().embed(ids), (ids != PAD).sum(1)
    logits = model.classify(x, lengths)
    scores = _scores(x, lengths, model.classes, lambda x, lengths: deep_falls(model, x, lengths))
    return Attribution(scores, torch.zeros_like(logits), logits)


def _scores(x: Tensor, lengths: Tensor, classes: int, effects: Falls) -> Tensor:
    """Scores (B, T, C) of embedded documents (B, T, d); each document is thinned out once for each class."""
    count, size = x.shape[:2]
    x, lengths = x.repeat_interleave(classes, 0), lengths.repeat_interleave(classes)  # (B C, T, d), (B C,)
    rows, own = torch.arange(len(x), device=x.device), torch.arange(classes, device=x.device).repeat(count)
    left = torch.arange(size, device=x.device) < lengths[:, None]  # (B C, T)
    place = torch.zeros(left.shape, dtype=x.dtype, device=x.device)
    steps = min(STEPS, size)
    for step in range(steps):
        chosen = _first_greatest(effects(x, lengths)[rows, :, own].masked_fill(~left, -torch.inf))
        going = rows[left.any(1)]
        place[going, chosen[going]] = step
        left[going, chosen[going]] = False
        x[going, chosen[going]] = 0
    if left.any():
        last = effects(x, lengths)[rows, :, own].masked_fill(~left, -torch.inf)
        rank = last.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
        place = torch.where(left, rank.to(place.dtype) + steps, place)
    words = torch.arange(size, device=x.device) < lengths[:, None]
    scores = (1 - place / lengths.clamp(min=1)[:, None]).masked_fill(~words, 0)
    return scores.view(count, classes, size).transpose(1, 2)


def _first_greatest(effects: Tensor) -> Tensor:
    """The first place (B,) of those whose effect differs from the greatest of (B, T) by no more than round-off."""
    greatest = effects.max(1, keepdim=True).values
    close = 256 * torch.finfo(effects.dtype).eps * (1 + greatest.abs())
    return (effects >= greatest - close).int().argmax(1)
