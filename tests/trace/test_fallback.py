"""Where Numba cannot compile, torch does the work, and one line says so."""

import logging
from importlib import import_module

import numpy as np
import pytest

from convlens.kernels import compiles
from convlens.models import TextCNN, TextCNNConfig
from convlens.text import Documents
from convlens.trace import trace


@pytest.fixture
def broken(monkeypatch):
    def fail(*_):
        raise RuntimeError("no such target")

    monkeypatch.setattr(import_module("convlens.kernels.walk"), "walk", fail)
    compiles.cache_clear()
    yield
    compiles.cache_clear()


def test_torch_takes_over_and_says_so_once(broken, caplog):
    caplog.set_level(logging.INFO, "convlens")
    model, documents = TextCNN(TextCNNConfig((2,), 3, 2), 9, 2), Documents.of([np.array([2, 3, 4])] * 20_000)
    for _ in range(2):
        assert trace(model, documents).logits.shape == (20_000, 2)
    assert caplog.messages == [
        "no compiled kernels here (no such target): torch does the work, which is slower",
        *["tracing 60000 words by torch"] * 2,
    ]
