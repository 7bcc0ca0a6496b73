"""The words that matter most to the whole model, by each of the three importances."""

import numpy as np
from numpy.typing import NDArray

from convlens.files import printable
from convlens.filters import IMPORTANCES, weighed
from convlens.models import Classifier
from convlens.report.data import ImportantWord, ImportantWords
from convlens.report.documents import Found
from convlens.text import ManyTokens

TOP = 100  # words taken from each order
LETTERS = 80  # shown of a word


def important_words(classifier: Classifier, tokens: ManyTokens, found: Found) -> ImportantWords:
    """The first `TOP` words of the vocabulary in each order of `IMPORTANCES`, in the order of the vocabulary.

    Evidence is that of the documents shown, by the family's own method.
    """
    first, *_ = found.values()
    every = weighed(classifier, len(tokens), [(tokens.ids, first.scores)])
    frame = every.slice(1)  # without the unknown word
    occurs = frame["occurrences"].to_numpy() > 0
    places = np.stack([_places(frame[name].to_numpy()) for name in IMPORTANCES], 1)  # (V, 3)
    places[~occurs, IMPORTANCES.index("evidence")] = 0
    chosen = np.flatnonzero(((places > 0) & (places <= TOP)).any(1))
    names = [f"adds:{printable(label)}" for label in classifier.labels]
    rows = frame[chosen].iter_rows(named=True)
    words = tuple(_word(row, places[i].tolist(), names) for i, row in zip(chosen, rows, strict=True))
    return ImportantWords(words, TOP, len(frame), int(occurs.sum()))


def _places(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each value, the greatest first, from 1; equals go in their order."""
    places = np.empty(len(values), np.int64)
    places[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return places


def _word(row: dict[str, float], places: list[int], names: list[str]) -> ImportantWord:
    adds = [row[name] for name in names]
    best = max(range(len(adds)), key=adds.__getitem__)
    return ImportantWord(
        str(row["word"])[:LETTERS],
        tuple(row[name] for name in IMPORTANCES),
        tuple(places),
        int(row["occurrences"]),
        best,
        adds[best],
    )
