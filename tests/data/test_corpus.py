"""The corpus: taking rows, counting labels, and what no classifier can be trained on."""

import pytest

from convlens.data import Corpus, Reject, check_trainable, from_lists

CORPUS = Corpus(
    ("a", "b", "c"), (1, 0, 1), ("neg", "pos", "none"), "x", (Reject(1, "no text", ""),), "2 of 9", ("so",)
)


def test_rows_are_taken_in_the_order_asked_for():
    taken = CORPUS.take(iter([2, 1, 2]))
    assert taken == Corpus(("c", "b", "c"), (1, 0, 1), ("neg", "pos", "none"), "x", (), "2 of 9", ())
    assert len(taken) == 3
    assert Corpus(("a", "b")).take([1]) == Corpus(("b",))


def test_labels_are_counted_in_the_order_of_their_names():
    assert CORPUS.counts() == {"neg": 1, "pos": 2, "none": 0}
    assert Corpus(("a",), label_names=("neg",)).counts() == {}
    assert Corpus(("a", "b")).labelled((0, 0), ("x",)).counts() == {"x": 2}


def test_notices_are_added_behind_the_others():
    assert CORPUS.saying("and", "so on").notices == ("so", "and", "so on")


def test_labels_must_fit_texts_and_names(refusal):
    assert refusal(Corpus, ("a", "b"), (0,), ("x",)) == ("2 texts came with 1 labels: give one label a text")
    for labels, least, most in (((0, 2), 0, 2), ((-1, 0), -1, 0)):
        assert refusal(Corpus, ("a", "b"), labels, ("x", "y")) == (
            f"labels run from {least} to {most}, but there are 2 label names: number them from 0"
        )


def test_two_classes_of_two_rows_can_be_trained_on():
    check_trainable(from_lists(["a", "b", "c", "d"], ["x", "y", "y", "x"]))
    check_trainable(Corpus(("a", "b", "c", "d"), (0, 2, 2, 0), ("x", "unused", "y")))


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        (Corpus(("a",)), "lists has no labels: training needs one for each text, name their column with --label"),
        (from_lists(["a", "b"], ["x", "x"]), "lists: all 2 rows have the label 'x': a classifier needs at least two classes, add rows of another"),
        (from_lists(["a", "b", "c"], ["x", "y", "x"]), "lists: the class 'y' has only one row: each class needs at least two (one to train on, one to test on), add rows or drop the class"),
        (Corpus((), ()), "lists: all 0 rows have the label '': a classifier needs at least two classes, add rows of another"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_on(corpus, said, refusal):
    assert refusal(check_trainable, corpus) == said
