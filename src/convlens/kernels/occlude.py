"""The kernel that takes every word out of its document at once, on a slot table as `walk` reads it."""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, add, load, scale, spread_float, store, where_greater
from convlens.kernels.walk import CHUNKS


@njit(parallel=True, cache=True, error_model="numpy")
def occlude(documents, table, region, filters, weights, moved):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `moved` (tokens, filters + 16): how far the pooled value of each filter falls without each word.

    `weights` are the biases of the filters and what their peaks must exceed, both (k + 16,); the arguments before are
    those of `walk`. Only windows that hold the word move, by what its slot gave; the max
    without it is the greatest of those before, those after, and these.
    """
    (rows, starts), (biases, bars) = documents, weights
    flat, width, count = moved.reshape(-1), moved.shape[1], starts.shape[0] - 1
    for block in range(table.shape[0]):
        part, f = table[block], filters[0] + block * LANES
        for chunk in prange(CHUNKS):
            first, last = count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS
            longest = 0
            for d in range(first, last):
                longest = max(longest, starts[d + 1] - starts[d])
            sums = np.empty((longest + 1) * LANES, np.float32)
            after = np.empty((longest + 1) * LANES, np.float32)
            levels = load(biases, f), load(bars, f)
            for d in range(first, last):
                document, into = (starts[d], starts[d + 1]), (flat, width, f)
                if document[1] - document[0] < len(region):
                    _short(part, rows, document, levels, into)
                else:
                    _slide(part, rows, document, region, (levels, sums, after), into)


@njit(cache=True, error_model="numpy")
def _short(part, rows, document, levels, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A document that is one window."""
    (start, end), (bias, bar), (flat, width, f) = document, levels, into
    zero = spread_float(np.float32(0))
    peak = bias
    for j in range(end - start):
        peak = add(peak, load(part, rows[start + j] + j * LANES))
    pooled = where_greater(peak, bar, peak, zero)
    for j in range(end - start):
        rest = add(peak, scale(load(part, rows[start + j] + j * LANES), np.float32(-1)))
        fallen = add(pooled, scale(where_greater(rest, bar, rest, zero), np.float32(-1)))
        store(flat, (start + j) * width + f, fallen)


@njit(cache=True, error_model="numpy")
def _slide(part, rows, document, region, state, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A document of one window or more."""
    (start, end), ((bias, bar), sums, after), (flat, width, f) = document, state, into
    length, least = end - start, spread_float(np.float32(-np.inf))
    places, zero = length - len(region) + 1, spread_float(np.float32(0))
    for i in range(places):
        score = load(part, rows[np.uintp(start + i)])
        for j in range(1, len(region)):
            score = add(score, load(part, rows[np.uintp(start + i + j)] + j * LANES))
        store(sums, i * LANES, score)
    store(after, places * LANES, least)
    highest = least
    for i in range(places - 1, -1, -1):
        score = load(sums, i * LANES)
        highest = where_greater(score, highest, score, highest)
        store(after, i * LANES, highest)
    peak, before = add(highest, bias), least
    pooled = where_greater(peak, bar, peak, zero)
    for t in range(length):
        if t >= len(region):
            score = load(sums, (t - len(region)) * LANES)
            before = where_greater(score, before, score, before)
        best = before
        if t + 1 < places:
            score = load(after, (t + 1) * LANES)
            best = where_greater(score, best, score, best)
        for j in range(len(region)):
            if 0 <= t - j < places:
                given_up = load(part, rows[np.uintp(start + t)] + j * LANES)
                score = add(load(sums, (t - j) * LANES), scale(given_up, np.float32(-1)))
                best = where_greater(score, best, score, best)
        best = add(best, bias)
        fallen = add(pooled, scale(where_greater(best, bar, best, zero), np.float32(-1)))
        store(flat, (start + t) * width + f, fallen)
