"""The kernels that give the words of the winning windows what their slots are worth."""

import numpy as np
from numba import njit, prange

from convlens.kernels.walk import CHUNKS


@njit(parallel=True, cache=True, error_model="numpy")
def scatter_add(starts, places, values, weights, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `values` (documents, k, N) of slots, times `weights` (k, C) of filters, to `scores` (tokens, C).

    `places` (documents, k) are the first words of the windows; slots without a word must have the value 0.
    """
    count, (filters, classes) = starts.shape[0] - 1, weights.shape
    for chunk in prange(CHUNKS):
        for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
            for f in range(filters):
                for j in range(values.shape[2]):
                    value = values[d, f, j]
                    if value != 0:
                        word = starts[d] + places[d, f] + j
                        for c in range(classes):
                            scores[word, c] += value * weights[f, c]


@njit(parallel=True, cache=True, error_model="numpy")
def scatter_columns(starts, places, values, columns, vectors):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `values` (documents, k) of filters, times their `columns` (k, N, d), to the words in their slots: (tokens, d).

    Slots beyond the document get nothing; `columns` are 0 beyond a filter's region.
    """
    count, (filters, slots, dim) = starts.shape[0] - 1, columns.shape
    for chunk in prange(CHUNKS):
        for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
            for f in range(filters):
                value = values[d, f]
                if value != 0 and places[d, f] >= 0:
                    first = starts[d] + places[d, f]
                    for j in range(min(slots, starts[d + 1] - first)):
                        for i in range(dim):
                            vectors[first + j, i] += value * columns[f, j, i]


@njit(parallel=True, cache=True, error_model="numpy")
def square_slopes(starts, places, alive, head, columns, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `scores` (tokens, C): the squared length of the sum of `head` (k, C) times `columns` (k, N, d) over a word's slots.

    Of the filters that are `alive` (documents, k) in its document.
    """
    count, (filters, slots, dim) = starts.shape[0] - 1, columns.shape
    for chunk in prange(CHUNKS):
        first, last = count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS
        longest = 0
        for d in range(first, last):
            longest = max(longest, starts[d + 1] - starts[d])
        sums = np.empty((longest, dim), columns.dtype)
        for d in range(first, last):
            length = starts[d + 1] - starts[d]
            for c in range(head.shape[1]):
                sums[:length] = 0
                for f in range(filters):
                    if alive[d, f] and places[d, f] >= 0:
                        value = head[f, c]
                        for j in range(min(slots, length - places[d, f])):
                            for i in range(dim):
                                sums[places[d, f] + j, i] += value * columns[f, j, i]
                for t in range(length):
                    scores[starts[d] + t, c] = (sums[t] * sums[t]).sum()
