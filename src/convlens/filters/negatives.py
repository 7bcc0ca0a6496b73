"""Negative n-grams: natural ones a word or a few away from one that passes, which do not pass themselves.

Jacovi et al. 2018, section 5.4. N-grams that differ from u in exactly the slots S have its words everywhere else, so they are
found by joining on the other words, once for every set S of up to `distance` slots: never by comparing pairs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.arrays import Floats, Ints
from convlens.filters.clusters import FilterClusters
from convlens.filters.config import CardConfig
from convlens.filters.corpus_view import CorpusView
from convlens.filters.natural import natural_ngrams, word_columns
from convlens.trace import read_slots, summed
from convlens.trace.ngrams import words_in

PAIRS = 2**20  # held at a time
EXAMPLE = ("filter", "cluster", "example")  # which n-gram the negatives are of
TOTALS = ("total", "cases")


def negative_ngrams(
    view: CorpusView, clusters: Mapping[int, FilterClusters], config: CardConfig, step: Callable[[], None]
) -> dict[int, tuple[pl.DataFrame, pl.DataFrame]]:
    """For each region two frames: totals of each example, and the lowest negatives of each.

    Both have the columns of `EXAMPLE`; then `total` and `cases` (of case 2), or `score`, `word:J`, `distance`, `case_2`.
    """
    frames = {}
    for n in sorted(set(view.model.config.regions)):
        examples, words = _examples(
            {f: g for f, g in clusters.items() if view.model.config.widths[f] == n}, n
        )
        if not len(examples):
            continue
        queries, which = np.unique(words, axis=0, return_inverse=True)
        examples = examples.with_columns(pl.Series("query", which.reshape(-1).astype(np.uint32)))
        totals: list[pl.DataFrame] = []
        lowest: list[pl.DataFrame] = []
        for ngrams in natural_ngrams(view.documents, n):
            for pairs in neighbours(queries, ngrams, config.distance):
                judged = _judged(view, examples.join(pairs, on="query"), ngrams)
                cases = pl.col("case_2").sum().cast(pl.Int64).alias("cases")
                totals.append(judged.group_by(EXAMPLE).agg(pl.len().cast(pl.Int64).alias("total"), cases))
                lowest = [_lowest(pl.concat([*lowest, judged]), n, config.negatives)]
            step()
        summed_up = pl.concat(totals).group_by(EXAMPLE).agg(pl.col(TOTALS).sum())
        frames[n] = summed_up, lowest[0]
    return frames


def _examples(clusters: Mapping[int, FilterClusters], n: int) -> tuple[pl.DataFrame, Ints]:
    """Whose they are, and the examples of the clusters of some filters: (E, n)."""
    rows = [
        (number, cluster, example, words)
        for number, of in clusters.items()
        for cluster, ids in enumerate(of.largest)
        for example, words in enumerate(ids.examples)
    ]
    owners = pl.DataFrame([row[:3] for row in rows], schema=dict.fromkeys(EXAMPLE, pl.Int64), orient="row")
    return owners, np.array([row[3] for row in rows], np.int64).reshape(-1, n)


def _judged(view: CorpusView, pairs: pl.DataFrame, ngrams: pl.DataFrame) -> pl.DataFrame:
    """Of n-grams near examples those that do not pass the example's filter, with their score and case."""
    names = [name for name in ngrams.columns if name.startswith("word:")]
    negatives = [_none(names)]
    for rows in _by_filter(pairs):
        number = rows["filter"][0]
        near = ngrams.select(names)[rows["row"].to_numpy()].cast(pl.Int64)
        slots = read_slots(view.column(number), words_in(near))
        judge = view.biases[number], float(view.purities.bars[number])
        fails = below(slots, *judge)
        cases = case_2(slots[fails], *judge, rows["distance"].to_numpy()[fails])
        failing = rows.select(*EXAMPLE, "distance").hstack(near).filter(pl.Series(fails))
        scores = summed(slots[fails], judge[0]).astype(np.float64)
        negatives.append(
            failing.with_columns(score=pl.Series(scores), case_2=pl.Series(cases)).select(
                negatives[0].columns
            )
        )
    return pl.concat(negatives)


def _by_filter(pairs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield from pairs.partition_by("filter", maintain_order=True)


def _none(names: list[str]) -> pl.DataFrame:
    whole = {name: pl.Int64() for name in (*EXAMPLE, *names, "distance")}
    return pl.DataFrame(schema={**whole, "score": pl.Float64(), "case_2": pl.Boolean()})


def _lowest(negatives: pl.DataFrame, n: int, most: int) -> pl.DataFrame:
    """The lowest scores of each example, of equals those with lower words."""
    ranked = negatives.sort(*EXAMPLE, "score", *word_columns(n))
    return ranked.filter(pl.int_range(pl.len()).over(EXAMPLE) < most)


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
            others = [j for j in range(n) if j not in changed]
            fits = (
                np.logical_and.reduce([fitting[j] for j in others]) if others else np.ones(len(ngrams), bool)
            )
            rows = np.flatnonzero(fits)
            words = {f"word:{j}": columns[j][rows] for j in range(n)}
            yield from _joined(wanted, pl.DataFrame({**words, "row": rows}), changed)


def below(slots: Floats, bias: float, bar: float) -> NDArray[np.bool_]:
    """Which n-grams with these slot activations (M, n) do not pass the threshold: (M,)."""
    fails: NDArray[np.bool_] = summed(slots, bias) < bar
    return fails


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
    for queries in np.split(np.arange(len(wanted)), np.flatnonzero(np.diff(pairs // PAIRS)) + 1):
        part = wanted[queries]
        near = part.join(ngrams, on=names) if names else part.join(ngrams, how="cross")
        yield near.filter(different).select("query", "row", pl.lit(len(changed), pl.Int64).alias("distance"))
