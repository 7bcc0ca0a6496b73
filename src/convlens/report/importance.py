"""The words that matter most to the whole model, by each of the three importances."""

import numpy as np
from numpy.typing import NDArray

from convlens.filters import IMPORTANCES, evidence, printed_importance, slot_importance
from convlens.models import Classifier
from convlens.report.data import ImportantWord, ImportantWords
from convlens.report.documents import Attributions
from convlens.text import UNKNOWN, ManyTokens

TOP = 100  # words taken from each order
LETTERS = 80  # shown of a word


def important_words(classifier: Classifier, tokens: ManyTokens, attributions: Attributions) -> ImportantWords:
    """The first `TOP` words of the vocabulary in each order of `IMPORTANCES`, in the order of the vocabulary.

    Evidence is that of the documents shown, by the family's own method.
    """
    first, *_ = attributions.values()
    documents = tokens.documents
    did = evidence(documents, len(classifier.labels), [(tokens.ids, first.scores)])
    by_evidence, row = np.zeros(classifier.tokenizer.size), np.full(classifier.tokenizer.size, -1)
    by_evidence[did.words], row[did.words] = did.moved.mean(1), np.arange(len(did.words))
    by_weights = [
        measure(classifier.model).cpu().numpy() for measure in (printed_importance, slot_importance)
    ]
    values = np.stack([*by_weights, by_evidence], 1)[UNKNOWN + 1 :]  # (V, 3), without the unknown word
    row = row[UNKNOWN + 1 :]
    places = np.stack([_places(column) for column in values.T], 1)
    places[row < 0, IMPORTANCES.index("evidence")] = 0
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


def _places(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each value, the greatest first, from 1; equals go in their order."""
    places = np.empty(len(values), np.int64)
    places[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return places
