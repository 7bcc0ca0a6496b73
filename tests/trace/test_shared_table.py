"""Corpora that are traced some texts at a time: table or torch is decided once, for all of them."""

import logging
from importlib import import_module

import numpy as np
import pytest

from convlens.cli.explain import _explained
from convlens.evaluate import EvaluateConfig, evaluate
from convlens.explain import document_vectors
from convlens.filters import evidence_table
from convlens.trace import ArrayTracer, shared_tracer


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of seven texts or fewer, and a table from 200 words on."""
    monkeypatch.setattr(import_module("convlens.trace.backends"), "WORTHWHILE", 200)
    parts = {
        "filters.importance": "SCORES",
        "explain.document_vectors": "AT_ONCE",
        "evaluate.documents": "AT_ONCE",
    }
    for module, name in {**parts, "cli.explain": "AT_ONCE"}.items():
        monkeypatch.setattr(import_module(f"convlens.{module}"), name, 7)


CALLERS = {
    "words": lambda classifier, corpus: evidence_table(classifier, corpus.texts),
    "vectors": lambda classifier, corpus: document_vectors(classifier, corpus.texts, weighting="lrp"),
    "evaluate": lambda classifier, corpus: evaluate(
        classifier, corpus, EvaluateConfig(("words",), sanity=0, deletions=1, resamples=1)
    ),
    "explain": lambda classifier, corpus: list(
        _explained(classifier, corpus.texts, backend="auto", method="words", target=None)
    ),
}


@pytest.mark.parametrize("name", CALLERS)
def test_parts_share_one_decision(small_parts, caplog, classifier, corpus, name):
    with caplog.at_level(logging.INFO, "convlens"):
        CALLERS[name](classifier, corpus)
    lines = [line for line in caplog.messages if line.startswith("tracing")]
    assert len(lines) == 1
    assert lines[0].endswith("by table")


def test_parts_say_what_torch_says(small_parts, monkeypatch, classifier, corpus):
    by_table = evidence_table(classifier, corpus.texts, "printed")
    monkeypatch.setattr(import_module("convlens.trace.backends"), "WORTHWHILE", 10**9)
    source = shared_tracer(classifier.network, classifier.tokenizer.documents(corpus.texts))
    assert isinstance(source, ArrayTracer)
    by_torch = evidence_table(classifier, corpus.texts, "printed")
    assert by_table["word"].equals(by_torch["word"])
    np.testing.assert_allclose(by_table["evidence"], by_torch["evidence"], rtol=1e-4, atol=1e-6)


def test_a_deep_model_has_no_table(deep_classifier, corpus):
    documents = deep_classifier.tokenizer.documents(corpus.texts)
    assert shared_tracer(deep_classifier.model, documents) is None
