"""The kernels that walk documents over a slot table: running maxima of all filters, no scores kept.

A table is (blocks, R * n * 16) float32: filters in blocks of 16, and in each block, for every row (word) and
slot, the 16 scores `<E[v], W_f[:, j]>`. `documents` is `(rows, starts)`: `rows` (tokens,) says where in a block the
row of each word begins, and document d owns `starts[d]` to `starts[d + 1]` of them. The table is that of filters
`filters[0]` to `filters[1]` (exclusive). Out come, for each document and filter, the greatest window sum with the
filter's bias, its first place, and what each slot of it gave. An empty document leaves 0 and -1; one shorter than
n is one window.

`peaks` and `places` are wider than the filters by a block: what the empty lanes of a region's last block leave in the
next filters is overwritten by those.

The region size n is the length of the tuple `region`, so that it is part of a kernel's type: loops over slots
are unrolled, and each size is compiled once and kept on disk.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import (
    LANES,
    add,
    load,
    prefetch,
    spread_float,
    spread_int,
    store,
    where_greater,
)

PREFETCH_DISTANCE = 32  # tokens; their rows come from the last-level cache while others are added
CHUNKS = 64  # of documents, dealt to the threads


@njit(parallel=True, cache=True, error_model="numpy")
def walk(documents, table, region, filters, biases, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `out`: peaks and places (documents, filters + 16), slots (documents, filters, N) or without documents."""
    rows, starts = documents
    peaks, places, slots = out
    flat_peaks, flat_places = peaks.reshape(-1), places.reshape(-1)
    count, width = starts.shape[0] - 1, peaks.shape[1]
    for block in range(table.shape[0]):  # outermost: one block's part of the table fits into the cache
        part, f = table[block], filters[0] + block * LANES
        for chunk in prange(CHUNKS):
            bias = load(biases, f)
            for d in range(count * chunk // CHUNKS, count * (chunk + 1) // CHUNKS):
                best, place = winners(part, rows, (starts[d], starts[d + 1]), region, bias)
                store(flat_peaks, d * width + f, best)
                store(flat_places, d * width + f, place)
                if slots.shape[0]:  # read now, while the rows are in the first cache
                    lanes = slice(f, min(f + LANES, filters[1]))
                    _read_slots(
                        part, rows[starts[d] : starts[d + 1]], places[d, lanes], region, slots[d, lanes]
                    )


@njit(cache=True, error_model="numpy")
def winners(part, rows, document, region, bias):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Greatest sum and its first place for the 16 filters of a block."""
    start, end = document
    if end == start:
        return spread_float(np.float32(0)), spread_int(np.int32(-1))
    if end - start < len(region):
        best = load(part, rows[start])
        for j in range(1, end - start):
            best = add(best, load(part, rows[start + j] + j * LANES))
        return add(best, bias), spread_int(np.int32(0))
    last = rows.shape[0] - 1
    best, place = spread_float(np.float32(-np.inf)), spread_int(np.int32(0))
    for i in range(start, end - len(region) + 1):
        # Unsigned: no number is counted from the end.
        fetched = rows[np.uintp(min(i + PREFETCH_DISTANCE, last))]
        for j in range(len(region)):
            prefetch(part, fetched + j * LANES)
        score = load(part, rows[np.uintp(i)])
        for j in range(1, len(region)):
            score = add(score, load(part, rows[np.uintp(i + j)] + j * LANES))
        place = where_greater(score, best, spread_int(np.int32(i - start)), place)
        best = where_greater(score, best, score, best)
    return add(best, bias), place


@njit(cache=True, error_model="numpy")
def _read_slots(part, rows, places, region, slots):  # type: ignore[no-untyped-def]  # pragma: no cover
    """What each slot of the winning windows gave the filters of a block: `slots` (filters, N), 0 beyond n."""
    held = min(len(region), rows.shape[0])
    for lane in range(slots.shape[0]):
        for j in range(held):
            slots[lane, j] = part[rows[places[lane] + j] + j * LANES + lane]
        for j in range(held, slots.shape[1]):
            slots[lane, j] = 0


def plain_walk(documents, table, region, filters, biases, out):  # type: ignore[no-untyped-def]
    """The same in plain loops without vectors: the oracle that tests hold `walk` to."""
    _plain(documents, table.reshape(len(table), -1, len(region), LANES), filters, biases, out)


def plain(documents, table, filters, biases, out):  # type: ignore[no-untyped-def]
    """Walk over a table (blocks, R, n, 16), one number at a time."""
    rows, starts = documents
    peaks, places, slots = out
    n = table.shape[2]
    words = rows // (n * LANES)
    for d in range(len(starts) - 1):
        start, length = starts[d], starts[d + 1] - starts[d]
        for lane, f in enumerate(range(*filters)):
            part = table[lane // LANES, :, :, lane % LANES]
            best, place = np.float32(0 if length == 0 else -np.inf), -1
            for i in range(max(length - n + 1, 1) if length else 0):
                score = np.float32(0)
                for j in range(min(n, length)):
                    score += part[words[start + i + j], j]
                if score > best:
                    best, place = score, i
            peaks[d, f], places[d, f] = best + (biases[f] if length else np.float32(0)), place
            if len(slots):
                slots[d, f] = 0
                for j in range(min(n, length)):
                    slots[d, f, j] = part[words[start + place + j], j]


_plain = njit(cache=True, error_model="numpy")(plain)
