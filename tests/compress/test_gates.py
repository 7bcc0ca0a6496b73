"""Gates in the place of the ReLU: saved, loaded, and the same to every backend and method; and how they are found."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.toys import toy_corpus

from convlens.compress import (
    HeadInputs,
    Parts,
    by_gates,
    choose_gates,
    gates_of_purity,
    identities,
    purity_curve,
    sweep,
    three_parts,
    trace_labelled,
)
from convlens.compress.choose import priced_gates
from convlens.compress.purity import between
from convlens.data import Splits, split
from convlens.errors import InputError
from convlens.explain import METHODS, attribute_texts, explain
from convlens.models import TextCNN, TextCNNConfig, load, save
from convlens.text import Documents
from convlens.trace import trace_texts

TEXTS = ["A superb film, number 3, with no music.", "", "dull", "A warm and funny film " * 6]


@pytest.fixture(scope="module")
def gated(classifier):
    """The toy classifier with a gate at the median of each filter's pooled values, one of them infinite."""
    model = copy.deepcopy(classifier.model)
    gates = torch.from_numpy(np.median(trace_texts(classifier, toy_corpus().texts).pooled, 0)) + 1e-3
    gates[3] = torch.inf
    model.gates = gates
    return replace(classifier, model=model)


@torch.no_grad()
def slow_logits(classifier, text: str) -> np.ndarray:
    """The definition in float64: convolve, max, `p if p >= t else 0`, head."""
    model, ids = classifier.model, classifier.tokenizer.encode(text).ids
    x = model.embed.weight.double()[torch.from_numpy(ids)].T
    pooled = []
    for conv in model.convolutions:
        wide = torch.nn.functional.pad(x, (0, max(conv.kernel_size[0] - x.shape[1], 0)))
        pooled.append(
            torch.nn.functional.conv1d(wide[None], conv.weight.double(), conv.bias.double())[0].amax(1)
        )
    peaks = torch.cat(pooled) * (len(ids) > 0)
    passed = [
        p if p >= t and p > 0 else 0.0 for p, t in zip(peaks.tolist(), model.gates.tolist(), strict=True)
    ]
    return (model.head.weight.double() @ torch.tensor(passed).double() + model.head.bias).numpy()


@pytest.mark.parametrize("backend", ["torch", "table"])
def test_a_gated_model_predicts_and_traces_by_the_definition(gated, backend):
    expected = np.stack([slow_logits(gated, text) for text in TEXTS])
    np.testing.assert_allclose(gated.logits(TEXTS), expected, atol=1e-5)
    traced = trace_texts(gated, TEXTS, backend=backend)
    np.testing.assert_allclose(traced.logits, expected, atol=1e-5)
    weight = gated.model.head.weight.detach().numpy()
    np.testing.assert_allclose(
        traced.pooled @ weight.T + gated.model.head.bias.detach().numpy(), expected, atol=1e-5
    )
    assert not traced.pooled[:, 3].any()


@pytest.mark.parametrize("method", [name for name, m in METHODS.items() if m.of_trace is not None])
def test_both_backends_give_the_same_scores_of_a_gated_model(gated, method):
    tokens = gated.tokenizer.encode_all(TEXTS)
    one, other = (attribute_texts(gated, tokens, method=method, backend=b) for b in ("torch", "table"))
    np.testing.assert_allclose(one.scores, other.scores, atol=2e-5)
    ungated = replace(gated, model=copy.deepcopy(gated.model))
    ungated.model.gates = None
    if method == "thresholded":  # which reads other thresholds, all of them higher
        return
    assert not np.allclose(one.scores, attribute_texts(ungated, tokens, method=method).scores, atol=1e-4)
    if one.sums == "exact":
        assert one.residual.max() < 1e-5
        assert other.residual.max() < 1e-5


