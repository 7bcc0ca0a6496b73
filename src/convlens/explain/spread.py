"""From the slots of winning windows to the words in them."""

import torch
from torch import Tensor

from convlens.trace import Trace


def to_words(traced: Trace, held: Tensor, scores: Tensor) -> Tensor:
    """Add scores (B, k, N, C) of the slots that hold a word, `held` (B, k, N), to their words: (B, T, C)."""
    places = traced.positions[:, :, None] + torch.arange(held.shape[2], device=held.device)
    places = places.masked_fill(~held, 0).flatten(1)[..., None]  # (B, k N, 1)
    total = scores.new_zeros(*traced.ids.shape, scores.shape[3])
    if traced.ids.shape[1]:
        kept = scores.masked_fill(~held[..., None], 0).flatten(1, 2)
        total.scatter_add_(1, places.expand(-1, -1, scores.shape[3]), kept)
    return total
