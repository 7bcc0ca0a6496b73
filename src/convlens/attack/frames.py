"""What the words around a place give the filters: all that a swap of the word there leaves as it is."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.models import TextCNN

Numbers = NDArray[np.floating[Any]]


@torch.no_grad()
def region_slots(model: TextCNN, region: int, words: NDArray[np.int64]) -> Numbers:
    """What each word gives each slot of the filters of a region, `T[v, j, f]`: (words, n, F)."""
    vectors = model.embed.weight[torch.from_numpy(words).to(model.embed.weight.device)]
    weight = model.convolutions[region].weight  # (F, d, n)
    given = vectors @ weight.permute(1, 2, 0).flatten(1)
    found: Numbers = given.view(len(words), weight.shape[2], len(weight)).cpu().numpy()
    return found


def frames(slots: Numbers, biases: Numbers) -> Numbers:
    """From what a document's words give, (L, n, F), what every place has around it: (L, n + 1, F), see `kernels/swap`.

    Row 0 is the greatest window without the place, row 1 + j what the other words give the window that has the place in its slot
    j; filters' `biases` (F,) are in all, and where there is no such window stands -inf. A document shorter than n is one window.
    """
    length, n, filters = slots.shape
    padded = np.concatenate([slots, np.zeros((max(n - length, 0), n, filters), slots.dtype)])
    places = len(padded) - n + 1
    given = np.stack([padded[j : j + places, j] for j in range(n)], 1)  # (windows, n, F)
    others = np.zeros_like(given)  # sums of the other slots, without taking anything away
    others[:, 1:] = given[:, :-1].cumsum(1)
    others[:, :-1] += given[:, :0:-1].cumsum(1)[:, ::-1]
    found = np.full((len(padded), n + 1, filters), -np.inf, slots.dtype)
    for j in range(n):
        found[j : j + places, j + 1] = others[:, j] + biases
    sums = given.sum(1) + biases
    found[n:, 0] = np.maximum.accumulate(sums)[: places - 1]
    after = np.maximum.accumulate(sums[::-1])[::-1]
    np.maximum(found[: places - 1, 0], after[1:], out=found[: places - 1, 0])
    return found[:length]
