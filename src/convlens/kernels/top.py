"""The kernel that finds the k best different n-grams of every filter among all windows of a corpus.

Like `walk` it adds up the windows of 16 filters at a time from rows of a table, in a register. Instead of a maximum it
keeps a bar for each filter: the score of its k-th best n-gram so far. A window in which no filter reaches its bar
costs one comparison of vectors; only for the others lists are touched.

Why no n-gram of the k best is lost: n-grams are in a total order, by falling score and then by the numbers of their
words, and the score, bit for bit, follows from the words alone. A list holds the k first of the different n-grams
that its part of the documents has shown, or all of them while these are fewer; then its bar is -inf. A window is
passed over only if its score is below the bar: then k different n-grams come before it here, so also in the whole
corpus. One that reaches its bar is put where the order wants it, unless it stands there already: equal n-grams have
equal scores, so it can only be the last entry that does not come after it. The k first of a union are among the k
first of its parts, so lists can be merged, in any order, and it does not matter how documents are dealt.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.vectors import LANES, add, any_reaches, load, prefetch, store
from convlens.kernels.walk import PREFETCH_DISTANCE


@njit(parallel=True, cache=True, error_model="numpy")
def top(documents, table, region, filters, biases, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill `out`: scores and places (lists, filters, k) and room for (lists, 2, 16) numbers; see `walk` for the rest.

    Lists share the documents. Places are first words of windows among all words, -1 where n-grams ran out.
    """
    rows, starts = documents
    scores, places, room = out
    lists, count = scores.shape[0], starts.shape[0] - 1
    for block in range(table.shape[0]):
        part, f = table[block], filters[0] + block * LANES
        for one in prange(lists):
            lanes = slice(f, min(f + LANES, filters[1]))
            state = scores[one, lanes], places[one, lanes], room[one]
            bar, bias = _begin(state), load(biases, f)
            for d in range(count * one // lists, count * (one + 1) // lists):
                bar = _search(part, rows, (starts[d], starts[d + 1]), region, (bias, bar), state)


@njit(cache=True, error_model="numpy")
def _begin(state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Empty lists, and their bars: none for filters, one that is never reached for the lanes beyond."""
    scores, places, room = state
    scores[:], places[:] = -np.inf, -1
    room[1, : scores.shape[0]] = -np.inf
    room[1, scores.shape[0] :] = np.nan  # -inf and +inf are scores, too
    return load(room.reshape(-1), LANES)


@njit(cache=True, error_model="numpy")
def _search(part, rows, document, region, vectors, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Compare the windows of a document with the bars; the bars after it."""
    (start, end), (bias, bar), last = document, vectors, rows.shape[0] - 1
    for i in range(start, end - len(region) + 1):
        fetched = rows[np.uintp(min(i + PREFETCH_DISTANCE, last))]
        for j in range(len(region)):
            prefetch(part, fetched + j * LANES)
        score = load(part, rows[np.uintp(i)])
        for j in range(1, len(region)):
            score = add(score, load(part, rows[np.uintp(i + j)] + j * LANES))
        score = add(score, bias)
        if any_reaches(score, bar):
            bar = _enter(rows, i, region, score, state)
    return bar


@njit(cache=True, error_model="numpy")
def _enter(rows, place, region, vector, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put a window into the lists of the lanes that reach their bars; the bars after it."""
    scores, places, room = state
    flat = room.reshape(-1)
    store(flat, 0, vector)
    for lane in range(scores.shape[0]):
        if room[0, lane] >= room[1, lane]:
            _insert(rows, (room[0, lane], place), region, scores[lane], places[lane])
            if places[lane, -1] >= 0:
                room[1, lane] = scores[lane, -1]
    return load(flat, LANES)


@njit(cache=True, error_model="numpy")
def _insert(rows, window, region, scores, places):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put a window of one filter where the order wants it, if it is not there."""
    score, place = window
    at = len(scores)
    while at > 0:
        order = 1
        if places[at - 1] >= 0:
            order = 1 if score > scores[at - 1] else -1
            if score == scores[at - 1]:
                order = _order(rows, place, places[at - 1], region)
        if order == 0:
            return
        if order < 0:
            break
        at -= 1
    for i in range(len(scores) - 1, at, -1):
        scores[i], places[i] = scores[i - 1], places[i - 1]
    if at < len(scores):
        scores[at], places[at] = score, place


@njit(cache=True, error_model="numpy")
def _order(rows, a, b, region):  # type: ignore[no-untyped-def]  # pragma: no cover
    """1 where the n-gram at a has the lower words, -1 where that at b has, 0 where they are the same."""
    for j in range(len(region)):
        if rows[a + j] != rows[b + j]:
            return 1 if rows[a + j] < rows[b + j] else -1
    return 0
