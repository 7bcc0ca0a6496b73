"""The global view against eq. 13 of Xu & Du written in plain numbers."""

import math
import sys

import numpy as np
from hypothesis import given
from tests.padded import ask, trace
from tests.shallow import documents, models

from convlens.explain import METHODS, explain, loss_change
from convlens.models import pad


def slow(row: list[float], logits: list[float], label: int) -> float:
    def loss(values: list[float]) -> float:
        return math.log1p(sum(math.exp(v - values[label]) for i, v in enumerate(values) if i != label))

    full = loss(logits)
    change = (loss([o - b for o, b in zip(logits, row, strict=True)]) - full) / full
    return min(max(change, -5), 5)


@given(models(), documents)
def test_scores_are_the_clipped_changes_of_the_loss(model, found):
    traced = trace(model, pad(found))
    scores, shares = (ask(name, model, pad(found)).scores for name in ("loss-change", "words"))
    for row, document in enumerate(found):
        logits = traced.logits[row].tolist()
        if max(logits) - min(logits) > 500:  # beyond the exponential of plain numbers
            continue
        for t in range(len(document)):
            expected = [slow(shares[row, t].tolist(), logits, y) for y in range(model.classes)]
            np.testing.assert_allclose(scores[row, t], expected, rtol=1e-9, atol=1e-9)
    assert (scores[pad(found) == 0] == 0).all()


def test_a_certain_prediction_gives_no_infinite_change():
    shares, logits = np.array([[900.0, 0.0], [0.0, 0.0]]), np.array([900.0, 0.0])
    expected = [[5, math.log(2) / 900 - 1], [0, 0]]
    np.testing.assert_allclose(loss_change(shares, logits), expected)


def test_thousands_of_classes_are_scored_in_one_go():
    """Each class of its own would look at millions of pairs for every word."""
    rng = np.random.default_rng(0)
    shares, logits = rng.normal(size=(40, 3000)), rng.normal(size=3000) * 9
    found = loss_change(shares, logits)
    for row, label in ((0, 0), (7, 2999), (39, int(logits.argmax()))):
        expected = slow(shares[row].tolist(), logits.tolist(), label)
        np.testing.assert_allclose(found[row, label], expected, rtol=1e-9)
    counts = []
    for classes in (3, 3000):
        calls = [0]
        sys.setprofile(lambda frame, event, arg, calls=calls: calls.__setitem__(0, calls[0] + 1))
        loss_change(shares[:, :classes], logits[:classes])
        sys.setprofile(None)
        counts.append(calls[0])
    assert counts[0] == counts[1]


def test_the_old_name_works_still(classifier):
    old, new = (
        explain(classifier, "A superb film", method=name) for name in ("leave-one-out", "loss-change")
    )
    np.testing.assert_array_equal(old.scores, new.scores)
    assert "leave-one-out" not in METHODS
