"""Splits by class and seed; label names shared by training and test rows."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlens.data import Corpus, align_labels, align_to, check_trainable, from_lists, split
from convlens.errors import InputError


def corpus_of(*counts):
    """A corpus with so many rows of each class, every text its own."""
    labels = [f"c{i}" for i, count in enumerate(counts) for _ in range(count)]
    return from_lists([f"text {i}" for i in range(len(labels))], labels)


@given(
    counts=st.lists(st.integers(10, 60), min_size=2, max_size=4),
    share=st.floats(0.1, 0.5),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_row_is_on_one_side_and_classes_keep_their_shares(counts, share, seed):
    corpus = corpus_of(*counts)
    parts = split(corpus, share, seed)
    assert sorted(parts.train.texts + parts.test.texts) == sorted(corpus.texts)
    label = dict(zip(corpus.texts, corpus.labels, strict=True))
    for part in (parts.train, parts.test):
        assert part.labels == tuple(label[text] for text in part.texts)
        for name, rows in part.counts().items():
            expected = corpus.counts()[name] * len(part) / len(corpus)
            assert abs(rows - expected) <= 1 + 1e-9
    assert split(corpus, share, seed) == parts


def test_the_number_held_out_is_rounded_up_and_at_least_one_a_class():
    assert len(split(corpus_of(10, 11)).test) == 3
    assert len(split(corpus_of(3, 3, 3), share=0.01).test) == 3
    assert Counter(split(corpus_of(3, 3, 3), share=0.01).test.labels) == {0: 1, 1: 1, 2: 1}
    assert len(split(corpus_of(20, 20), share=0.25).test) == 10


@given(
    counts=st.lists(st.integers(2, 6), min_size=1, max_size=6),
    share=st.floats(0.05, 0.9),
    seed=st.integers(0, 100),
)
def test_small_classes_keep_two_rows_where_a_large_one_can_give(counts, share, seed):
    """So that what is left can be split again, as `fit` does after the test rows are held out."""
    corpus = corpus_of(*counts, 40)
    try:
        parts = split(corpus, share, seed)
    except InputError:
        assert (1 - share) * len(corpus) < len(counts) + 2
        return
    assert sorted(parts.train.texts + parts.test.texts) == sorted(corpus.texts)
    assert len(parts.test) == max(math.ceil(share * len(corpus)), len(counts) + 1)
    left = parts.train.counts().values()
    assert min(left) >= 2 or max(left) <= 2
    if min(left) >= 2:
        check_trainable(parts.train)


def test_classes_of_two_rows_are_not_refused_after_the_split():
    corpus = corpus_of(2, 2, 2, 2, 12)
    for seed in range(10):
        parts = split(corpus, seed=seed)
        assert parts.train.counts() == {"c0": 2, "c1": 2, "c2": 2, "c3": 2, "c4": 7}
        assert len(parts.test) == 5
        assert len(split(parts.train, seed=seed).train) == 10


def test_other_seeds_hold_out_other_rows():
    corpus = corpus_of(50, 50)
    assert len({split(corpus, seed=seed).test.texts for seed in range(5)}) == 5


def test_rows_without_labels_are_split_by_chance_alone():
    corpus = Corpus(tuple(map(str, range(20))), source="x")
    parts = split(corpus, 0.3, seed=1)
    assert (len(parts.train), len(parts.test)) == (14, 6)
    assert sorted(parts.train.texts + parts.test.texts, key=int) == list(corpus.texts)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_that_is_none(share, refusal):
    assert refusal(split, corpus_of(5, 5), share) == (
        f"the share of rows held out must lie between 0 and 1, got {share}: 0.1 is a tenth"
    )


def test_too_few_rows_to_split(refusal):
    assert refusal(split, corpus_of(3, 3), 0.9) == (
        "lists has too few rows to split: 6 rows of 2 classes, of which 6 would be held out: "
        "add rows or hold out a smaller share"
    )
    assert refusal(split, Corpus(("a",))) == (
        "lists has too few rows to split: 1 rows of 1 classes, of which 1 would be held out: "
        "add rows or hold out a smaller share"
    )
    assert refusal(split, corpus_of(3, 1)) == (
        "lists: the class 'c1' has only one row: each class needs at least two "
        "(one to train on, one to test on), add rows or drop the class"
    )


def test_test_labels_take_the_numbers_of_training():
    train, test = from_lists(["a", "b", "c"], ["x", "y", "z"]), from_lists(["d", "e"], ["z", "x"], source="t")
    assert align_labels(train, test) == Corpus(("d", "e"), (2, 0), ("x", "y", "z"), "t")
    bare = Corpus(("d",))
    assert align_labels(train, bare) is bare


def test_names_that_no_row_has_may_be_unknown():
    corpus = Corpus(("d",), (1,), ("odd", "x"))
    assert align_to(["x", "y"], corpus) == Corpus(("d",), (0,), ("x", "y"))


def test_labels_unknown_in_training(refusal):
    train, test = from_lists(["a", "b"], ["x", "y"]), from_lists(["d", "e", "f"], ["w", "x", "w"], source="t")
    assert refusal(align_labels, train, test) == (
        "t has labels that are unknown in training: 'w' (2 rows); known are 'x', 'y': rename or drop those rows"
    )
    many = [f"n{i:02}" for i in range(12)]
    shown = ", ".join(f"'n{i:02}' (1 rows)" for i in range(10))
    assert refusal(align_labels, train, from_lists(many, many)) == (
        f"lists has labels that are unknown in training: {shown} and 2 more; known are 'x', 'y': "
        "rename or drop those rows"
    )


def test_labels_that_mean_the_same_match():
    corpus = Corpus(("a", "b", "c"), (0, 1, 2), ("1", "4.50", "4"), "t")
    assert align_to(["1.0", "4.0", "4.5"], corpus).labels == (0, 2, 1)
    assert align_to(["good film", "True"], Corpus(("a",), (0,), ("true",))).labels == (1,)
    with pytest.raises(InputError, match="unknown in training: '01'"):
        align_to(["1", "2"], Corpus(("a",), (0,), ("01",)))
    with pytest.raises(InputError, match="label name 'a' is there twice"):
        Corpus(("a",), (0,), ("a", "a"))


@given(
    sets=st.lists(st.sets(st.integers(0, 4)), min_size=30, max_size=80),
    share=st.floats(0.05, 0.4),
    seed=st.integers(0, 99),
)
def test_sets_of_labels_are_parted_and_rare_labels_stay_to_train_on(sets, share, seed):
    rows = [tuple(sorted(of_text)) for of_text in sets] + [(0, 1, 2, 3, 4)] * 2 + [(), (), (5,), (0, 5)]
    texts = tuple(f"text {i}" for i in range(len(rows)))
    corpus = Corpus(texts, None, tuple("abcdef"), sets=tuple(rows))
    parts = split(corpus, share, seed)
    assert sorted(parts.train.texts + parts.test.texts) == sorted(texts)
    by_text = dict(zip(texts, rows, strict=True))
    for part in (parts.train, parts.test):
        assert part.sets == tuple(by_text[text] for text in part.texts)
    assert min(parts.train.counts().values()) >= 2
    assert split(corpus, share, seed) == parts
