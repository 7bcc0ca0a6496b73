"""Every swap's logits are those of the model that reads the swapped document: in float64 by every pair, in float32 by the kernel."""

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shallow import WORDS, documents, models

from convlens.attack.exact import Swaps
from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.models import DeepTextCNN, DeepTextCNNConfig, TextCNN, TextCNNConfig


def run_again(model, ids, candidates):
    """Logits (L, M, C) of every swapped document, by the model."""
    rows = np.broadcast_to(candidates, (len(ids), candidates.shape[1]))
    every = np.tile(ids, (*rows.shape, 1))
    for p, row in enumerate(rows):
        every[p, :, p] = row
    with torch.no_grad():
        logits = model(torch.from_numpy(every.reshape(-1, len(ids))))
    return logits.view(*rows.shape, -1).numpy()


@given(models(gated=False, padded=True, wide=True), documents, st.data())
@settings(max_examples=15)
def test_plain_swaps_are_those_of_the_model(model, many, data):
    swaps = Swaps(model, backend="torch")
    for ids in (d for d in many if len(d)):
        own = data.draw(st.integers(1, 5))
        each = np.random.default_rng(own).integers(1, WORDS, (len(ids), own))
        for candidates in (np.arange(1, WORDS)[None], each):
            found, right = swaps.logits(ids, candidates), run_again(model, ids, candidates)
            np.testing.assert_allclose(found, right, rtol=0, atol=1e-10 * max(abs(right).max(), 1))


@given(models(gated=False, padded=True, wide=True), st.integers(0, 19), st.booleans())
@settings(max_examples=20)
def test_margins_say_whether_the_decision_turns(model, label, targeted):
    label %= model.classes
    ids, candidates = np.array([3, 1, 3, 7]), np.arange(1, WORDS)[None]
    target = (label + 1) % model.classes if targeted else None
    logits = run_again(model, ids, candidates)
    found = Swaps(model, backend="torch").margins(ids, candidates, label, target)
    clear = abs(found) > 1e-9
    became = logits.argmax(2) == target if targeted else logits.argmax(2) != label
    assert ((found < 0) == became)[clear].all()


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("length", [1, 2, 4, 5, 60])
def test_the_kernel_gives_what_the_model_gives(classes, length, monkeypatch):
    torch.manual_seed(length)
    model = TextCNN(TextCNNConfig((1, 3, 5), (17, 16, 3), dim=8), 300, classes).eval()
    rng = np.random.default_rng(length)
    ids, swaps = rng.integers(1, 300, length), Swaps(model, backend="table")
    for candidates in (np.arange(1, 300)[None], rng.integers(1, 300, (length, 7))):
        right = run_again(model, ids, candidates)
        np.testing.assert_allclose(swaps.logits(ids, candidates), right, rtol=0, atol=1e-5)
        plain = Swaps(model, backend="torch").margins(ids, candidates, 1)
        monkeypatch.setattr(sys.modules["convlens.attack.exact"], "NUMBERS", 700)  # some places at a time
        np.testing.assert_allclose(swaps.margins(ids, candidates, 1), plain, rtol=0, atol=1e-5)


def test_a_deep_model_has_no_swaps():
    with pytest.raises(InputError, match="a swap needs the trace of a one-layer TextCNN"):
        Swaps(DeepTextCNN(DeepTextCNNConfig(), 10, 2))
