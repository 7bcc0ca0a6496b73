"""Negative n-grams: natural ones a word or a few away from one that passes, which do not pass themselves.

Jacovi et al. 2018, section 5.4. N-grams that differ from u in exactly the slots S have its words everywhere else, so they are
found by joining on the other words, once for every set S of up to `distance` slots: never by comparing pairs.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.filters.natural import word_columns
from convlens.trace import Floats, summed
from convlens.trace.flat import Ints

PAIRS = 2**20  # held at a time


def neighbours(queries: Ints, ngrams: pl.DataFrame, distance: int = 1) -> Iterator[pl.DataFrame]:
    """Of different n-grams (Q, n) all those of a frame of different ones that differ in 1 to `distance` words.

    Frames of `query` (the row of `queries`), `row` (of `ngrams`) and `distance`, each pair once; no frame has many more
    rows than `PAIRS`, or than one query has neighbours.
    """
    n = queries.shape[1]
    wanted = pl.DataFrame({name: queries[:, j].astype(np.int32) for j, name in enumerate(word_columns(n))})
    wanted = wanted.with_row_index("query")
    columns = [ngrams[name].to_numpy() for name in word_columns(n)]
    fitting = [_among(column, queries[:, j]) for j, column in enumerate(columns)]
    for size in range(1, min(distance, n) + 1):
        for changed in combinations(range(n), size):
            kept = [j for j in range(n) if j not in changed]
            fits = np.logical_and.reduce([fitting[j] for j in kept]) if kept else np.ones(len(ngrams), bool)
            rows = np.flatnonzero(fits)
            given = {f"word:{j}": columns[j][rows] for j in range(n)}
            yield from _joined(wanted, pl.DataFrame({**given, "row": rows}), changed)


def below(slots: Floats, bias: float, bar: float) -> NDArray[np.bool_]:
    """Which n-grams with these slot activations (M, n) do not pass the threshold: (M,)."""
    low: NDArray[np.bool_] = summed(slots, bias) < bar
    return low


def case_2(slots: Floats, bias: float, bar: float, distance: Ints) -> NDArray[np.bool_]:
    """Which negative n-grams are held down by words that count against them: (M,) from slots (M, n).

    At distance d: the d lowest slots are negative, and without them the score passes the threshold.
    """
    ranked = np.sort(slots, 1)
    taken = np.arange(slots.shape[1]) < distance[:, None]
    without = np.where(taken, 0, ranked).sum(1, dtype=np.float64) + bias
    negative = (np.where(taken, ranked, -1) < 0).all(1)
    return np.asarray(negative & (without >= bar))


def _among(column: NDArray[np.int32], words: Ints) -> NDArray[np.bool_]:
    """Which entries are one of some words."""
    wanted = np.zeros(int(max(column.max(initial=0), words.max(initial=0))) + 1, bool)
    wanted[words] = True
    return wanted[column]


def _joined(wanted: pl.DataFrame, ngrams: pl.DataFrame, changed: Sequence[int]) -> Iterator[pl.DataFrame]:
    """The pairs that differ in just the slots `changed`."""
    names = [name for name in word_columns(wanted.width - 1) if int(name[5:]) not in changed]
    different = pl.all_horizontal(pl.col(f"word:{j}") != pl.col(f"word:{j}_right") for j in changed)
    if names:
        ngrams = ngrams.join(wanted.select(names).unique(), on=names, how="semi")
        degrees = wanted.join(ngrams.group_by(names).len(), on=names, how="left", maintain_order="left")
        pairs = degrees["len"].fill_null(0).cum_sum().to_numpy()
    else:
        pairs = np.arange(1, len(wanted) + 1) * len(ngrams)
    for some in np.split(np.arange(len(wanted)), np.flatnonzero(np.diff(pairs // PAIRS)) + 1):
        part = wanted[some]
        found = part.join(ngrams, on=names) if names else part.join(ngrams, how="cross")
        yield found.filter(different).select("query", "row", pl.lit(len(changed), pl.Int64).alias("distance"))
