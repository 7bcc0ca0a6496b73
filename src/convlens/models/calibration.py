"""How probable answers are said to be, and how often they are right."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.data import Corpus, align_to
from convlens.errors import InputError
from convlens.models.classifier import Classifier, aligned

BINS = 10  # of equal width
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Answers in `BINS` bins of their probability (bins,): how many, how probable on average, and which share is right.

    Of one label a text the answer is the predicted class; of several at once each label of each text is one, as probable as it is said to be
    there. `log_loss` is the mean of `-ln p` of what is true (nats), `brier` the mean squared difference between probabilities
    and truth, summed over the classes of one label a text (Brier 1950).
    """

    counts: NDArray[np.int64]
    probability: Numbers
    right: Numbers
    log_loss: float
    brier: float

    @property
    def expected_error(self) -> float:
        """`sum_b (n_b / n) |right_b - probability_b|`: the expected calibration error (Guo et al. 2017)."""
        return float((self.counts * np.abs(self.right - self.probability)).sum() / self.counts.sum())

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        columns = (self.counts.tolist(), self.probability.tolist(), self.right.tolist())
        names = ("answers", "mean_probability", "share_right")
        return {
            "expected_calibration_error": self.expected_error,
            "log_loss": self.log_loss,
            "brier": self.brier,
            "bins": [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)],
        }


@checked
def calibrate(classifier: Classifier, corpus: Corpus) -> Calibration:
    """The calibration of a classifier on labelled rows; `InputError` where there are none, or labels that it does not know."""
    if not len(corpus):
        raise InputError("metrics need labelled rows, there are none: give data with labels")
    if classifier.multilabel:
        rows = align_to(classifier.labels, corpus)
        return _of_sets(classifier.logits(rows.texts).astype(np.float64), rows.membership())
    rows = aligned(classifier, corpus)
    return _of_classes(classifier.logits(rows.texts).astype(np.float64), np.array(rows.labels))


def _of_classes(logits: Numbers, truth: NDArray[np.int64]) -> Calibration:
    raised = logits - logits.max(1, keepdims=True)
    logs = raised - np.log(np.exp(raised).sum(1, keepdims=True))
    probabilities, true = np.exp(logs), np.eye(logits.shape[1])[truth]
    bins = _binned(probabilities.max(1), logits.argmax(1) == truth)
    loss = -logs[np.arange(len(truth)), truth].mean()
    return Calibration(*bins, float(loss), float(np.square(probabilities - true).sum(1).mean()))


def _of_sets(logits: Numbers, truth: NDArray[np.bool_]) -> Calibration:
    probabilities = np.exp(-np.logaddexp(0, -logits))
    loss = np.logaddexp(0, np.where(truth, -logits, logits)).mean()
    bins = _binned(probabilities.reshape(-1), truth.reshape(-1))
    return Calibration(*bins, float(loss), float(np.square(probabilities - truth).mean()))


def _binned(probability: Numbers, right: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """Counts, mean probabilities and shares that are right; 0 where a bin is empty."""
    places = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    probabilities, shares = (
        np.asarray(np.bincount(places, of, BINS) / np.maximum(counts, 1), np.float64)
        for of in (probability, right)
    )
    return counts, probabilities, shares
