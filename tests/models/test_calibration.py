"""How probable answers are said to be, beside slow sums and scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from tests.toys import toy_corpus

import convlens
from convlens.errors import InputError
from convlens.models.calibration import BINS, _of_classes, _of_sets, calibrate

CASES = st.integers(1, 40).flatmap(
    lambda rows: st.tuples(
        st.lists(st.lists(st.floats(-30, 30), min_size=3, max_size=3), min_size=rows, max_size=rows),
        st.lists(st.integers(0, 2), min_size=rows, max_size=rows),
    )
)


@given(CASES)
def test_one_label_a_text(case):
    logits, truth = np.array(case[0]), np.array(case[1])
    calibration = _of_classes(logits, truth)
    bins = [[] for _ in range(BINS)]
    losses, briers = [], []
    for row, true in zip(logits.tolist(), truth.tolist(), strict=True):
        weights = [math.exp(one - max(row)) for one in row]
        p = [one / sum(weights) for one in weights]
        best = max(range(3), key=p.__getitem__)
        bins[min(int(max(p) * BINS), BINS - 1)].append((max(p), best == true))
        losses.append(math.log(sum(math.exp(one - max(row)) for one in row)) - (row[true] - max(row)))
        briers.append(sum((one - (c == true)) ** 2 for c, one in enumerate(p)))
    if any(abs(q * BINS - round(q * BINS)) < 1e-9 for of_bin in bins for q, _ in of_bin):
        return  # on the edge of a bin round-off decides
    error = sum(abs(sum(r for _, r in one) - sum(q for q, _ in one)) for one in bins) / len(truth)
    assert calibration.counts.tolist() == [len(one) for one in bins]
    assert calibration.expected_error == pytest.approx(error, abs=1e-12)
    assert calibration.log_loss == pytest.approx(sum(losses) / len(losses), abs=1e-9)
    assert calibration.brier == pytest.approx(sum(briers) / len(briers), abs=1e-9)


def test_log_loss_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    logits, truth = generator.normal(size=(50, 4)), generator.integers(0, 4, 50)
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert _of_classes(logits, truth).log_loss == pytest.approx(
        log_loss(truth, probabilities, labels=range(4))
    )
    sets = generator.random((50, 4)) < 0.4
    each = 1 / (1 + np.exp(-logits))
    expected = log_loss(sets.reshape(-1), np.stack([1 - each.reshape(-1), each.reshape(-1)], 1))
    assert _of_sets(logits, sets).log_loss == pytest.approx(expected)
    assert _of_sets(logits, sets).brier == pytest.approx(np.square(each - sets).mean())
    assert _of_sets(logits, sets).counts.sum() == 200


def test_certain_and_right_is_perfect_and_certain_and_wrong_is_not():
    logits, truth = np.array([[40.0, -40.0]] * 10), np.zeros(10, np.int64)
    assert _of_classes(logits, truth).expected_error == pytest.approx(0)
    wrong = _of_classes(logits, 1 - truth)
    assert (wrong.expected_error, wrong.brier) == (pytest.approx(1), pytest.approx(2))
    assert wrong.log_loss == pytest.approx(80)


def test_of_a_classifier(classifier):
    corpus = toy_corpus()
    calibration = convlens.calibrate(classifier, corpus)
    assert calibration.counts.sum() == len(corpus)
    share = (calibration.counts * calibration.right).sum() / len(corpus)
    assert share == pytest.approx(convlens.measure(classifier, corpus).accuracy)
    assert calibration.to_dict()["log_loss"] == calibration.log_loss
    with pytest.raises(InputError, match="metrics need labelled rows"):
        calibrate(classifier, corpus.take(()))
