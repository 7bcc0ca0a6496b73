"""A model as arrays traces and predicts as torch does, in float64 to its last digits, and without torch."""

import copy
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.shallow import documents, models

from convlens.explain import METHODS, attribute_texts, slots
from convlens.models import Classifier, arrays, find_thresholds, load, save, weights_of
from convlens.models.arrays import Slots
from convlens.models.families import from_weights
from convlens.text import Documents
from convlens.trace import ArrayTracer, trace_by_torch

FLAT = [name for name, method in METHODS.items() if method.of_trace is not None]


@given(
    models(padded=True, wide=True), documents, st.sampled_from([1, 40, 2**22]), st.sampled_from([0, 2**16])
)
def test_a_trace_is_that_of_torch(model, words, numbers, many):
    together = Documents.of(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "NUMBERS", numbers)
        patch.setattr(arrays, "MANY", many)
        patch.setattr(Slots.__init__, "__defaults__", (2**28 if many else 0,))
        traced = ArrayTracer(model.weights).trace(together, slots=True)
    reference = trace_by_torch(model, together, slots=True)
    assert traced.peaks.dtype == np.float64
    np.testing.assert_array_equal(traced.positions, reference.positions)
    for name in ("peaks", "slots", "logits", "pooled"):
        np.testing.assert_allclose(getattr(traced, name), getattr(reference, name), atol=1e-12)


@given(models(), documents)
def test_ties_go_to_the_first_window(model, words):
    """Said by hand, as both backends could be wrong alike."""
    weights, together = model.weights, Documents.of(words)
    _, places, slots = weights.peaks(together, slots=True)
    for d, document in enumerate(words):
        for f, n in enumerate(model.config.widths):
            region = model.config.regions.index(n)
            filters = weights.filters[region][f - sum(model.config.counts[:region])]  # (d, n)
            padded = np.append(document, np.zeros(max(n - len(document), 0), np.int64))
            windows = np.lib.stride_tricks.sliding_window_view(padded, n)
            sums = [
                sum(weights.vectors[w] @ filters[:, j] for j, w in enumerate(window)) for window in windows
            ]
            if len(document):
                first = int(np.flatnonzero(np.isclose(sums, max(sums), rtol=0, atol=1e-12))[0])
                assert places[d, f] == first
                np.testing.assert_allclose(slots[d, f].sum(), max(sums), atol=1e-12)
            else:
                assert places[d, f] == -1


@given(models(padded=True, wide=True))
def test_weights_make_the_model_again(model):
    again = from_weights(model.weights)
    assert {name: tensor.tolist() for name, tensor in again.state_dict().items()} == {
        name: tensor.tolist() for name, tensor in model.state_dict().items()
    }
    assert (again.gates is None) == (model.gates is None)


def test_arrays_follow_what_becomes_of_the_model(classifier):
    model = copy.deepcopy(classifier.model)
    before = model.weights
    assert model.weights is before  # and what was made of them is kept
    old = before.slots.matrices[0].copy()
    with torch.no_grad():
        model.convolutions[0].weight.mul_(2)
    np.testing.assert_array_equal(model.weights.filters[0], model.convolutions[0].weight.detach().numpy())
    np.testing.assert_array_equal(model.weights.slots.matrices[0], 2 * old)
    model.gates = torch.full((model.head.in_features,), torch.inf)
    assert (
        not model.weights.logits(Documents(np.array([2, 3]), np.array([0, 2]))).any()
        or model.config.head_bias
    )
    assert weights_of(model.to(torch.bfloat16)) is None


@pytest.mark.parametrize("method", FLAT)
@given(models(gated=True), documents)
def test_methods_split_alike_by_arrays_and_by_torch(classifier, method, model, words):
    tokens = [replace(classifier.tokenizer.encode("x"), ids=d, spans=((0, 1),) * len(d)) for d in words]
    tokenizer = replace(
        classifier.tokenizer, words=classifier.tokenizer.words[: model.embed.num_embeddings - 2]
    )
    labels = tuple(map(str, range(model.classes)))
    model.thresholds = find_thresholds(model, words)
    small = Classifier(model, tokenizer, labels)
    here, reference = (
        attribute_texts(small, tokens, method=method, backend=backend) for backend in ("numpy", "torch")
    )
    assert here.scores.dtype == np.float64
    for name in ("scores", "bias", "logits"):
        np.testing.assert_allclose(getattr(here, name), getattr(reference, name), atol=1e-9)
    np.testing.assert_array_equal(here.spans, reference.spans)


def test_a_single_answer_needs_no_torch(classifier, tmp_path):
    save(classifier, tmp_path / "model")
    code = (
        "import sys, convlens; model = convlens.load(sys.argv[1])\n"
        "print(model.predict(['A good film']), convlens.explain(model, 'A good film').residual < 1e-5)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model")], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "['positive'] True"
    assert not {"torch", "numba", "polars", "scipy", "sklearn"} & set(run.stderr.split())
    assert load(tmp_path / "model").model.embed.weight.shape == classifier.model.embed.weight.shape


def test_a_text_has_the_same_bits_beside_any_others_and_whatever_was_asked_before(classifier):
    texts = ["A good film", "bad music, no plot", "a", "", "A cold film, number 3, with some music."]
    models = [replace(classifier, model=from_weights(replace(classifier.weights))) for _ in range(2)]
    together = models[0].logits(texts)
    alone = np.concatenate([models[1].logits([text]) for text in reversed(texts)])[::-1]
    positions = [attribute_texts(one, one.tokenizer.encode_all(texts)).trace.positions for one in models]
    np.testing.assert_array_equal(*positions)
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)


def test_what_was_computed_does_not_travel(classifier):
    fresh = replace(classifier, model=copy.deepcopy(classifier.model))
    before = len(pickle.dumps(fresh))
    fresh.predict(["A good film"])
    assert len(pickle.dumps(fresh)) == before
    assert len(pickle.dumps(fresh.weights)) < before
    again = pickle.loads(pickle.dumps(fresh))  # noqa: S301 (our own)
    np.testing.assert_array_equal(again.logits(["bad"]), fresh.logits(["bad"]))


@pytest.mark.parametrize("method", FLAT)
def test_where_kernels_cannot_compile_many_words_are_split_by_numpy(classifier, method, monkeypatch):
    tokens = classifier.tokenizer.encode_all(["A good film", "", "bad music, no plot"])
    few = attribute_texts(classifier, tokens, method=method, backend="numpy")
    monkeypatch.setattr(slots, "FEW", 0)
    monkeypatch.setattr(slots, "compiles", lambda: False)
    monkeypatch.setitem(sys.modules, "convlens.kernels.scatter", None)
    monkeypatch.setitem(sys.modules, "convlens.kernels.share", None)
    many = attribute_texts(classifier, tokens, method=method, backend="numpy")
    np.testing.assert_array_equal(few.scores, many.scores)
