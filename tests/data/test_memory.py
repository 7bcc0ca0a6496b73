"""Lists, arrays and series as corpora."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from convlens.data import Corpus, Reject, from_lists

TEXTS = ["fine", "dull", "so"]
EXPECTED = Corpus(("fine", "dull", "so"), (1, 0, 1), ("neg", "pos"))


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, pl.Series, iter])
def test_any_sequence_will_do(kind):
    assert from_lists(kind(TEXTS), kind(["pos", "neg", "pos"])) == EXPECTED


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_truth_values_of_numpy_are_labels(kind):
    labels = kind([np.True_, np.False_, np.True_])
    assert from_lists(TEXTS, labels) == Corpus(tuple(TEXTS), (1, 0, 1), ("False", "True"))
    assert from_lists(TEXTS, labels, ("no", "yes")) == Corpus(tuple(TEXTS), (1, 0, 1), ("no", "yes"))
    assert from_lists(TEXTS, [np.True_, False, "True"]).labels == (1, 0, 1)


def test_truth_values_of_numpy_are_no_texts(refusal):
    said = refusal(from_lists, [np.True_, np.False_], ["x", "y"])
    assert said.startswith("lists: 2 of 2 rows cannot be used (2 text is not a string but a bool; ")


def test_texts_alone():
    assert from_lists(TEXTS, source="mine") == Corpus(("fine", "dull", "so"), source="mine")


def test_label_names_number_the_labels():
    names = ("neg", "pos", "none")
    for labels in ([1, 0, 1], ["pos", "neg", "pos"], np.array([1, 0, 1]), ["pos", 0, 1]):
        assert from_lists(TEXTS, labels, names) == Corpus(("fine", "dull", "so"), (1, 0, 1), names)


def test_rows_without_text_or_label_are_set_aside():
    texts, labels = [*(TEXTS * 10), None, "x", " "], [*([1, 0, 1] * 10), 1, -1, 0]
    corpus = from_lists(texts, labels, ("neg", "pos"))
    assert len(corpus) == 30
    assert corpus.rejected == (
        Reject(31, "no text", "[null, 1]"),
        Reject(32, "no label", '["x", -1]'),
        Reject(33, "no text", '[" ", 0]'),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((TEXTS, ["pos"]), "3 texts came with 1 labels: give one label for each text"),
        (([],), "lists: the list of texts is empty: give at least one text"),
        (([], []), "lists: the list of texts is empty: give at least one text"),
        (("fine film",), "expected a list, got one string 'fine film': put it into a list"),
        ((TEXTS, "x" * 99), f"expected a list, got one string {'x' * 40!r}: put it into a list"),
        ((TEXTS, [0, 1, 2], ["neg", "pos"]), "text 3: label 2 is not an index into the 2 label names"),
        ((TEXTS, ["pos", "good", "neg"], ["neg", "pos"]), "text 2: label 'good' is not one of the 2 label names"),
        ((TEXTS, [0, [1], 0]), "text 2: label is a list, not a string or a number (--label-separator reads several labels)"),
        (([3, 4, 5],), "lists: 3 of 3 rows cannot be used (3 text is not a string but a int; the first is line 1: '[3, null]'): mend them"),
        (([{(1, 2): 3}],), "lists: 1 of 1 rows cannot be used (1 text is not a string but a dict; the first is line 1: '[{}, null]'): mend them"),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_cannot_be_used(given, said, refusal):
    assert refusal(from_lists, *given) == said
