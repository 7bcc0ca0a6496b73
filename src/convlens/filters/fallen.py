"""The negative n-grams of many filters' best n-grams at once, as word numbers."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl

from convlens.filters.config import CardConfig
from convlens.filters.groups import Groups
from convlens.filters.natural import natural_ngrams, word_columns
from convlens.filters.negatives import below, case_2, neighbours
from convlens.filters.seen import Seen
from convlens.trace import read_slots, summed
from convlens.trace.flat import Ints
from convlens.trace.ngrams import words_in

FALLEN = ("filter", "cluster", "example")  # which n-gram the negatives are of
TOTALS = ("total", "cases")


def fallen_ngrams(
    seen: Seen, groups: Mapping[int, Groups], config: CardConfig, step: Callable[[], None]
) -> dict[int, tuple[pl.DataFrame, pl.DataFrame]]:
    """For each region two frames: totals of each example, and the lowest negatives of each.

    Both have the columns of `FALLEN`; then `total` and `cases` (of case 2), or `score`, `word:J`, `distance`, `case_2`.
    """
    found = {}
    for n in sorted(set(seen.model.config.regions)):
        owners, words = _examples({f: g for f, g in groups.items() if seen.model.config.widths[f] == n}, n)
        if not len(owners):
            continue
        queries, which = np.unique(words, axis=0, return_inverse=True)
        owners = owners.with_columns(pl.Series("query", which.reshape(-1).astype(np.uint32)))
        totals: list[pl.DataFrame] = []
        lowest: list[pl.DataFrame] = []
        for ngrams in natural_ngrams(seen.documents, n):
            for pairs in neighbours(queries, ngrams, config.distance):
                judged = _judged(seen, owners.join(pairs, on="query"), ngrams)
                cases = pl.col("case_2").sum().cast(pl.Int64).alias("cases")
                totals.append(judged.group_by(FALLEN).agg(pl.len().cast(pl.Int64).alias("total"), cases))
                lowest = [_lowest(pl.concat([*lowest, judged]), n, config.negatives)]
            step()
        summed_up = pl.concat(totals).group_by(FALLEN).agg(pl.col(TOTALS).sum())
        found[n] = summed_up, lowest[0]
    return found


def _examples(groups: Mapping[int, Groups], n: int) -> tuple[pl.DataFrame, Ints]:
    """Whose they are, and the examples of the clusters of some filters: (E, n)."""
    rows = [
        (number, cluster, example, words)
        for number, of in groups.items()
        for cluster, group in enumerate(of.largest)
        for example, words in enumerate(group.examples)
    ]
    owners = pl.DataFrame([row[:3] for row in rows], schema=dict.fromkeys(FALLEN, pl.Int64), orient="row")
    return owners, np.array([row[3] for row in rows], np.int64).reshape(-1, n)


def _judged(seen: Seen, pairs: pl.DataFrame, ngrams: pl.DataFrame) -> pl.DataFrame:
    """Of n-grams near examples those that do not pass the example's filter, with their score and case."""
    names = [name for name in ngrams.columns if name.startswith("word:")]
    kept = [_none(names)]
    for rows in _by_filter(pairs):
        number = rows["filter"][0]
        near = ngrams.select(names)[rows["row"].to_numpy()].cast(pl.Int64)
        slots = read_slots(seen.column(number), words_in(near))
        judge = seen.biases[number], float(seen.found.bars[number])
        fallen = below(slots, *judge)
        cases = case_2(slots[fallen], *judge, rows["distance"].to_numpy()[fallen])
        some = rows.select(*FALLEN, "distance").hstack(near).filter(pl.Series(fallen))
        scores = summed(slots[fallen], judge[0]).astype(np.float64)
        kept.append(
            some.with_columns(score=pl.Series(scores), case_2=pl.Series(cases)).select(kept[0].columns)
        )
    return pl.concat(kept)


def _by_filter(pairs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    yield from pairs.partition_by("filter", maintain_order=True)


def _none(names: list[str]) -> pl.DataFrame:
    whole = {name: pl.Int64() for name in (*FALLEN, *names, "distance")}
    return pl.DataFrame(schema={**whole, "score": pl.Float64(), "case_2": pl.Boolean()})


def _lowest(fallen: pl.DataFrame, n: int, most: int) -> pl.DataFrame:
    """The lowest scores of each example, of equals those with lower words."""
    ranked = fallen.sort(*FALLEN, "score", *word_columns(n))
    return ranked.filter(pl.int_range(pl.len()).over(FALLEN) < most)
