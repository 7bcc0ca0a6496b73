"""How often a classifier is right, and how often guessing the most common class would be."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convlens.arguments import checked
from convlens.data import Corpus, align_to
from convlens.errors import InputError
from convlens.models.classifier import Classifier


@dataclass(frozen=True)
class Metrics:
    """`confusion` (classes, classes): rows true, columns predicted; the rest follows from it."""

    labels: tuple[str, ...]
    confusion: NDArray[np.int64]

    @property
    def rows(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / max(self.rows, 1))

    @property
    def baseline(self) -> float:
        """Accuracy of always answering the most common true class."""
        return float(self.confusion.sum(1).max() / max(self.rows, 1))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Per class: the share of its predictions that are right; 0 without predictions."""
        return _share(self.confusion, self.confusion.sum(0))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Per class: the share of its documents that are found; 0 without documents."""
        return _share(self.confusion, self.confusion.sum(1))

    @property
    def f1(self) -> NDArray[np.float64]:
        """Per class: harmonic mean of precision and recall, 0 where both are 0."""
        return _share(2 * self.confusion, self.confusion.sum(0) + self.confusion.sum(1))

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that occur, in truth or prediction."""
        seen = (self.confusion.sum(0) + self.confusion.sum(1)) > 0
        return float(self.f1[seen].mean()) if seen.any() else 0.0

    def largest(self, most: int) -> list[int]:
        """The classes with the most documents, true and predicted, at most so many, in their order."""
        totals = self.confusion.sum(0) + self.confusion.sum(1)
        return sorted(np.argsort(-totals, kind="stable")[:most].tolist())

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return {
            "rows": self.rows,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "majority_baseline": self.baseline,
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
        }


@checked
def measure(classifier: Classifier, corpus: Corpus) -> Metrics:
    """Predict a labelled corpus and count; `InputError` for labels that the classifier does not know."""
    aligned = align_to(classifier.labels, corpus)
    return count(aligned.labels or (), classifier.logits(aligned.texts).argmax(1), classifier.labels)


def count(truth: ArrayLike, predicted: ArrayLike, labels: tuple[str, ...]) -> Metrics:
    """Metrics of predicted classes, given as numbers, against the true ones."""
    from sklearn.metrics import confusion_matrix  # takes a second to import

    if not len(np.asarray(truth)):
        raise InputError("metrics need labelled rows, there are none: give data with labels")
    return Metrics(labels, confusion_matrix(truth, predicted, labels=range(len(labels))))


def _share(counts: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diag(counts) / np.maximum(totals, 1)
