"""What each word adds to each class, over many documents."""

from collections.abc import Sequence

import numpy as np

from convlens.arrays import Floats
from convlens.report.data import ClassWords, WordTotal

LETTERS = 80  # shown of a word


class Totals:
    """Sums of scores (words, C), occurrences and documents of words, which `add` fills."""

    def __init__(self, classes: int) -> None:
        self._numbers: dict[str, int] = {}
        self._sums = np.zeros((1024, classes))
        self._counts = np.zeros((1024, 2), dtype=np.int64)  # occurrences, documents

    def add(self, words: Sequence[str], scores: Floats) -> None:
        """Count one document: its words and their scores (words, C)."""
        numbers = self._numbers
        ids = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int64)
        self._grow(len(numbers))
        np.add.at(self._sums, ids, scores)
        unique, counts = np.unique(ids, return_counts=True)
        self._counts[unique] += np.stack([counts, np.ones_like(counts)], 1)

    def strongest(self, label: int, top: int) -> ClassWords:
        """The `top` words for class `label` and the `top` words against it."""
        sums = self._sums[: len(self._numbers), label]
        order, words = np.argsort(-sums, kind="stable"), list(self._numbers)
        positive = [self._row(words, i, label) for i in order[:top] if sums[i] > 0]
        negative = [self._row(words, i, label) for i in order[::-1][:top] if sums[i] < 0]
        return ClassWords(tuple(positive), tuple(negative))

    def _row(self, words: list[str], i: int, label: int) -> WordTotal:
        count, documents = self._counts[i]
        return WordTotal(words[i][:LETTERS], float(self._sums[i, label]), int(count), int(documents))

    def _grow(self, size: int) -> None:
        while len(self._sums) < size:
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
