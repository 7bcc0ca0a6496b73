"""Table 1 of Xu & Du 2020 against matrix A itself, and models of the filters that matter."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.padded import ask, trace
from tests.shallow import documents, models

from convlens.compress import (
    Features,
    HeadInputs,
    by_features,
    discriminative_filters,
    find_epsilon,
    keep_filters,
    kept_logits,
    never_passing,
    three_parts,
    trace_labelled,
    variances,
)
from convlens.data import Splits
from convlens.errors import InputError
from convlens.models import load, pad, save


def seen_of(model, found) -> HeadInputs:
    ids = pad(found)
    traced = trace(model, ids)
    return HeadInputs(model, traced.pooled, (ids != 0).any(1), torch.zeros(len(found), dtype=torch.long))


@given(models(), documents, st.floats(0, 2))
def test_variances_and_removal_are_those_of_matrix_a(model, found, epsilon):
    inputs, a = seen_of(model, found), ask("ngrams", model, pad(found))
    expected = a.scores.var(2, correction=0)
    torch.testing.assert_close(variances(inputs), expected, rtol=1e-8, atol=1e-10)
    kept = variances(inputs) > epsilon
    columns = (a.scores * kept[..., None]).sum(1) + a.bias
    torch.testing.assert_close(kept_logits(inputs, kept), columns, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(kept_logits(inputs, torch.ones_like(kept)), a.logits, rtol=1e-8, atol=1e-8)


def test_the_table_counts_features(classifier, corpus):
    inputs = trace_labelled(classifier, corpus)
    epsilon = variances(inputs).median().item()
    features = Features(inputs, epsilon)
    a = ask("ngrams", classifier.model, pad(classifier.tokenizer.ids(corpus.texts))).scores.numpy()
    kept = a.var(2) > epsilon
    right = (a * kept[..., None]).sum(1).argmax(1) == np.array(corpus.labels)
    found = features.to_dict()
    assert found["ratio1"] == pytest.approx((inputs.pooled == 0).double().mean().item())
    assert found["ratio2"] == pytest.approx(1 - kept.mean(), abs=2e-3)
    assert found["ratio3"] == pytest.approx(kept.any(0).mean())
    assert found["accuracy_without"] == pytest.approx(right.mean())
    counts = features.by_filter()
    assert counts["discriminative"].sum() == features.discriminative.sum()
    regions = features.by_region()
    assert regions["share"].sum() == pytest.approx(1)
    assert regions["discriminative"].to_list() == [
        counts["discriminative"][:8].sum(),
        counts["discriminative"][8:].sum(),
    ]


def test_the_largest_epsilon_that_keeps_the_accuracy(classifier, corpus, monkeypatch):
    monkeypatch.setattr("convlens.compress.features.TRIED", 40)
    model = copy.deepcopy(classifier.model)
    # Half of the filters say next to nothing: they can go whatever the training came to.
    with torch.no_grad():
        model.head.weight[:, :8] *= 1e-3
        model.head.bias.zero_()
    traced = trace_labelled(classifier, corpus)
    inputs = HeadInputs(model, traced.pooled, traced.filled, traced.truth)
    epsilon = find_epsilon(inputs)
    values = variances(inputs).flatten().sort().values
    assert epsilon > 0
    assert inputs.keeps(kept_logits(inputs, variances(inputs) > epsilon))
    above = values[values > epsilon][len(values) // 40 :: len(values) // 10]
    assert len(above)
    for larger in above.tolist():
        assert not inputs.keeps(kept_logits(inputs, variances(inputs) > larger))
    empty = HeadInputs(inputs.model, inputs.pooled, torch.zeros_like(inputs.filled), inputs.truth)
    assert find_epsilon(empty) == 0
    assert Features(empty, 0.1).to_dict()["ratio2"] == 1


@pytest.mark.parametrize("epsilon", [-0.1, float("inf"), float("nan")])
def test_epsilon_is_a_variance(classifier, corpus, epsilon):
    with pytest.raises(InputError, match="epsilon is a variance and not below zero"):
        Features(trace_labelled(classifier, corpus), epsilon)
    with pytest.raises(InputError, match="none of the 16 filters is left: give a smaller one"):
        discriminative_filters(classifier.model, torch.zeros(3, 16, dtype=torch.bool))


@settings(max_examples=20)
@given(models(), documents, st.randoms(use_true_random=False))
def test_a_smaller_model_is_the_model_with_the_others_switched_off(model, found, random):
    k = model.head.in_features
    kept = torch.tensor([random.random() < 0.6 for _ in range(k)])
    kept[random.randrange(k)] = True
    model.thresholds = torch.arange(k).double()
    small = keep_filters(model, kept)
    off = copy.deepcopy(model)
    off.gates = torch.zeros(k).double() if model.gates is None else model.gates.clone()
    off.gates[~kept] = torch.inf
    with torch.no_grad():
        torch.testing.assert_close(small(pad(found)), off(pad(found)), rtol=1e-9, atol=1e-9)
    assert small.head.in_features == kept.sum()
    assert torch.equal(small.thresholds, model.thresholds[kept])
    assert torch.equal(
        keep_filters(off, ~never_passing(off)).head.weight, off.head.weight[:, ~torch.isinf(off.gates)]
    )
    assert not never_passing(replaced(model)).any()
    with pytest.raises(InputError, match=r"none of the .* filters would be left"):
        keep_filters(model, ~kept & kept)


def replaced(model):
    bare = copy.deepcopy(model)
    bare.gates = None
    return bare


def test_pruned_by_features_the_classifier_is_a_normal_one(classifier, corpus, tmp_path):
    parts = three_parts(Splits(corpus, corpus), classifier.record)
    epsilon = float(np.quantile(variances(trace_labelled(classifier, corpus)).max(0).values, 0.5))
    found = by_features(classifier, parts, epsilon)
    save(found.classifier, tmp_path / "small")
    small = load(tmp_path / "small")
    table = found.tables["filters"]
    assert table["filters"].to_list() == [16, small.model.head.in_features]
    assert 4 <= small.model.head.in_features <= 12
    assert table["parameters"][1] == sum(p.numel() for p in small.model.parameters()) < table["parameters"][0]
    assert table["accuracy"][1] == pytest.approx(
        (small.logits(corpus.texts).argmax(1) == np.array(corpus.labels)).mean()
    )
    assert small.record.changes == (found.sentence,)
    gated = copy.deepcopy(classifier.model)
    gated.gates = torch.zeros(16)
    gated.gates[[2, 9]] = torch.inf
    off = replace(classifier, model=gated)
    without = by_features(off, parts, "off").classifier
    assert without.model.head.in_features == 14
    np.testing.assert_allclose(without.logits(corpus.texts), off.logits(corpus.texts), atol=1e-5)
    assert by_features(classifier, parts, "auto").tables["features"]["epsilon"][0] > 0


def test_what_keeps_a_model_is_as_accurate_and_loses_little(classifier, corpus):
    """Worked out from logits alone: halved, they decide alike but are less sure."""
    inputs = trace_labelled(classifier, corpus)
    truth = inputs.truth.tolist()

    def loss(logits):
        rows = logits.double().tolist()
        return sum(
            math.log(sum(map(math.exp, row))) - row[y] for row, y in zip(rows, truth, strict=True)
        ) / len(rows)

    for factor in (1.5, 1.0, 0.97, 0.9, 0.5, 0.1):
        logits = factor * inputs.logits
        assert inputs.accuracy(logits) == inputs.accuracy(inputs.logits)
        assert inputs.keeps(logits) == (loss(logits) <= 1.05 * loss(inputs.logits))
    assert not inputs.keeps(0.1 * inputs.logits)
    wrong = inputs.logits.clone()
    wrong[0] = wrong[0].flip(0)
    assert not inputs.keeps(wrong)