@pytest.mark.parametrize("method", ["integrated-gradients", "deeplift", "gradient-shap"])
def test_methods_that_need_continuous_logits_refuse(gated, method):
    pytest.importorskip("captum")
    with pytest.raises(InputError, match="the logits of this model jump at the gates"):
        explain(gated, "good", method=method)
    with pytest.raises(InputError, match="jump at the gates"):
        METHODS[method].of_model(gated.model, Documents.of([np.array([2, 3])]))


def test_gates_are_saved_and_loaded(gated, tmp_path):
    save(gated, tmp_path / "model")
    assert torch.equal(load(tmp_path / "model").model.gates, gated.model.gates)
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "gates": [-1.0] * 16}))
    with pytest.raises(InputError, match=r"gates in config\.json must be a number from 0 on, or null"):
        load(tmp_path / "model")
    del config["gates"]  # a folder of an older ConvLens
    path.write_text(json.dumps(config))
    assert load(tmp_path / "model").model.gates is None


VALUES = st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=8)


@given(VALUES, st.lists(st.integers(0, 5), min_size=3, max_size=3))
def test_a_gate_between_values_lets_the_same_ones_pass(values, thresholds):
    found = torch.tensor(values).double()
    wanted = torch.tensor(thresholds).double()
    wanted[wanted == 5] = torch.inf
    gates = between(found, wanted)
    assert torch.equal(found >= gates, found >= wanted)
    for f, t in enumerate(thresholds):
        lower = [row[f] for row in values if row[f] < t]
        if t != 5:
            assert gates[f] == ((max(lower) + t) / 2 if lower else 0)


def test_purity_and_coverage_by_counting(classifier, corpus):
    inputs = trace_labelled(classifier, corpus)
    predicted = inputs.logits.argmax(1).tolist()
    weight = classifier.model.head.weight.detach().numpy()
    classes, margins = identities(classifier.model)
    for f in range(weight.shape[1]):
        assert classes[f] == weight[:, f].argmax()
        assert margins[f].item() == pytest.approx(np.sort(weight[:, f])[-1] - np.sort(weight[:, f])[-2])
        for row in purity_curve(inputs, f).iter_rows(named=True):
            as_great = [i for i, v in enumerate(inputs.pooled[:, f].tolist()) if v >= row["threshold"]]
            agree = [predicted[i] == classes[f] for i in as_great]
            assert row["purity"] == pytest.approx(np.mean(agree))
            passing = [i for i in as_great if inputs.pooled[i, f] > 0]
            assert row["coverage"] == pytest.approx(len(passing) / len(corpus))


def test_the_sweep_is_what_the_gated_models_do(classifier, corpus):
    parts = split(corpus, share=0.4)
    train, test = trace_labelled(classifier, parts.train), trace_labelled(classifier, parts.test)
    frame = sweep(train, test, [0.0, 0.8, 1.0])
    relu, zero, *_ = frame.iter_rows(named=True)
    assert relu["dropped"] == zero["dropped"] == 0  # every value is pure enough
    for purity, row in zip((0.0, 0.8, 1.0), frame.rows(named=True)[1:], strict=True):
        gates = gates_of_purity(train, purity)
        model = copy.deepcopy(classifier.model)
        model.gates = gates
        run = replace(classifier, model=model)
        right = np.array(run.logits(parts.test.texts)).argmax(1) == np.array(parts.test.labels)
        assert row["test_accuracy"] == pytest.approx(right.mean())
        logits = torch.from_numpy(run.logits(parts.train.texts))
        loss = torch.nn.functional.cross_entropy(logits, torch.tensor(parts.train.labels))
        assert row["train_loss"] == pytest.approx(loss.item(), abs=1e-5)
        passing = trace_texts(run, parts.test.texts).pooled > 0
        before = trace_texts(classifier, parts.test.texts).pooled > 0
        assert row["coverage"] == pytest.approx(passing.mean())
        assert row["dropped"] == pytest.approx(1 - passing.sum() / before.sum())
        assert row["off"] == torch.isinf(gates).sum()
    assert frame["dropped"][3] > 0


