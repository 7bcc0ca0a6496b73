"""A table that is kept answers texts of any length, until the weights change."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.tolerance import rounding

from convlens import warm
from convlens.explain import METHODS, explain_all
from convlens.kernels import threads_for
from convlens.trace.table import SlotTable

TEXTS = ["A good film", "", "bad music, no plot", "A cold film, number 3, with some music."]
FLAT = [name for name, method in METHODS.items() if method.of_trace is not None]


@pytest.fixture
def fresh(classifier):
    return replace(classifier, model=copy.deepcopy(classifier.model))


@pytest.mark.parametrize("method", FLAT)
def test_answers_are_the_same(fresh, method):
    before = explain_all(fresh, TEXTS, method=method)
    assert warm(fresh)
    for one, other in zip(before, explain_all(fresh, TEXTS, method=method), strict=True):
        absolute = np.abs(one.scores).sum(0) + np.abs(one.logits)
        close = rounding(absolute, len(fresh.weights.filter_biases) * max(fresh.model.config.regions))
        np.testing.assert_allclose(one.scores, other.scores, rtol=0, atol=close)
        np.testing.assert_allclose(one.bias, other.bias, rtol=0, atol=close)


def test_it_is_read_from_the_first_word_on_and_dropped_when_weights_change(fresh, monkeypatch):
    assert (warm(fresh), warm(fresh)) == (True, False)
    traced = []
    monkeypatch.setattr(SlotTable, "traced", lambda *a, f=SlotTable.traced: traced.append(1) or f(*a))
    explain_all(fresh, ["good"])
    assert traced == [1]
    with torch.no_grad():
        fresh.model.embed.weight[2:] *= 2
    explain_all(fresh, ["good"])
    assert traced == [1]
    assert warm(fresh)


def test_what_has_no_table_is_not_kept(fresh, deep_classifier):
    assert not warm(deep_classifier)
    assert not warm(fresh, budget=1000)
    fresh.model.double()
    assert not warm(fresh)


def test_few_words_wake_no_other_thread():
    numba = pytest.importorskip("numba")
    before = numba.get_num_threads()
    for words, threads in ((20, 1), (10**6, before)):
        with threads_for(words):
            assert numba.get_num_threads() == threads
        assert numba.get_num_threads() == before
