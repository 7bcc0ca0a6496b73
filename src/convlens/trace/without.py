"""What the words around a place give the filters, and so the peaks without each word in turn."""

from collections.abc import Iterator

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.models import Weights

NUMBERS = 2**22  # of the contexts at a time: bounds memory on documents of any length


def contexts(slots: Floats, biases: Floats) -> Floats:
    """From what a document's words give, (..., L, n, F), what every place has around it: (..., L, n + 1, F).

    Row 0 is the greatest window without the place, row 1 + j the score of the other words in the window whose slot j is the
    place; filters' `biases` (F,) are in all, and where there is no such window stands -inf. A document shorter than n is one
    window. The greatest of all rows is the peak without the word at the place: only windows that hold it move.
    """
    *several, length, n, filters = slots.shape
    windows = window_slots(slots)  # (..., W, n, F)
    places = windows.shape[-3]
    others = np.zeros_like(windows)  # sums of the other slots, without taking anything away
    others[..., 1:, :] = windows[..., :-1, :].cumsum(-2)
    others[..., :-1, :] += windows[..., :0:-1, :].cumsum(-2)[..., ::-1, :]
    rows = np.full((*several, places + n - 1, n + 1, filters), -np.inf, slots.dtype)
    for j in range(n):
        rows[..., j : j + places, j + 1, :] = others[..., j, :] + biases
    sums = windows.sum(-2) + biases
    rows[..., n:, 0, :] = np.maximum.accumulate(sums, -2)[..., : places - 1, :]
    after = np.maximum.accumulate(sums[..., ::-1, :], -2)[..., ::-1, :]
    before = rows[..., : places - 1, 0, :]
    np.maximum(before, after[..., 1:, :], out=before)
    return rows[..., :length, :, :]


def window_slots(slots: Floats) -> Floats:
    """What each slot of each window gets, of a document that is one window where it is shorter than n: (..., W, n, F)."""
    *several, length, n, filters = slots.shape
    if length < n:
        slots = np.concatenate([slots, np.zeros((*several, n - length, n, filters), slots.dtype)], -3)
    places = slots.shape[-3] - n + 1
    return np.stack([slots[..., j : j + places, j, :] for j in range(n)], -2)


def document_slots(weights: Weights, ids: Ints, copies: int = 1) -> Iterator[tuple[slice, Floats]]:
    """What each word of a document gives each slot of some filters after others: their places, and (L, n, F).

    Few enough that the contexts of so many `copies` of them take no more than `NUMBERS` numbers.
    """
    products, rows = weights.slots.of(ids)
    first = 0
    for product, n, count in zip(products, weights.config.regions, weights.config.counts, strict=True):
        slots = product[rows[ids]].reshape(len(ids), n, count)
        most = max(NUMBERS // (max(len(ids), n) * (n + 1) * copies), 1)
        for f in range(0, count, most):
            last = min(f + most, count)
            yield slice(first + f, first + last), slots[:, :, f:last]
        first += count
