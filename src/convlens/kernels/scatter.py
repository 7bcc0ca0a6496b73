"""The kernels that give the words of the winning windows what their slots are worth."""

import numpy as np
from numba import njit, prange

from convlens.kernels.walk import CHUNKS


@njit(parallel=True, cache=True, error_model="numpy")
def scatter_add(starts, places, values, weights, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `values` (documents, k, N) of slots, times `weights` (documents or 1, k, C) of filters, to `scores` (tokens, C).

    `places` (documents, k) are the first words of the windows; slots without a word must have the value 0.
    """
    count, (heads, filters, classes) = starts.shape[0] - 1, weights.shape
    for chunk in prange(CHUNKS):
        for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
            head = weights[min(d, heads - 1)]
            for f in range(filters):
                for j in range(values.shape[2]):
                    value = values[d, f, j]
                    if value != 0:
                        word = starts[d] + places[d, f] + j
                        for c in range(classes):
                            scores[word, c] += value * head[f, c]


@njit(parallel=True, cache=True, error_model="numpy")
def scatter_columns(starts, places, values, columns, vectors):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `values` (documents, k) of filters, times their `columns` (k, N, d), to the words in their slots: (tokens, d).

    Slots beyond the document get nothing; `columns` are 0 beyond a filter's region.
    """
    count, (filters, _, dim) = starts.shape[0] - 1, columns.shape
    flat = vectors.reshape(-1)
    for chunk in prange(CHUNKS):
        for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
            for f in range(filters):
                if places[d, f] >= 0:
                    place = starts[d] + places[d, f]
                    _add_columns(columns, f, values[d, f], flat[place * dim : starts[d + 1] * dim])


@njit(inline="always", cache=True, error_model="numpy")
def _add_columns(columns, f, value, words):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `value` times the columns of a filter (N, d) to so many words (m, d), flat, from the first on."""
    _, slots, dim = columns.shape
    if value != 0:
        flat, first = columns.reshape(-1), f * slots * dim
        for i in range(min(slots * dim, len(words))):
            words[np.uintp(i)] += value * flat[np.uintp(first + i)]


@njit(parallel=True, cache=True, error_model="numpy")
def square_slopes(starts, places, alive, head, columns, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `scores` (tokens, C): the squared length of the sum of `head` (documents or 1, k, C) times `columns` (k, N, d)
    over a word's slots, each filter times its slope in the document, `alive` (documents, k).
    """
    count, (filters, _, dim) = starts.shape[0] - 1, columns.shape
    for chunk in prange(CHUNKS):
        first, last = count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS
        longest = 0
        for d in range(first, last):
            longest = max(longest, starts[d + 1] - starts[d])
        sums = np.empty(longest * dim, columns.dtype)
        for d in range(first, last):
            length = starts[d + 1] - starts[d]
            for c in range(head.shape[2]):
                sums[: length * dim] = 0
                for f in range(filters):
                    if alive[d, f] and places[d, f] >= 0:
                        _add_columns(
                            columns,
                            f,
                            head[min(d, len(head) - 1), f, c] * alive[d, f],
                            sums[places[d, f] * dim : length * dim],
                        )
                for t in range(length):
                    total = columns.dtype.type(0)
                    for i in range(t * dim, (t + 1) * dim):
                        total += sums[np.uintp(i)] * sums[np.uintp(i)]
                    scores[starts[d] + t, c] = total
