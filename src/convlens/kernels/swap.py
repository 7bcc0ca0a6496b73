"""The kernel that swaps every word of a document for many others at once, on a slot table as `walk` reads it.

Without the word at a place, a filter keeps the greatest of the windows that do not hold it, and each window that does
keeps the sum of its other words: `frames` (L, n + 1, filters) hold these, the filter's bias included, -inf where there is no such
window. A word in its stead adds what its slot gives, and the max over the n + 1 is the exact new value.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, add, add_times, load, spread_float, store, total, where_greater

TOGETHER = 64  # candidates of a place: their rows stay in a near cache while the places go by


@njit(parallel=True, cache=True, error_model="numpy")
def swap(table, rows, frames, head, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add to `out` (L, M, R) what the filters of a table give R sums when `rows` (L or 1, M) replace each word.

    `table` (blocks, R * n * 16) as in `walk`, `rows` say where in a block a candidate's row begins, `frames`
    (L, n + 1, blocks * 16), `head` (R, blocks * 16). Compiled once for all n: unrolling would gain little here.
    """
    count, tiles = rows.shape[1], -(-rows.shape[1] // TOGETHER)
    for tile in prange(tiles):
        pooled = np.empty(TOGETHER * head.shape[1], np.float32)
        first, last = tile * TOGETHER, min((tile + 1) * TOGETHER, count)
        for p in range(out.shape[0]):
            mine = rows[min(p, rows.shape[0] - 1), first:last]  # one list for all places, or one each
            _pool(table, mine, frames[p], pooled)
            _sum(pooled, head, out[p, first:last])


@njit(cache=True, error_model="numpy")
def _pool(table, rows, frames, pooled):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Values after the ReLU of every candidate at one place: (candidates, blocks * 16), flat."""
    flat, frame, zero = table.reshape(-1), frames.reshape(-1), spread_float(np.float32(0))
    slots, width = frames.shape[0] - 1, frames.shape[1]
    for b in range(table.shape[0]):
        start = b * table.shape[1]
        for m in range(rows.shape[0]):
            row = start + rows[np.uintp(m)]
            best = load(frame, b * LANES)
            for j in range(slots):
                score = add(load(frame, (j + 1) * width + b * LANES), load(flat, row + j * LANES))
                best = where_greater(score, best, score, best)
            store(pooled, m * width + b * LANES, where_greater(best, zero, best, zero))


@njit(cache=True, error_model="numpy")
def _sum(pooled, head, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add `<head_r, pooled>` of every candidate to `out` (candidates, R)."""
    weights, width = head.reshape(-1), head.shape[1]
    for m in range(out.shape[0]):
        for r in range(head.shape[0]):
            part = spread_float(np.float32(0))
            for b in range(0, width, LANES):
                part = add_times(part, load(pooled, m * width + b), load(weights, r * width + b))
            out[m, r] += total(part)
