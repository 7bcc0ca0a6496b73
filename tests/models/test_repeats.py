"""Folds and seeds: which rows and chances, and what is made of the runs."""

import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.toys import TOY, toy_corpus

import convlens
from convlens.data import folds, from_lists, split
from convlens.errors import InputError
from convlens.models import Repeat, Repeats, cross_validate, over_seeds

QUICK = replace(TOY, train=replace(TOY.train, epochs=2))


@given(st.integers(2, 5), st.integers(0, 3), st.lists(st.sampled_from("ab"), min_size=8, max_size=30))
def test_each_row_is_tested_once_and_each_class_in_proportion(count, seed, more):
    labels = [*"aabb" * 2, *more]
    corpus = from_lists([f"text {i}" for i in range(len(labels))], labels)
    divisions = list(folds(corpus, count, seed))
    tested = [text for splits in divisions for text in splits.test.texts]
    assert sorted(tested) == sorted(corpus.texts)
    for splits in divisions:
        assert sorted(splits.train.texts + splits.test.texts) == sorted(corpus.texts)
        for name, rows in splits.test.counts().items():
            assert abs(rows - corpus.counts()[name] / count) < 1
    again = [splits.test.texts for splits in folds(corpus, count, seed)]
    assert again == [splits.test.texts for splits in divisions]


def test_sets_of_labels_are_divided_too():
    corpus = from_lists([f"t {i}" for i in range(12)], ["a;b", "b", "a"] * 4, separator=";")
    assert sorted(text for one in folds(corpus, 3) for text in one.test.texts) == sorted(corpus.texts)


@pytest.mark.parametrize(
    ("labels", "count", "sentence"),
    [
        ([*"aabb"], 1, "folds must be from 2 to the 4 rows of lists, got 1"),
        ([*"aabb"], 9, "got 9"),
        ([*"aaaabb"], 3, "the class 'b' has 2 rows, of which 3 folds leave too few to train on"),
    ],
)
def test_rows_that_cannot_be_divided(labels, count, sentence):
    with pytest.raises(InputError, match=sentence):
        list(folds(from_lists([f"t {i}" for i in range(len(labels))], labels), count))


def test_folds_are_trained_and_tested():
    corpus = toy_corpus()
    repeats = cross_validate(corpus, QUICK, count=3)
    splits = next(folds(corpus, 3, QUICK.train.seed))
    classifier = convlens.fit(splits.train, QUICK)
    assert repeats.runs[0].accuracy == convlens.measure(classifier, splits.test).accuracy
    assert [run.baseline is not None for run in repeats.runs] == [True] * 3
    assert not cross_validate(corpus, QUICK, count=2, baseline=False).has_baseline


def test_seeds_differ_and_begin_with_that_of_the_config():
    splits = split(toy_corpus(), share=0.3)
    config = replace(QUICK, train=replace(QUICK.train, seed=4))
    repeats = over_seeds(splits, config, count=2)
    fifth = convlens.fit(splits.train, replace(config, train=replace(config.train, seed=5)))
    assert repeats.runs[1].accuracy == convlens.measure(fifth, splits.test).accuracy
    with pytest.raises(InputError, match="seeds must be at least 2"):
        over_seeds(splits, config, count=1)


def test_mean_and_spread():
    shares = [0.5, 0.75, 0.9]
    repeats = Repeats("folds", tuple(Repeat(share, share / 2, 1.0, 1 - share) for share in shares))
    assert repeats.mean("accuracy") == pytest.approx(statistics.mean(shares))
    assert repeats.spread("accuracy") == pytest.approx(statistics.stdev(shares))
    assert repeats.to_dict()["baseline"]["mean"] == pytest.approx(1 - statistics.mean(shares))


def test_ctrl_c_ends_all_folds(monkeypatch):
    def interrupted(*_, **options):
        classifier = convlens.fit(*_, **options)
        return replace(classifier, record=replace(classifier.record, interrupted=True))

    monkeypatch.setattr("convlens.models.repeats.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(toy_corpus(), QUICK, count=2)
