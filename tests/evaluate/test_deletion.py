"""The curves of Arras et al. 2016 against loops, and what must hold of every curve."""

import copy
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convlens.evaluate import EvaluateConfig, evaluate
from convlens.evaluate.bootstrap import interval
from convlens.explain import explain

SMALL = EvaluateConfig(("words", "sensitivity", "random"), deletions=5, runs=2, resamples=50, sanity=0)


def double(classifier):
    return replace(classifier, model=copy.deepcopy(classifier.model).double())


@pytest.fixture(scope="module")
def flipped(corpus):
    """The toy corpus with a third of its labels wrong, so that both groups have documents."""
    labels = [1 - label if i % 3 == 0 else label for i, label in enumerate(corpus.labels)]
    return corpus.labelled(tuple(labels), corpus.label_names).take(range(24))


@torch.no_grad()
def slow_curve(classifier, text, truth, method, deletions):
    """Zero the words one after the other, by their scores on the intact document, and run the model."""
    ids = torch.from_numpy(classifier.tokenizer.encode(text).ids)
    scores = explain(classifier, text, method=method).scores[:, truth]
    right = int(classifier.model(ids[None])[0].argmax()) == truth
    order = np.argsort(-scores if right else scores, kind="stable")
    x, hits = classifier.model.embed(ids)[None].clone(), [right]
    for s in range(deletions):
        if s < len(order):
            x[0, order[s]] = 0
        hits.append(int(classifier.model.classify(x, torch.tensor([len(ids)])).argmax()) == truth)
    return right, hits


def test_curves_are_those_of_a_loop(classifier, flipped):
    """No two words tie here, so that there is one order."""
    exact = double(classifier)
    config = replace(SMALL, methods=("words", "gradient-x-input"), deletions=13)
    found = evaluate(exact, flipped, config)
    for method in found.methods:
        slow = [
            slow_curve(exact, t, y, method, 13) for t, y in zip(flipped.texts, flipped.labels, strict=True)
        ]
        for group, wanted in (("correct", True), ("wrong", False)):
            hits = [h for right, h in slow if right == wanted]
            assert found.curve(method, group) == pytest.approx(np.mean(hits, 0), abs=1e-12)
            [area] = found.areas.filter(method=method, group=group)["area"]
            assert area == pytest.approx(np.mean([h[1:] for h in hits]), abs=1e-12)


def test_without_deletions_all_or_none_are_right(classifier, flipped):
    found = evaluate(classifier, flipped, SMALL)
    first = found.curves.filter(deletions=0)
    assert first.filter(group="correct")["accuracy"].unique().to_list() == [1]
    assert first.filter(group="wrong")["accuracy"].unique().to_list() == [0]
    assert (found.correct, found.wrong) == tuple(
        first.filter(method="words", group=g)["documents"].item() for g in ("correct", "wrong")
    )
    assert found.correct + found.wrong == found.documents == 24


def test_short_documents_stay_at_their_last_state(classifier, flipped):
    long = evaluate(classifier, flipped, replace(SMALL, deletions=40))
    ends = long.curves.filter(pl.col("deletions") >= 30)
    assert (
        ends.group_by("method", "group").agg(pl.col("accuracy").n_unique())["accuracy"].to_list() == [1] * 6
    )
    assert ends.group_by("group").agg(pl.col("accuracy").n_unique())["accuracy"].to_list() == [1] * 2


@settings(max_examples=4)
@given(st.randoms(use_true_random=False))
def test_the_order_of_documents_and_methods_changes_nothing(classifier, flipped, random):
    rows = list(range(0, len(flipped), 6))
    one = evaluate(classifier, flipped.take(rows), SMALL)
    random.shuffle(rows)
    names = list(SMALL.methods)
    random.shuffle(names)
    other = evaluate(classifier, flipped.take(rows), replace(SMALL, methods=tuple(names)))
    for method in SMALL.methods:
        for group in ("correct", "wrong"):
            assert one.curve(method, group) == pytest.approx(other.curve(method, group), abs=1e-12)
        a, b = (
            x.erasure.filter(method=method).select("comprehensiveness", "sufficiency").row(0)
            for x in (one, other)
        )
        assert a == pytest.approx(b, abs=1e-6)


def test_the_same_seed_gives_the_same_bits(classifier, flipped):
    assert evaluate(classifier, flipped, SMALL).to_json() == evaluate(classifier, flipped, SMALL).to_json()
    other = evaluate(classifier, flipped, replace(SMALL, seed=1))
    assert other.curve("random", "correct") != evaluate(classifier, flipped, SMALL).curve("random", "correct")


def test_methods_are_ranked_and_words_beat_chance(classifier, flipped):
    found = evaluate(classifier, flipped, SMALL)
    for group, best in (("correct", min), ("wrong", max)):
        table = found.areas.filter(group=group)
        assert table.filter(rank=1)["area"].to_list()[0] == best(table["area"])
    assert found.ranking["rank"].is_sorted()
    assert found.ranking["turned"].to_list() == sorted(found.ranking["turned"], reverse=True)
    assert found.ranking["method"][-1] == "random"
    turned = {row["method"]: row["turned"] for row in found.ranking.iter_rows(named=True)}
    for method, share in turned.items():
        lost = found.areas.filter(method=method)
        parts = {row["group"]: row["area"] * row["documents"] for row in lost.iter_rows(named=True)}
        assert share == pytest.approx((found.correct - parts["correct"] + parts["wrong"]) / 24)


def test_a_group_without_documents_has_no_rows(classifier, corpus):
    right = [
        i
        for i, text in enumerate(corpus.texts)
        if classifier.predict([text])[0] == corpus.label_names[corpus.labels[i]]
    ]
    found = evaluate(classifier, corpus.take(right), SMALL)
    assert (found.wrong, found.curve("words", "wrong")) == (0, [])
    assert found.areas["group"].unique().to_list() == ["correct"]


@given(st.integers(1, 30), st.integers(1, 3), st.integers(0, 2**20))
def test_intervals_hold_the_mean(documents, columns, seed):
    values = np.random.default_rng(seed).random((documents, columns))
    low, high = interval(values, 300, np.random.default_rng(seed))
    assert (low <= values.mean(0) + 1e-12).all()
    assert (values.mean(0) <= high + 1e-12).all()
    assert (low >= values.min(0) - 1e-12).all()
    assert (high <= values.max(0) + 1e-12).all()


def test_intervals_at_their_edges(monkeypatch):
    rng = np.random.default_rng(0)
    assert np.isnan(interval(np.zeros((0, 2)), 10, rng)).all()
    one = interval(np.array([[0.3, 0.7]]), 10, rng)
    np.testing.assert_allclose(one, [[0.3, 0.7]] * 2)
    same = interval(np.full((9, 1), 0.25), 10, rng)
    np.testing.assert_allclose(same, 0.25)


def test_an_interval_is_as_wide_as_the_normal_one():
    values = np.random.default_rng(0).random((400, 1))
    low, high = interval(values, 4000, np.random.default_rng(1))
    half = 1.96 * values.std() / 20
    assert (high - low)[0] == pytest.approx(2 * half, rel=0.05)