@pytest.fixture
def noisy():
    """Two filters that tell the class by values above 1 and by chance below, and one that knows nothing."""
    rng, model = np.random.default_rng(0), TextCNN(TextCNNConfig((1,), 3, 2, head_bias=False), 5, 2)
    truth = torch.from_numpy(rng.integers(0, 2, 400))
    pooled = torch.from_numpy(rng.random((400, 3))).float()
    sure = torch.from_numpy(rng.random(400) < 0.7)
    pooled[sure, truth[sure]] += 1
    with torch.no_grad():
        model.head.weight.copy_(torch.tensor([[2.0, -2.0, 1.0], [-2.0, 2.0, -1.0]]))
    return HeadInputs(model, pooled, torch.ones(400, dtype=torch.bool), truth)


def test_chosen_gates_drop_what_knows_nothing_and_keep_the_rest(noisy):
    gates = choose_gates(noisy)
    assert torch.isinf(gates[2])
    assert all(0.7 < gate < 1.01 for gate in gates[:2].tolist())
    logits = noisy.logits_of(noisy.pooled * (noisy.pooled >= gates))
    assert noisy.accuracy(logits) >= noisy.accuracy(noisy.logits)
    assert noisy.loss(logits) <= 1.05 * noisy.loss(noisy.logits)
    assert not choose_gates(noisy.take(torch.arange(1))).any()


@pytest.mark.parametrize("price", [0.0, 0.01, 0.1])
def test_no_gate_alone_can_be_bettered(noisy, price, monkeypatch):
    monkeypatch.setattr("convlens.compress.choose.PASSES", 20)
    gates = priced_gates(noisy, price)

    def worth(tried):
        passed = noisy.pooled * (noisy.pooled >= tried)
        losses = noisy.loss(noisy.logits_of(passed)) * len(passed)
        return losses - price * (passed == 0).sum().item()

    reached = worth(gates)
    for f in range(3):
        for value in [0.0, *noisy.pooled[::29, f].tolist(), torch.inf]:
            tried = gates.clone()
            tried[f] = value
            assert worth(tried) >= reached - 1e-3


def test_pruned_by_gates_the_classifier_is_a_normal_one(classifier, corpus, tmp_path):
    parts = three_parts(split(corpus, share=0.2), classifier.record)
    found = by_gates(classifier, parts, [0.6, 0.9])
    assert found.tables["thresholds"]["thresholds"].to_list() == ["ReLU", "purity 0.6", "purity 0.9"]
    save(found.classifier, tmp_path / "gated")
    again = load(tmp_path / "gated")
    np.testing.assert_array_equal(again.logits(TEXTS), found.classifier.logits(TEXTS))
    right = again.logits(parts.test.texts).argmax(1) == np.array(parts.test.labels)
    assert right.mean() == pytest.approx(found.tables["thresholds"]["test_accuracy"][-1])
    assert again.record.changes == ("a threshold for each filter in the place of the ReLU (purity 0.9)",)
    assert "purity 0.9" in (tmp_path / "gated" / "README.md").read_text()
    stricter = by_gates(again, parts, [0.0]).classifier.model.gates
    assert torch.equal(stricter, again.model.gates)  # what was turned away stays away


def test_the_parts_are_those_of_the_fit(classifier, corpus):
    parts = three_parts(Splits(corpus, corpus), classifier.record)
    assert {"train": len(parts.train), "validation": len(parts.validation)} == classifier.record.rows
    assert isinstance(parts, Parts)
    with pytest.raises(InputError, match="purity is a share from 0 to 1, got 2"):
        gates_of_purity(trace_labelled(classifier, corpus), 2)
    with pytest.raises(InputError, match="has no labelled rows"):
        trace_labelled(classifier, replace(corpus, labels=None))
