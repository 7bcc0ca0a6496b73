"""The kernel that thins a document out: the word without which a logit falls most goes first, then the next."""

import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True, error_model="numpy")
def thin_out(slots, filters, head, steps, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Take `steps` words out of a document, of those whose places are -1; each row of the `head` (Q, k) has a copy of it.

    `slots` (k, N, L) is what each word gives each slot of the filters; `filters` are their region sizes, their biases and what
    their peaks must exceed, (k,) each. `out`: the step in which each word goes, -1 as before for those that stay, and how far the logit
    would fall at last without each of them, (Q, L) both.
    """
    (widths, biases, bars), (places, effects) = filters, out
    for q in prange(len(head)):
        own, room = slots.copy(), np.empty((3, slots.shape[2]), slots.dtype)
        for step in range(steps + 1):
            effects[q] = 0
            for f in range(len(own)):
                if head[q, f] != 0:
                    peak = _without_each(own[f], widths[f], room) + biases[f]
                    pooled = peak if peak > bars[f] else np.float32(0)
                    for t in range(own.shape[2]):
                        left = room[2, t] + biases[f]
                        effects[q, t] += head[q, f] * (pooled - (left if left > bars[f] else np.float32(0)))
            if step < steps:
                word = _first_greatest(effects[q], places[q])
                places[q, word] = step
                own[:, :, word] = 0


@njit(cache=True, error_model="numpy")
def _without_each(slots, n, room):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A filter's peak, biases apart, of its slots (N, L); in the last row of `room` (3, L) that without each word in turn."""
    sums, after, best = room
    length = slots.shape[1]
    if length < n:
        return _short(slots, best)
    places, before = length - n + 1, slots.dtype.type(-np.inf)
    sums[:places] = slots[0, :places]
    for j in range(1, n):
        for i in range(places):
            sums[i] += slots[j, i + j]
    after[places - 1] = sums[places - 1]
    for i in range(places - 2, -1, -1):
        after[i] = max(after[i + 1], sums[i])
    for t in range(length):
        if t >= n:
            before = max(before, sums[t - n])
        best[t] = max(before, after[t + 1]) if t + 1 < places else before
    for j in range(n):
        for i in range(places):
            best[i + j] = max(best[i + j], sums[i] - slots[j, i + j])
    return after[0]


@njit(cache=True, error_model="numpy")
def _short(slots, best):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same of a document that is one window."""
    total = slots.dtype.type(0)
    for j in range(slots.shape[1]):
        total += slots[j, j]
    for j in range(slots.shape[1]):
        best[j] = total - slots[j, j]
    return total


@njit(cache=True, error_model="numpy")
def _first_greatest(effects, places):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The first word that is left and whose effect differs from the greatest by no more than round-off."""
    greatest = effects.dtype.type(-np.inf)
    for t in range(len(effects)):
        if places[t] < 0:
            greatest = max(greatest, effects[t])
    least = greatest - 256 * np.float32(1.1920929e-07) * (1 + abs(greatest))
    for t in range(len(effects)):
        if places[t] < 0 and effects[t] >= least:
            return t
    return 0
