"""The kernel that gives the words of the winning windows what their slots are worth."""

from numba import njit, prange

from convlens.kernels.walk import CHUNKS


@njit(parallel=True, cache=True, error_model="numpy")
def spread(starts, places, values, weights, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
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
