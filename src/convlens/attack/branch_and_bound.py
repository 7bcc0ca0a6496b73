"""Branch and bound over documents with several edits: free words are decided one by one, what a bound proves safe is cut off."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.attack.bounds import IntervalBounds


@dataclass(frozen=True)
class Start:
    """All ways to delete some of `words` words and free others, `edits` together, of documents read up to `most` words.

    A free word may stay as it is, so fewer edits are among them.
    """

    words: int
    most: int
    edits: int

    @property
    def _shapes(self) -> Iterator[tuple[int, int, int]]:
        """Words deleted, words left, and words of those that are free."""
        for gone in range(min(self.edits, self.words) + 1):
            left = min(self.words - gone, self.most)
            yield gone, left, min(self.edits - gone, left)

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(comb(self.words, gone) * comb(left, free) for gone, left, free in self._shapes)

    def documents(self) -> Iterator[tuple[Ints, Ints]]:
        """For each number of deletions, which words are gone (B, D) and the rows of `IntervalBounds` (B, L')."""
        for gone, left, free in self._shapes:
            away = _sets(self.words, gone)
            stay = np.ones((len(away), self.words), bool)
            stay[np.arange(len(away))[:, None], away] = False
            rows = np.nonzero(stay)[1].reshape(len(away), self.words - gone)[:, :left]
            freed = _sets(left, free)
            each = np.repeat(rows, len(freed), 0)
            each[np.arange(len(each))[:, None], np.tile(freed, (len(away), 1))] += self.words
            yield np.repeat(away, len(freed), 0), each


def _sets(count: int, size: int) -> Ints:
    """All sets of so many of `count` things: (sets, size)."""
    sets: Ints = np.array(list(combinations(range(count), size)), dtype=np.int64).reshape(
        comb(count, size), size
    )
    return sets


class BranchAndBound:
    """The documents that no bound proves safe, as they are found.

    `least` is a lower bound for the margins of all that were bounded first, `all` tells whether none was left out for the budget.
    """

    def __init__(
        self,
        bounds: IntervalBounds,
        start: Start,
        differences: tuple[Floats, Floats],
        safe: float,
        budget: int,
    ) -> None:
        self.bounds, self.start, self.differences, self.safe = bounds, start, differences, safe
        self.left, self.all, self.least = budget, True, np.inf

    def near(self) -> Iterator[tuple[list[int], list[int]]]:
        """Words gone and rows of every decided document whose margin is not clearly above `safe`."""
        for gone, rows in self.start.documents():
            yield from self._branches(gone, rows)

    def _branches(self, gone: Ints, rows: Ints) -> Iterator[tuple[list[int], list[int]]]:
        first = True
        while len(rows) and self.all:
            lowest = self.bounds.lowest(rows, self.differences)
            self.least = min(self.least, float(lowest.min())) if first else self.least
            first, open_ = False, lowest <= self.safe
            self.left -= len(rows)
            gone, rows = gone[open_], rows[open_]
            places = self.bounds.free(rows)
            decided = places == rows.shape[1]
            yield from zip(gone[decided].tolist(), rows[decided].tolist(), strict=True)
            gone, rows, places = gone[~decided], rows[~decided], places[~decided]
            more = len(rows) * (self.bounds.each + 1)
            if len(rows) and (not self.bounds.choosable or more > self.left):
                self.all = False
            elif len(rows):
                gone = np.repeat(gone, self.bounds.each + 1, 0)
                rows = self.bounds.decided(rows, places)
