"""Documents of like length in one tensor, so that little of it is padding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlens.text import PAD

if TYPE_CHECKING:
    from torch import Tensor

TOKENS = 16_384  # padded tokens in a batch: large enough for speed, small enough for any memory


def pad(documents: Sequence[NDArray[np.int64]]) -> "Tensor":
    """Stack word numbers (L_i,) into (B, T) int64, padded at the end."""
    import torch  # here: whoever asks for batches only needs no torch

    width = max((len(d) for d in documents), default=0)
    stacked = np.full((len(documents), width), PAD, dtype=np.int64)
    for row, document in zip(stacked, documents, strict=True):
        row[: len(document)] = document
    return torch.from_numpy(stacked)


def by_length(lengths: Sequence[int], tokens: int = TOKENS) -> list[NDArray[np.int64]]:
    """Cut documents, sorted by length, into batches of at most `tokens` padded tokens (or one document).

    Returns the indices of each batch; every document is in exactly one.
    """
    order = np.argsort(lengths, kind="stable")
    batches = []
    start = 0
    for i, document in enumerate(order):
        if (i - start + 1) * max(lengths[document], 1) > tokens and i > start:
            batches.append(order[start:i])
            start = i
    return [*batches, order[start:]] if len(order) else []


def shuffled(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Training batches of `size` documents of like length, different in every epoch.

    Lengths are jittered by up to a tenth before sorting; then whole batches are shuffled.
    """
    jittered = np.asarray(lengths) * rng.uniform(0.9, 1.1, len(lengths)) + rng.uniform(0, 1, len(lengths))
    order = np.argsort(jittered, kind="stable")
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    return [batches[i] for i in rng.permutation(len(batches))]
