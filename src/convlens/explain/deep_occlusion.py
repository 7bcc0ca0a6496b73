"""Occlusion and greedy removal for networks of any depth, which are run again for each word."""

import torch
from torch import Tensor

from convlens.explain.occlusion import STEPS
from convlens.explain.padded import Padded
from convlens.models import TextModel
from convlens.text import PAD

TOKENS = 2**15  # words in the documents of one pass


@torch.no_grad()
def deep_occlusion(model: TextModel, ids: Tensor) -> Padded:
    """`occlusion` by running the model on the documents without each of their words."""
    x, lengths = model.eval().embed(ids), (ids != PAD).sum(1)
    logits = model.classify(x, lengths)
    return Padded(falls(model, x, lengths), torch.zeros_like(logits), logits)


@torch.no_grad()
def deep_greedy(model: TextModel, ids: Tensor) -> Padded:
    """`greedy`; each document is thinned out once for each class."""
    x, lengths = model.eval().embed(ids), (ids != PAD).sum(1)
    logits, (count, size) = model.classify(x, lengths), ids.shape
    scores = _removal_scores(model, x, lengths).view(count, model.classes, size).transpose(1, 2)
    return Padded(scores, torch.zeros_like(logits), logits)


def falls(model: TextModel, x: Tensor, lengths: Tensor) -> Tensor:
    """The fall of every logit without each word of embedded documents: x (B, T, d) -> (B, T, C)."""
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


def _removal_scores(model: TextModel, x: Tensor, lengths: Tensor) -> Tensor:
    """Scores (B C, T) of embedded documents (B, T, d)."""
    (count, size), classes = x.shape[:2], model.classes
    x, lengths = x.repeat_interleave(classes, 0), lengths.repeat_interleave(classes)  # (B C, T, d), (B C,)
    rows, own = torch.arange(len(x), device=x.device), torch.arange(classes, device=x.device).repeat(count)
    words = torch.arange(size, device=x.device) < lengths[:, None]  # (B C, T)
    left, steps = words.clone(), min(STEPS, size)
    place = torch.zeros(left.shape, dtype=x.dtype, device=x.device)
    for step in range(steps):
        chosen = _first_greatest(falls(model, x, lengths)[rows, :, own].masked_fill(~left, -torch.inf))
        going = rows[left.any(1)]
        place[going, chosen[going]] = step
        left[going, chosen[going]] = False
        x[going, chosen[going]] = 0
    if left.any():
        last = falls(model, x, lengths)[rows, :, own].masked_fill(~left, -torch.inf)
        rank = last.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
        place = torch.where(left, rank.to(place.dtype) + steps, place)
    return (1 - place / lengths.clamp(min=1)[:, None]).masked_fill(~words, 0)


def _first_greatest(effects: Tensor) -> Tensor:
    """`first_greatest` of `occlusion` for tensors."""
    greatest = effects.max(1, keepdim=True).values
    close = 256 * torch.finfo(effects.dtype).eps * (1 + greatest.abs())
    return (effects >= greatest - close).int().argmax(1)
