"""Matrix B of many documents from their traces, document by document."""

import numpy as np
from numba import njit, prange

CHUNKS = 64  # of documents, dealt to the threads


@njit(parallel=True, cache=True, error_model="numpy")
def scatter(starts, traced, weights, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add every slot's share of every logit to its word: `scores` (tokens, C), by the formula of `words`.

    `starts` (documents + 1,); `traced`: peaks and positions (documents, k), slots (documents, k, N);
    `weights`: region sizes (k,), head (k, C), biases of the filters (k,) and of the head (C,).
    """
    peaks, positions, slots = traced
    widths, head, filter_bias, head_bias = weights
    documents, (filters, classes) = len(starts) - 1, head.shape
    for chunk in prange(CHUNKS):
        for d in range(documents * chunk // CHUNKS, documents * (chunk + 1) // CHUNKS):
            length = starts[d + 1] - starts[d]
            for f in range(filters if length else 0):
                held = min(widths[f], length)
                first = starts[d] + positions[d, f]
                alive = np.float32(peaks[d, f] > 0)
                of_filter = filter_bias[f] / np.float32(held)
                of_head = np.float32(1) / np.float32(held * filters)
                for j in range(held):
                    given = alive * (slots[d, f, j] + of_filter)
                    for c in range(classes):
                        scores[first + j, c] += given * head[f, c] + of_head * head_bias[c]
