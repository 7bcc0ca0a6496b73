"""All windows of a corpus in which a filter reaches a bar: from a slot table, or by one product for each filter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.models import TextCNN
from convlens.text import Documents
from convlens.trace.occurrences import PIECE, hashes, window_places
from convlens.trace.search import LISTS
from convlens.trace.slots import filter_column, home, read_slots, summed

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

MOST = 2**18  # windows of a filter that are looked at
BITS = 32  # of the hash that chooses among more


@dataclass(frozen=True, eq=False)
class Passing:
    """The windows in which one filter's score reaches its bar.

    `windows` is how many there are; `places` (W,) says where they begin among the words of all documents, in order. Where
    there are more than asked for, `share` is below 1, and `places` are those of this share of the n-grams, chosen by a
    hash of their words: all windows of an n-gram or none.
    """

    filter: int
    windows: int
    share: float
    places: Ints


def passing_windows(
    model: TextCNN,
    documents: Documents,
    bars: Floats,
    most: int = MOST,
    *,
    table: "SlotTable | None" = None,
) -> Iterator[Passing]:
    """For every filter with a finite bar, in order, the windows of n words whose sum plus bias is `bars` (k,) or more.

    About `most` windows of each are kept. With a `table` of the whole vocabulary by kernels, 16 filters at a time;
    without, on whatever device and in whatever number type the model has.
    """
    if table is not None:
        yield from _by_table(table, documents, bars, most)
        return
    for number in np.flatnonzero(np.isfinite(bars)).tolist():
        yield _by_product(model, documents, (number, float(bars[number])), most)


def _by_table(table: "SlotTable", documents: Documents, bars: Floats, most: int) -> Iterator[Passing]:
    from convlens.kernels.vectors import LANES

    for words, entries, region, (first, last) in table.over(documents):
        for block, start in enumerate(range(first, last, LANES)):
            lanes = slice(start, min(start + LANES, last))
            padded = np.full(LANES, np.nan, np.float32)
            padded[: lanes.stop - start] = np.where(np.isfinite(bars[lanes]), bars[lanes], np.nan)
            if np.isfinite(padded).any():
                levels = table.biases[start : start + LANES].copy(), padded
                yield from _of_block(words, entries[block], region, levels, (start, most))


def _of_block(
    documents: tuple[Any, Any],
    entries: Floats,
    region: tuple[int, ...],
    levels: tuple[Floats, Floats],
    asked: tuple[int, int],
) -> Iterator[Passing]:
    """Count, choose limits where there are too many, count again, and fill."""
    from numba import get_num_threads

    from convlens.kernels.passing import passing

    start, most = asked
    lists, none = LISTS * get_num_threads(), np.zeros(0, np.int64)
    cursors = np.zeros((lists, len(levels[0])), np.int64)
    limits = np.full(cursors.shape[1], 2**BITS, np.uint64)
    passing(documents, entries, region, (*levels, limits), (cursors, none))
    windows = cursors.sum(0)
    if (windows > most).any():
        limits[windows > most] = (most / windows[windows > most] * 2**BITS).astype(np.uint64)
        cursors[:] = 0
        passing(documents, entries, region, (*levels, limits), (cursors, none))
    ends = cursors.T.cumsum().reshape(cursors.T.shape)  # (16, lists): the windows of a lane lie together
    begin = np.ascontiguousarray((ends - cursors.T).T)
    places = np.empty(max(ends[-1, -1], 1), np.int64)  # of length 0 it would only be counted
    passing(documents, entries, region, (*levels, limits), (begin, places))
    for lane in np.flatnonzero(np.isfinite(levels[1])).tolist():
        mine = places[ends[lane, -1] - cursors[:, lane].sum() : ends[lane, -1]]
        yield Passing(start + lane, int(windows[lane]), float(limits[lane]) / 2**BITS, mine)


def _by_product(model: TextCNN, documents: Documents, wanted: tuple[int, float], most: int) -> Passing:
    """The same for one filter and its bar."""
    number, bar = wanted
    column, bias = filter_column(model, number), float(model.filter_biases[number])
    n, offset, parts = model.config.regions[home(model, number)[0]], 0, [np.zeros(0, np.int64)]
    for piece in documents.pieces(PIECE):
        places = window_places(piece, n)
        scores = summed(read_slots(column, piece.ids[places[:, None] + np.arange(n)]), bias)
        parts.append(places[scores >= bar] + offset)
        offset += len(piece.ids)
    places = np.concatenate(parts)
    limit = 2**BITS if len(places) <= most else int(most / len(places) * 2**BITS)
    kept = hashes([documents.ids[places + j] for j in range(n)], BITS) < limit
    return Passing(number, len(places), limit / 2**BITS, places[kept])
