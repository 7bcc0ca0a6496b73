"""The kernel that collects the windows in which filters reach their bars.

Like `walk` it adds up the windows of 16 filters at a time from rows of a table. It runs twice: first it counts, and
once room for all is made, it fills. Where a filter would have too many, only some of its n-grams are taken, by a hash
of their words: all windows of an n-gram or none, so that the counts of those taken are those of the corpus.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, add, any_reaches, load, prefetch, store
from convlens.kernels.walk import PREFETCH_DISTANCE

ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio
HALF = np.uint64(32)
WHOLE = np.uint64(2**32)  # a limit that every hash is below


@njit(parallel=True, cache=True, error_model="numpy")
def passing(documents, part, region, levels, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the windows that reach, or write where they begin, for the 16 filters of one block of a table.

    `documents` and `region` as in `walk`; `levels` are biases (16,), bars (16,), which lanes without a filter never reach as
    NaN, and limits (16,), below which the hash of an n-gram must be. `out`: cursors (lists, 16), which move on by one
    for each window found, and places, written where the cursors are, or of length 0. Lists share the documents.
    """
    rows, starts = documents
    cursors, places = out
    lists, count = cursors.shape[0], starts.shape[0] - 1
    for one in prange(lists):
        room = np.empty(LANES, np.float32)
        for d in range(count * one // lists, count * (one + 1) // lists):
            _search(part, rows, (starts[d], starts[d + 1]), region, levels, (cursors[one], places, room))


@njit(cache=True, error_model="numpy")
def _search(part, rows, document, region, levels, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The windows of a document."""
    (start, end), last = document, rows.shape[0] - 1
    bias, bar = load(levels[0], 0), load(levels[1], 0)
    for i in range(start, end - len(region) + 1):
        fetched = rows[np.uintp(min(i + PREFETCH_DISTANCE, last))]
        for j in range(len(region)):
            prefetch(part, fetched + j * LANES)
        score = load(part, rows[np.uintp(i)])
        for j in range(1, len(region)):
            score = add(score, load(part, rows[np.uintp(i + j)] + j * LANES))
        score = add(score, bias)
        if any_reaches(score, bar):
            _enter(rows, i, region, score, levels, into)


@njit(cache=True, error_model="numpy")
def _enter(rows, place, region, score, levels, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count or write a window for the lanes that reach."""
    (_, bars, limits), (cursor, places, room) = levels, into
    store(room, 0, score)
    for lane in range(LANES):
        if room[lane] >= bars[lane]:
            if limits[lane] < WHOLE and _hashed(rows, place, region) >= limits[lane]:
                continue
            if places.shape[0]:
                places[cursor[lane]] = place
            cursor[lane] += 1


@njit(cache=True, error_model="numpy")
def _hashed(rows, place, region):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A number below 2^32 for the words of a window, as `trace.occurrences.hashes` makes it."""
    total, size = np.uint64(0), len(region) * LANES
    for j in range(len(region)):
        total = (total + np.uint64(rows[place + j] // size)) * ODD
    return total >> HALF
