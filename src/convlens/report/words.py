"""Words over many documents: what each adds to each class, and those that matter most, by each of the three importances."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.filters import IMPORTANCES, evidence, printed_importance, slot_importance
from convlens.models import Classifier, Foreign
from convlens.report.data import ClassWords, ImportantWord, ImportantWords, WordTotal
from convlens.report.documents import Attributions
from convlens.text import UNKNOWN, ManyTokens

TOP = 100  # words taken from each order of importance
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


def important_words(classifier: Classifier, tokens: ManyTokens, attributions: Attributions) -> ImportantWords:
    """The first `TOP` words of the vocabulary in each order of `IMPORTANCES`, in the order of the vocabulary.

    Evidence is that of the documents shown, by the family's own method.
    """
    first, *_ = attributions.values()
    documents = tokens.documents
    did = evidence(documents, len(classifier.labels), [(tokens.ids, first.scores)])
    by_evidence, row = np.zeros(classifier.tokenizer.size), np.full(classifier.tokenizer.size, -1)
    by_evidence[did.words], row[did.words] = did.moved.mean(1), np.arange(len(did.words))
    values = np.stack([*_by_weights(classifier), by_evidence], 1)[
        UNKNOWN + 1 :
    ]  # (V, 3), without the unknown word
    row = row[UNKNOWN + 1 :]
    places = np.stack([_places(column) for column in values.T], 1)
    places[row < 0, IMPORTANCES.index("evidence")] = 0
    places[np.isnan(values)] = 0
    words = []
    for i in np.flatnonzero(((places > 0) & (places <= TOP)).any(1)).tolist():
        adds = did.adds[row[i]] if row[i] >= 0 else np.zeros(1)
        words.append(
            ImportantWord(
                classifier.tokenizer.words[i][:LETTERS],
                tuple(values[i].tolist()),
                tuple(places[i].tolist()),
                int(did.occurrences[row[i]]) if row[i] >= 0 else 0,
                int(adds.argmax()),
                float(adds.max()),
            )
        )
    return ImportantWords(tuple(words), TOP, len(values), int((row >= 0).sum()))


def _by_weights(classifier: Classifier) -> list[NDArray[np.float64]]:
    """What the weights alone say of each word, by two measures: nothing (NaN) where they are not known."""
    if isinstance(classifier.model, Foreign):
        return [np.full(classifier.tokenizer.size, np.nan)] * 2
    return [measure(classifier.model).cpu().numpy() for measure in (printed_importance, slot_importance)]


def _places(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each value, the greatest first, from 1; equals go in their order."""
    places = np.empty(len(values), np.int64)
    places[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return places
