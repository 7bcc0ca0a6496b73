"""The kernels that walk documents over a slot table: running maxima of all filters, no scores kept.

A table part is (blocks, R * n * 16) float32: filters in blocks of 16, and in each block, for every row
(word) and slot, the 16 scores `<E[v], W_f[:, j]>`. Words are rows of it, document d being
`words[starts[d] : starts[d + 1]]`. Out come, for each document and filter, the greatest window sum, its first
place, and what each slot of it gave. An empty document leaves 0 and -1; one shorter than n is one window.

The region size n is the length of the tuple `region`, so that it is part of a kernel's type: loops over slots
are unrolled, and each size is compiled once and kept on disk.
"""

import numpy as np
from numba import njit, prange

from convlens.trace.vectors import (
    LANES,
    add,
    load,
    prefetch,
    spread_float,
    spread_int,
    store,
    where_greater,
)

AHEAD = 32  # tokens; their rows come from the last-level cache while others are added
CHUNKS = 64  # of documents, dealt to the threads
LINE = 16  # float32 in a cache line


@njit(parallel=True, cache=True, error_model="numpy")
def walk(table, words, starts, region, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `out`: peaks and places (documents, blocks * 16), slots (documents, filters, n) or without documents."""
    peaks, places, slots = out
    documents, width = starts.shape[0] - 1, peaks.shape[1]
    flat_peaks, flat_places = peaks.reshape(-1), places.reshape(-1)
    for block in range(table.shape[0]):  # outermost: one block's part of the table fits into the cache
        part, first_filter = table[block], block * LANES
        for chunk in prange(CHUNKS):
            for d in range(documents * chunk // CHUNKS, documents * (chunk + 1) // CHUNKS):
                start, length = starts[d], starts[d + 1] - starts[d]
                best, place = _winners(part, words, start, length, region)
                store(flat_peaks, d * width + first_filter, best)
                store(flat_places, d * width + first_filter, place)
                if slots.shape[0]:  # read now, while the rows are in the first cache
                    lanes = min(LANES, slots.shape[1] - first_filter)
                    some = slice(first_filter, first_filter + lanes)
                    _read_slots(part, words[start : start + length], places[d, some], region, slots[d, some])


@njit(cache=True, error_model="numpy")
def _winners(part, words, start, length, region):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Greatest sum and its first place for the 16 filters of a block."""
    row, last = len(region) * LANES, words.shape[0] - 1
    best, place = spread_float(np.float32(-np.inf)), spread_int(np.int32(0))
    for i in range(length - len(region) + 1):
        coming = np.intp(words[min(start + i + AHEAD, last)]) * row
        for line in range(0, row, LINE):
            prefetch(part, coming + line)
        score = load(part, np.intp(words[start + i]) * row)
        for j in range(1, len(region)):
            score = add(score, load(part, np.intp(words[start + i + j]) * row + j * LANES))
        place = where_greater(score, best, spread_int(np.int32(i)), place)
        best = where_greater(score, best, score, best)
    if length == 0:
        return spread_float(np.float32(0)), spread_int(np.int32(-1))
    if length < len(region):
        best = load(part, np.intp(words[start]) * row)
        for j in range(1, length):
            best = add(best, load(part, np.intp(words[start + j]) * row + j * LANES))
    return best, place


@njit(cache=True, error_model="numpy")
def _read_slots(part, words, places, region, slots):  # type: ignore[no-untyped-def]  # pragma: no cover
    """What each slot of the winning windows gave the filters of a block: `slots` (filters, N), 0 beyond n."""
    held = min(len(region), words.shape[0])
    for lane in range(slots.shape[0]):
        for j in range(held):
            v = np.intp(words[places[lane] + j])
            slots[lane, j] = part[(v * len(region) + j) * LANES + lane]
        for j in range(held, slots.shape[1]):
            slots[lane, j] = 0


def plain_walk(table, words, starts, region, out):  # type: ignore[no-untyped-def]
    """The same in plain loops without vectors: the oracle that tests hold `walk` to."""
    _plain(table.reshape(len(table), -1, len(region), LANES), words, starts, out)


def plain(table, words, starts, out):  # type: ignore[no-untyped-def]
    """Walk over a table (blocks, R, n, 16), one number at a time."""
    peaks, places, slots = out
    n = table.shape[2]
    for d in range(len(starts) - 1):
        first, length = starts[d], starts[d + 1] - starts[d]
        for f in range(peaks.shape[1]):
            part = table[f // LANES, :, :, f % LANES]
            peaks[d, f], places[d, f] = (0 if length == 0 else -np.inf), -1
            for i in range(max(length - n + 1, 1) if length else 0):
                score = np.float32(0)
                for j in range(min(n, length)):
                    score += part[words[first + i + j], j]
                if score > peaks[d, f]:
                    peaks[d, f], places[d, f] = score, i
            if f < slots.shape[1]:
                slots[d, f] = 0
                for j in range(min(n, length)):
                    slots[d, f, j] = part[words[first + places[d, f] + j], j]


_plain = njit(cache=True, error_model="numpy")(plain)
