"""Slot activations against torch's convolution, and possible n-grams against all there are."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.filters.small import score_of, slots_of, weights
from tests.shallow import WORDS, models

from convlens.filters import gap, ngram_scores, possible_ngrams, slot_vectors
from convlens.filters.slots import best_words
from convlens.trace import filter_column
from convlens.trace.table import SlotTable


def ngrams(draw, n):
    rows = draw(st.lists(st.lists(st.integers(1, WORDS - 1), min_size=n, max_size=n), max_size=5))
    return np.array(rows, np.int64).reshape(-1, n)


@settings(max_examples=25)
@given(st.data(), models())
def test_slots_and_bias_sum_to_the_convolution(data, model):
    for n, conv in zip(model.config.regions, model.convolutions, strict=True):
        words = ngrams(data.draw, n)
        numbers = [f for f, width in enumerate(model.config.widths) if width == n]
        slots = np.stack([slot_vectors(model, f, words) for f in numbers], 1)  # (M, F, n)
        with torch.no_grad():
            scores = conv(model.embed(torch.from_numpy(words)).transpose(1, 2))[:, :, 0].numpy()
        biases = np.array([weights(model)[f][1] for f in numbers])
        np.testing.assert_allclose(slots.sum(2) + biases, scores, atol=1e-12)
        np.testing.assert_allclose(ngram_scores(model, words), scores, atol=1e-12)


@settings(max_examples=8)
@given(st.data(), models())
def test_a_table_gives_the_same_slots(data, model):
    model = model.float()
    table = SlotTable(model)
    for f, n in enumerate(model.config.widths):
        words = ngrams(data.draw, n)
        expected = np.array([slots_of(model, f, row) for row in words.tolist()]).reshape(-1, n)
        np.testing.assert_allclose(slot_vectors(model, f, words, table=table), expected, atol=1e-4)


@settings(max_examples=25)
@given(models(), st.integers(1, 9), st.integers(0, 30))
def test_possible_ngrams_are_the_best_of_all(model, k, number):
    number %= len(model.config.widths)
    _, bias, n = weights(model)[number]
    found = possible_ngrams(filter_column(model, number), bias, k)
    slots = np.array([[slots_of(model, number, [w] * n)[j] for w in range(1, WORDS)] for j in range(n)])
    assert len({tuple(row) for row in found.tolist()}) == len(found) == min(k, (WORDS - 1) ** n)
    scores = [score_of(model, number, row) for row in found.tolist()]
    some = np.sort(slots, 1)[:, ::-1][:, :k]  # no other word can be in one of the k best
    every = sorted((sum(one) + bias for one in product(*some)), reverse=True)[:k]
    np.testing.assert_allclose(scores, every, atol=1e-9)


def test_of_equal_words_those_with_lower_numbers_come_first_and_padding_never():
    column = np.zeros((6, 1))
    column[4] = 1
    column[0] = 9
    assert best_words(column, 3).tolist() == [[4, 1, 2]]
    assert possible_ngrams(column, 0.5, 9).tolist() == [[4], [1], [2], [3], [5]]


def test_the_gap_is_the_share_that_the_natural_one_lacks():
    """The first row of table 1 of the paper."""
    assert gap(np.array([5.47, 0.97, 0.87]), np.array([5.47, 3.06, 1.75])) == pytest.approx(0.2889, abs=1e-4)
    assert gap(np.array([-2.0]), np.array([-1.0])) is None
