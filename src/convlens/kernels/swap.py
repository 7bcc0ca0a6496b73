"""The kernel that swaps every word of a document for many others at once, on a slot table as `walk` reads it.

Without the word at a place, a filter keeps the greatest of the windows that do not hold it, and each window that does
keeps the sum of its other words: `frames` (L, n + 1, filters) hold these, the filter's bias included, -inf where there is no such
window. A word in its stead adds what its slot gives, and the max over the n + 1 is the exact new value.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, add, add_times, load, spread_float, store, total, where_greater

TOGETHER = 256  # candidates of a place: their rows stay in a near cache while the places go by


@njit(parallel=True, cache=True, error_model="numpy")
def swap(table, rows, frames, head, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add to `out` (L, M, R) what the filters of a table give R sums when `rows` (L or 1, M) replace each word.

    `table` (blocks, R * n * 16) as in `walk`, `rows` say where in a block a candidate's row begins, `frames`
    (L, n + 1, blocks * 16), `head` (R, blocks * 16). Compiled once for all n: unrolling would gain little here.
    """
    count, tiles, flat = rows.shape[1], -(-rows.shape[1] // TOGETHER), table.reshape(-1)
    slots, width = frames.shape[1], frames.shape[2]
    around, weights = frames.reshape(-1), head.reshape(-1)
    for tile in prange(tiles):
        pooled = np.empty((TOGETHER + 1) * width, np.float32)
        first, last = tile * TOGETHER, min((tile + 1) * TOGETHER, count)
        for p in range(out.shape[0]):
            mine = rows[min(p, rows.shape[0] - 1)]  # one list for all places, or one each
            for b in range(table.shape[0]):
                frame = p * slots * width + b * LANES
                for m in range(first, last, 2):
                    pair = b * table.shape[1] + mine[m], b * table.shape[1] + mine[min(m + 1, last - 1)]
                    _pool(
                        flat, pair, around, (frame, width, slots), (pooled, (m - first) * width + b * LANES)
                    )
            for m in range(first, last):
                for r in range(head.shape[0]):
                    part = spread_float(np.float32(0))
                    for lane in range(0, width, LANES):
                        value = load(pooled, (m - first) * width + lane)
                        part = add_times(part, value, load(weights, r * width + lane))
                    out[p, m, r] += total(part)


@njit(cache=True, error_model="numpy")
def _pool(table, rows, frames, frame, into):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Values after the ReLU of a pair of candidates, for the 16 filters of a block."""
    (start, width, slots), zero = frame, spread_float(np.float32(0))
    best = load(frames, start)
    other = best
    for j in range(1, slots):
        rest = load(frames, start + j * width)
        score = add(rest, load(table, rows[0] + (j - 1) * LANES))
        best = where_greater(score, best, score, best)
        score = add(rest, load(table, rows[1] + (j - 1) * LANES))
        other = where_greater(score, other, score, other)
    pooled, place = into
    store(pooled, place, where_greater(best, zero, best, zero))
    store(pooled, place + width, where_greater(other, zero, other, zero))
