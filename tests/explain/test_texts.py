"""Flat arrays for many texts hold what each text alone would give, and nothing moves between texts."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.padded import ask, trace
from tests.tolerance import rounding

from convlens.explain import METHODS, attribute_texts, ngram_spans, slots, texts
from convlens.explain.deep_gradients import remainder
from convlens.models import pad
from convlens.text import Documents
from convlens.trace import vocabulary_table

SLOW = ("integrated-gradients", "gradient-shap", "shapley-sampling", "lime")  # many passes for each text
TEXTS = ["A good film, number 3", "", "bad", "dull and tedious music " * 9, "  ", "cold film"]


@pytest.mark.parametrize(
    ("method", "backend"),
    [
        (m, b)
        for m, method in METHODS.items()
        for b in ("torch", "numpy", "table")
        if (method.of_trace is not None or b == "torch") and m not in SLOW
    ],
)
@settings(max_examples=15)
@given(st.lists(st.sampled_from(TEXTS), max_size=8))
def test_every_text_has_what_it_would_have_alone(classifier, method, backend, chosen):
    tokens = [classifier.tokenizer.encode(text) for text in chosen]
    table = vocabulary_table(classifier.model) if backend == "table" else None
    assert (table is None) == (backend != "table")
    found = attribute_texts(classifier, tokens, method=method, backend=backend, source=table)
    widths = classifier.model.config.widths
    assert found.offsets[-1] == len(found.scores) == len(found.spans) == len(found.owners)
    for i, one in enumerate(tokens):
        traced = trace(classifier.model, pad([one.ids]))
        alone = ask(method, classifier.model, pad([one.ids]))
        if found.trace is not None and told_apart(found.trace, i, one.ids, traced, widths):
            continue
        units = slice(found.offsets[i], found.offsets[i + 1])
        spans = (
            one.spans
            if method != "ngrams"
            else ngram_spans(one, traced.positions[0].tolist(), classifier.model.config.widths)
        )
        assert [tuple(span) for span in found.spans[units].tolist()] == list(spans)
        assert set(found.owners[units]) <= {i}
        np.testing.assert_allclose(found.scores[units], alone.scores[0][: len(spans)], atol=1e-6)
        absolute = np.abs(found.scores[units]).sum(0, np.float64) + np.abs(found.logits[i])
        close = rounding(absolute, len(spans) + 1)  # the bias may be what all scores leave of the logit
        np.testing.assert_allclose(found.bias[i], alone.bias[0], rtol=0, atol=close)
        np.testing.assert_allclose(found.logits[i], traced.logits[0], atol=1e-6)
        if found.sums == "exact":
            assert found.residual[i] < 1e-5
        else:
            assert np.isnan(found.residual[i])
        delta = alone.scores[0].sum(0) + alone.bias[0] - alone.logits[0]
        expected = delta if found.sums == "approximate" else torch.full((2,), torch.nan)
        np.testing.assert_allclose(found.convergence_delta[i], expected, atol=1e-6)
        if found.filters is not None:
            assert found.filters[units].tolist() == list(range(len(spans)))


def told_apart(found, i, ids, traced, widths):
    """Whether torch's products tell equal n-grams apart by round-off, as on some processors, and so take another."""
    ours, torchs = found.positions[i], traced.positions[0].numpy()
    filters = np.flatnonzero(ours != torchs)
    for f in filters:
        one, other = (ids[place : place + widths[f]].tolist() for place in (ours[f], torchs[f]))
        assert one == other
        np.testing.assert_allclose(found.peaks[i, f], traced.peaks[0, f], atol=1e-6)
    return len(filters) > 0


def test_the_residual_of_a_text_is_its_own(classifier):
    tokens = [classifier.tokenizer.encode(text) for text in ("good film", "", "bad film")]
    found = attribute_texts(classifier, tokens)
    found.scores[0, 1] += 0.5
    found.bias[1, 0] += 0.25
    np.testing.assert_allclose(found.residual, [0.5, 0.25, 0], atol=1e-5)


def test_no_piece_is_larger_than_memory_allows(classifier, monkeypatch):
    sizes, words_of = [], METHODS["words"].of_trace
    monkeypatch.setattr(slots, "NUMBERS", 16 * 3 * 4)
    counting = replace(
        METHODS["words"], of_trace=lambda *given: sizes.append(len(given[1].peaks)) or words_of(*given)
    )
    monkeypatch.setitem(METHODS, "words", counting)
    attribute_texts(classifier, [classifier.tokenizer.encode("good")] * 10, backend="torch")
    assert sizes == [4, 4, 2]


@pytest.mark.parametrize("words", [1, 100_000])
def test_what_a_long_text_leaves_is_summed_in_float64(classifier, words):
    scores = np.full((words, 2), 0.1, np.float32)
    logits = np.array([[1.0, 2.0]], np.float32)
    documents = Documents(np.ones(words, np.int64), np.array([0, words]))
    exact = logits - scores.sum(0, dtype=np.float64)
    close = rounding(abs(exact), 1)  # one rounding, of the bias itself, however many words
    found = texts._bias(documents, scores, logits, "remainder")
    np.testing.assert_allclose(found, exact, rtol=0, atol=close)
    of_torch = remainder(torch.from_numpy(scores)[None], torch.from_numpy(logits))
    np.testing.assert_allclose(of_torch, exact, rtol=0, atol=close)


def test_numbers_are_those_of_the_model(classifier):
    assert attribute_texts(classifier, []).scores.dtype == np.float32
    assert classifier.model.head.weight.dtype == torch.float32
    assert attribute_texts(classifier, []).residual.shape == (0,)


def test_many_words_are_traced_from_one_table_and_that_is_said_once(classifier, caplog):
    caplog.set_level(logging.INFO, "convlens")
    tokens = [classifier.tokenizer.encode("good film " * 13)] * 2000
    found = attribute_texts(classifier, tokens)
    assert caplog.messages == ["tracing 52000 words by table"]
    assert found.residual.max() < 1e-4
