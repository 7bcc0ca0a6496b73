"""Variances of n-grams among classes, and what is decided without the even ones: against matrix A itself."""

from importlib import import_module

import numpy as np
import pytest

from convlens.explain import VarianceCut, choose_cut, explain_all, ngram_variances, variance_sweep
from convlens.explain.discriminative import AT_ONCE
from convlens.text import Documents
from convlens.trace import Trace, trace_texts


def made_up(rng, documents=40, filters=7, classes=3):
    weights, biases = rng.normal(size=(filters, classes)), rng.normal(size=classes)
    peaks = rng.normal(size=(documents, filters))
    logits = np.maximum(peaks, 0) @ weights + biases
    whole = Documents(np.arange(documents), np.arange(documents + 1))
    return Trace(whole, peaks, np.zeros(peaks.shape, np.int32), logits), weights, biases


def matrix_a(peaks, weights, biases):
    return np.maximum(peaks, 0)[:, None] * weights + biases / len(weights)


def test_variances_are_those_of_the_rows_of_matrix_a(classifier, corpus):
    traced, head = trace_texts(classifier, corpus.texts[:5]), classifier.model.head
    weights, biases = head.weight.detach().T.numpy(), head.bias.detach().numpy()
    found = ngram_variances(np.maximum(traced.peaks, 0), weights, biases)
    explained = explain_all(classifier, corpus.texts[:5], method="ngrams")
    np.testing.assert_allclose(found, [one.scores.var(1) for one in explained], atol=1e-6)


@pytest.mark.parametrize("at_once", [7, AT_ONCE])
def test_cuts_say_what_matrix_a_decides_without_the_dropped_rows(monkeypatch, at_once):
    monkeypatch.setattr(import_module("convlens.explain.discriminative"), "AT_ONCE", at_once)
    rng = np.random.default_rng(3)
    traced, weights, biases = made_up(rng)
    labels = rng.integers(3, size=40).tolist()
    found = variance_sweep(traced, weights, biases, labels)
    assert len({cut.epsilon for cut in found}) == len(found) > 5
    for cut in found:
        dropped, same, right = 0, 0, 0
        for peaks, logits, label in zip(traced.peaks, traced.logits, labels, strict=True):
            rows = [row for row in matrix_a(peaks, weights, biases) if row.var() > cut.epsilon]
            dropped += len(weights) - len(rows)
            decided = int(np.sum(rows, 0).argmax()) if rows else 0
            same, right = same + (decided == logits.argmax()), right + (decided == label)
        assert cut.dropped == pytest.approx(dropped / traced.peaks.size)
        assert (cut.same, cut.accuracy) == (same / 40, right / 40)


def test_nothing_is_cut_of_nothing():
    traced, weights, biases = made_up(np.random.default_rng(0))
    assert variance_sweep(traced, weights, biases)[0] == VarianceCut(0.0, 0.0, 1.0, None)
    empty = Documents(np.zeros(0, np.int64), np.zeros(41, np.int64))
    assert variance_sweep(Trace(empty, traced.peaks, traced.positions, traced.logits), weights, biases) == ()


def test_the_fitting_cut_drops_most_and_keeps_the_decisions():
    found = [
        VarianceCut(0.0, 0, 1, None),
        VarianceCut(1.0, 0.5, 0.97, None),
        VarianceCut(2.0, 0.9, 0.95, None),
        VarianceCut(3.0, 0.99, 0.6, None),
    ]
    assert choose_cut(found) == 2
    assert choose_cut(found[:1] + found[3:]) == 1
    assert choose_cut(()) == 0
