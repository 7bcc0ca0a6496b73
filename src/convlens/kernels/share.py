"""The kernels of the exact shares: matrix B while a slot table is walked, matrix A from pooled values.

Classes are taken two at a time, as one value in a register; arrays have an even number of columns for them.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, PAIR, add, load, load_pair, scale, store
from convlens.kernels.walk import CHUNKS, winners


@njit(parallel=True, cache=True, error_model="numpy")
def share_words(documents, table, region, filters, weights, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `out` as `walk` does, and add every slot's share of every logit to its word by the formula of `words`.

    `weights`: biases of the filters (k + 16,), what their peaks must exceed (k + 16,), head (k, C) and its biases over
    k, (C,); `out`: peaks and places (documents, k + 16), scores (tokens, C).
    """
    rows, starts = documents
    biases = weights[0]
    peaks, places, scores = out
    flat_peaks, flat_places = peaks.reshape(-1), places.reshape(-1)
    count, width = starts.shape[0] - 1, peaks.shape[1]
    for block in range(table.shape[0]):
        part, f = table[block], filters[0] + block * LANES
        for chunk in prange(CHUNKS):
            bias = load(biases, f)
            for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
                document = starts[d], starts[d + 1]
                best, place = winners(part, rows, document, region, bias)
                store(flat_peaks, d * width + f, best)
                store(flat_places, d * width + f, place)
                if document[1] > document[0]:
                    lanes = slice(f, min(f + LANES, filters[1]))
                    won = peaks[d, lanes], places[d, lanes], f
                    _add(part, rows, document, region, (won, weights, scores))


@njit(inline="always", cache=True, error_model="numpy")
def _add(part, rows, document, region, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add the shares of one block's winners in one document."""
    (peaks, places, first), (biases, bars, head, even), scores = into
    classes, held = head.shape[1], min(len(region), document[1] - document[0])
    part_of = np.float32(1) / np.float32(held)
    flat_head, flat = head.reshape(-1), scores.reshape(-1)
    for lane in range(len(peaks)):
        f = first + lane
        start = document[0] + places[lane]
        alive, of_filter = np.float32(peaks[lane] > bars[f]), biases[f] * part_of
        for c in range(0, classes, PAIR):
            weight, of_head = load_pair(flat_head, f * classes + c), scale(load_pair(even, c), part_of)
            for j in range(len(region)):
                if j < held:  # a loop of known length, so that it is unrolled
                    term = alive * (part[np.uintp(rows[np.uintp(start + j)] + j * LANES + lane)] + of_filter)
                    to = (start + j) * classes + c
                    store(flat, to, add(load_pair(flat, to), add(of_head, scale(weight, term))))


@njit(parallel=True, cache=True, error_model="numpy")
def share_ngrams(starts, pooled, head, even, scores):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `scores` (documents, k, C) by the formula of `ngrams`, zeros for an empty document."""
    count, (filters, classes) = starts.shape[0] - 1, head.shape
    flat_head, flat = head.reshape(-1), scores.reshape(-1)
    for chunk in prange(CHUNKS):
        for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
            held = np.float32(starts[d + 1] > starts[d])
            for f in range(filters):
                value = pooled[d, f] * held
                for c in range(0, classes, PAIR):
                    weight = load_pair(flat_head, f * classes + c)
                    score = add(scale(weight, value), scale(load_pair(even, c), held))
                    store(flat, (d * filters + f) * classes + c, score)
