"""The best n-grams of every filter, as a value that merges."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.arrays import Ints

COUNTS = ("count", "documents")


@dataclass(frozen=True, eq=False)
class TopNgrams:
    """Of each filter its k best different n-grams, best first: those with the highest window sum plus bias.

    An n-gram is n words of one document, n the filter's region; documents with fewer words have none. Equals go by
    the numbers of their words, the lower ones first. `scores` (filters, k) are before the ReLU, `words`
    (filters, k, N) are word numbers, -1 beyond n; `counts` (filters, k) says how often each occurs in the corpus, and
    `documents` in how many documents. Where n-grams ran out stand -inf, -1, 0 and 0.

    `merge` is commutative and associative, and its counts are those of the union: whichever n-gram is among the k best of
    the union is among the k best of each part that has it, as every better one of the part is one of the union.
    """

    scores: NDArray[np.float64]
    words: Ints
    counts: Ints
    documents: Ints

    def merge(self, other: "TopNgrams") -> "TopNgrams":
        """The best of two corpora without a common document, found with the same model and k."""
        both = pl.concat([self.frame, other.frame])
        return TopNgrams.of(best(both, self.scores.shape[1]), self.words.shape)

    @property
    def frame(self) -> pl.DataFrame:
        """One row for each n-gram: `filter`, `score`, `word:J`, `count`, `documents`."""
        filters, ranks = np.nonzero(self.counts)
        rows = ngram_rows(filters, self.scores[filters, ranks], self.words[filters, ranks])
        counts = (pl.Series(name, array[filters, ranks]) for name, array in self._counts.items())
        return rows.with_columns(*counts)

    @classmethod
    def of(cls, frame: pl.DataFrame, shape: Sequence[int]) -> "TopNgrams":
        """From the rows that `best` leaves, counted; `shape` (filters, k, N)."""
        top = cls(
            np.full(shape[:2], -np.inf),
            np.full(shape, -1, np.int64),
            np.zeros(shape[:2], np.int64),
            np.zeros(shape[:2], np.int64),
        )
        filters = frame["filter"].to_numpy()
        at = filters, frame.select(pl.int_range(pl.len()).over("filter")).to_series().to_numpy()
        top.scores[at], top.words[at] = frame["score"].to_numpy(), words_in(frame)
        for name, array in top._counts.items():
            array[at] = frame[name].to_numpy()
        return top

    @property
    def _counts(self) -> dict[str, Ints]:
        return dict(zip(COUNTS, (self.counts, self.documents), strict=True))


def ngram_rows(filters: Ints, scores: NDArray[np.floating[Any]], words: Ints) -> pl.DataFrame:
    """N-grams as the rows of a frame: `filter`, `score`, `word:J`, from (M,), (M,) and (M, N)."""
    columns = {f"word:{j}": words[:, j] for j in range(words.shape[1])}
    return pl.DataFrame({"filter": filters, "score": scores.astype(np.float64), **columns})


def words_in(frame: pl.DataFrame) -> Ints:
    """Word numbers of the n-grams of a frame: (M, N)."""
    return frame.select("^word:.*$").to_numpy().astype(np.int64, copy=False)


def best(frame: pl.DataFrame, k: int, by: str = "score") -> pl.DataFrame:
    """The k different n-grams of each filter with the highest `by`, of equals those with lower words; counts of the same are added.

    Where torch gave the same n-gram scores that differ in their last bits, the highest stands.
    """
    words = [name for name in frame.columns if name.startswith("word:")]
    sums = [pl.col(name).sum() for name in COUNTS if name in frame.columns]
    one = frame.group_by("filter", *words).agg(pl.col(by).max(), *sums)
    ranked = one.sort("filter", by, *words, descending=[False, True, *(False for _ in words)])
    return ranked.filter(pl.int_range(pl.len()).over("filter") < k).select(frame.columns)
