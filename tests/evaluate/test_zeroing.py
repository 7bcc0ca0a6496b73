"""Zeroed words against the model itself, run in float64 with the vectors set to zero one by one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deep import WORDS, deep_models

from convlens.evaluate import logits_along, logits_of_kept, zeroing
from convlens.models import TextCNN, TextCNNConfig


@st.composite
def one_layer_models(draw: st.DrawFn) -> TextCNN:
    regions = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True))
    biases = draw(st.booleans())
    config = TextCNNConfig(tuple(regions), draw(st.integers(1, 4)), 3, filter_bias=biases, head_bias=biases)
    model = TextCNN(config, WORDS, draw(st.integers(2, 4))).double().eval()
    torch.manual_seed(draw(st.integers(0, 2**20)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64))
        model.embed.weight[0] = 0
    return model


models = one_layer_models() | deep_models()
words = st.lists(st.integers(1, WORDS - 1), min_size=1, max_size=9).map(torch.tensor)


@torch.no_grad()
def slow(model, ids, gone):
    """One document, the vectors of some words set to zero, through the model."""
    x = model.embed(ids)[None].clone()
    for place in gone:
        x[0, place] = 0
    return model.classify(x, torch.tensor([len(ids)]))[0]


@given(models, words, st.integers(0, 2**20), st.data())
def test_deletions_are_those_of_the_model_run_again(model, ids, seed, data):
    rng, steps = np.random.default_rng(seed), data.draw(st.integers(0, len(ids)))
    orders = np.stack([rng.permutation(len(ids))[:steps] for _ in range(3)])
    found = logits_along(model, ids, torch.from_numpy(orders))
    assert found.shape == (3, steps + 1, model.classes)
    for order, states in zip(orders, found, strict=True):
        for s, logits in enumerate(states):
            torch.testing.assert_close(logits, slow(model, ids, order[:s]), rtol=1e-9, atol=1e-9)


@given(models, words, st.integers(0, 2**20))
def test_kept_words_are_those_of_the_model_run_again(model, ids, seed):
    kept = np.random.default_rng(seed).random((4, len(ids))) < 0.5
    found = logits_of_kept(model, ids, torch.from_numpy(kept))
    for row, logits in zip(kept, found, strict=True):
        torch.testing.assert_close(logits, slow(model, ids, np.flatnonzero(~row)), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("numbers", [1, 40])
@settings(max_examples=15)
@given(models, words)
def test_cutting_the_work_into_parts_changes_nothing(numbers, model, ids):
    orders = torch.stack([torch.arange(len(ids)), torch.arange(len(ids)).flip(0)])
    kept = torch.ones(3, len(ids), dtype=torch.bool).tril()
    whole = logits_along(model, ids, orders), logits_of_kept(model, ids, kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zeroing, "NUMBERS", numbers)
        parts = logits_along(model, ids, orders), logits_of_kept(model, ids, kept)
    torch.testing.assert_close(parts, whole, rtol=1e-9, atol=1e-9)


def test_a_document_without_words_has_one_state(classifier):
    ids = torch.zeros(0, dtype=torch.long)
    model = classifier.model
    found = logits_along(model, ids, torch.zeros(2, 0, dtype=torch.long))
    expected = classifier.model(torch.zeros(1, 0, dtype=torch.long))
    torch.testing.assert_close(found, expected.expand(2, 1, -1))
