"""How often a classifier is right, and how often guessing the most common class would be."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convlens.arguments import checked
from convlens.data import Corpus, align_to
from convlens.errors import InputError
from convlens.models.classifier import Classifier, aligned


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


@dataclass(frozen=True)
class LabelMetrics:
    """Of several labels at once: for each label (L,) how many of `rows` have it `truly`, by `prediction`, and by `both`.

    `exact` rows have exactly the labels predicted, and `commonest` have the set of labels that most have.
    """

    labels: tuple[str, ...]
    rows: int
    truly: NDArray[np.int64]
    prediction: NDArray[np.int64]
    both: NDArray[np.int64]
    exact: int
    commonest: int

    @property
    def accuracy(self) -> float:
        """The share of rows whose labels are exactly right (subset accuracy)."""
        return self.exact / max(self.rows, 1)

    @property
    def baseline(self) -> float:
        """The same of always answering the commonest set."""
        return self.commonest / max(self.rows, 1)

    @property
    def hamming(self) -> float:
        """The share of all rows' labels that are right, there or not (1 - Hamming loss)."""
        wrong = (self.truly + self.prediction - 2 * self.both).sum()
        return float(1 - wrong / max(self.rows * len(self.labels), 1))

    @property
    def precision(self) -> NDArray[np.float64]:
        """Per label: the share of its predictions that are right; 0 without predictions."""
        return np.asarray(self.both / np.maximum(self.prediction, 1))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Per label: the share of its rows that are predicted; 0 without rows."""
        return np.asarray(self.both / np.maximum(self.truly, 1))

    @property
    def f1(self) -> NDArray[np.float64]:
        """Per label: harmonic mean of precision and recall, 0 where both are 0."""
        return np.asarray(2 * self.both / np.maximum(self.truly + self.prediction, 1))

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the labels that occur, in truth or prediction."""
        occurs = (self.truly + self.prediction) > 0
        return float(self.f1[occurs].mean()) if occurs.any() else 0.0

    def largest(self, most: int) -> list[int]:
        """The labels with the most documents, true and predicted, at most so many, in their order."""
        return sorted(np.argsort(-(self.truly + self.prediction), kind="stable")[:most].tolist())

    @property
    def micro_f1(self) -> float:
        """F1 of all decisions on labels together."""
        return float(2 * self.both.sum() / max(int((self.truly + self.prediction).sum()), 1))

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON values."""
        columns = {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "rows": self.truly,
            "predicted": self.prediction,
        }
        per_label = zip(*(column.tolist() for column in columns.values()), strict=True)
        return {
            "rows": self.rows,
            "accuracy": self.accuracy,
            "micro_f1": self.micro_f1,
            "macro_f1": self.macro_f1,
            "label_accuracy": self.hamming,
            "majority_baseline": self.baseline,
            "labels": list(self.labels),
            "per_label": [dict(zip(columns, values, strict=True)) for values in per_label],
        }


@checked
def measure_sets(classifier: Classifier, corpus: Corpus) -> LabelMetrics:
    """Predict the labels of a corpus with sets and count; `InputError` for one without, and for unknown labels."""
    if corpus.sets is None or not classifier.multilabel:
        raise InputError(
            f"{corpus.source}: sets of labels are measured of a model of several labels, on rows with sets: call measure for others"
        )
    if not len(corpus):
        raise InputError("metrics need labelled rows, there are none: give data with labels")
    rows = align_to(classifier.labels, corpus)
    return count_sets(rows, classifier.logits(rows.texts) > 0, classifier.labels)


def count_sets(rows: Corpus, predicted: NDArray[np.bool_], labels: tuple[str, ...]) -> LabelMetrics:
    """Metrics of predicted labels (rows, L) against the sets of the rows."""
    truth = rows.membership()
    return LabelMetrics(
        labels,
        len(rows),
        truth.sum(0),
        predicted.sum(0),
        (truth & predicted).sum(0),
        int((truth == predicted).all(1).sum()),
        Counter(rows.sets or ()).most_common(1)[0][1],
    )


@checked
def measure(classifier: Classifier, corpus: Corpus) -> Metrics:
    """Predict a labelled corpus and count; `InputError` for labels that the classifier does not know."""
    rows = aligned(classifier, corpus)
    return count(rows.labels or (), classifier.logits(rows.texts).argmax(1), classifier.labels)


def count(truth: ArrayLike, predicted: ArrayLike, labels: tuple[str, ...]) -> Metrics:
    """Metrics of predicted classes, given as numbers, against the true ones."""
    from sklearn.metrics import confusion_matrix  # takes a second to import

    if not len(np.asarray(truth)):
        raise InputError("metrics need labelled rows, there are none: give data with labels")
    return Metrics(labels, confusion_matrix(truth, predicted, labels=range(len(labels))))


def _share(counts: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.diag(counts) / np.maximum(totals, 1)
