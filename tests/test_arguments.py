"""What callers may give: other kinds of lists and numbers are taken, and the rest is refused in a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

import convlens as c
from convlens import InputError

TEXTS = ["A good film", "a dull one", ""]
LABELS = ["yes", "no", "yes"]
Call = Callable[[c.Classifier, c.Corpus], Any]

LISTS: dict[str, Callable[[], Any]] = {
    "list": lambda: TEXTS,
    "tuple": lambda: tuple(TEXTS),
    "generator": lambda: (text for text in TEXTS),
    "iterator": lambda: iter(TEXTS),
    "keys": lambda: dict.fromkeys(TEXTS).keys(),
    "array": lambda: np.array(TEXTS),
    "objects": lambda: np.array(TEXTS, dtype=object),
    "subclass": lambda: [np.str_(text) for text in TEXTS],
    "pandas": lambda: pd.Series(TEXTS),
    "pandas strings": lambda: pd.Series(TEXTS, dtype="string"),
    "polars": lambda: pl.Series(TEXTS),
    "corpus": lambda: c.Corpus(tuple(TEXTS)),
}


@pytest.mark.parametrize("kind", LISTS)
def test_whatever_gives_texts_is_taken(classifier, kind):
    assert classifier.predict(LISTS[kind]()) == classifier.predict(TEXTS)
    explained = c.explain_all(classifier, LISTS[kind]())
    assert [one.text for one in explained] == TEXTS
    assert {type(one.text) for one in explained} == {str}
    vectors = c.document_vectors(classifier, LISTS[kind]())
    np.testing.assert_array_equal(vectors, c.document_vectors(classifier, TEXTS))
    assert len(c.filter_cards(classifier, LISTS[kind]())) == 16


TAKEN: dict[str, tuple[Callable[[], Any], Any]] = {
    "numpy whole number": (lambda: c.TrainConfig(epochs=np.int64(3)), c.TrainConfig(epochs=3)),
    "whole float": (lambda: c.TrainConfig(epochs=3.0), c.TrainConfig(epochs=3)),
    "numpy float": (lambda: c.TrainConfig(lr=np.float64(0.5)), c.TrainConfig(lr=0.5)),
    "numpy bool": (lambda: c.TrainConfig(class_weights=np.True_), c.TrainConfig(class_weights=True)),
    "list of regions": (lambda: c.TextCNNConfig(regions=[2, 3]), c.TextCNNConfig(regions=(2, 3))),
    "array of regions": (lambda: c.TextCNNConfig(regions=np.array([2, 3])), c.TextCNNConfig(regions=(2, 3))),
    "list of methods": (lambda: c.EvaluateConfig(methods=["lrp"]), c.EvaluateConfig(methods=("lrp",))),
    "numpy bools": (
        lambda: c.from_lists(TEXTS[:2], [np.True_, np.False_]).labels,
        c.from_lists(TEXTS[:2], [True, False]).labels,
    ),
    "array of labels": (
        lambda: c.from_lists(np.array(TEXTS[:2]), np.array(LABELS[:2])),
        c.from_lists(TEXTS[:2], LABELS[:2]),
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_settings_and_labels_become_pythons_own(name):
    make, expected = TAKEN[name]
    assert make() == expected
    assert repr(make()) == repr(expected)


REFUSED: dict[str, tuple[Call, str]] = {
    # one text
    "a list": (lambda m, d: c.explain(m, ["a"]), "text must be a string, got a list: .*explain_all"),
    "a corpus": (lambda m, d: c.explain(m, d), "text must be a string, got a Corpus: .*explain_all"),
    "none": (lambda m, d: c.explain(m, None), "text must be a string, got None"),
    "bytes": (lambda m, d: c.explain(m, b"good"), "text must be a string, got bytes b'good': decode"),
    "number": (lambda m, d: c.explain(m, 3), "text must be a string, got int 3"),
    "target": (lambda m, d: c.explain(m, "good", target=0), "target must be a string, got int 0"),
    "method": (lambda m, d: c.explain(m, "good", method=None), "method must be a string, got None"),
    # many texts
    "a none among texts": (lambda m, d: m.predict(["a", None]), "text 2 is None, not a string"),
    "a number among texts": (lambda m, d: m.predict_proba([1.5]), "text 1 is float 1.5, not a string"),
    "missing": (lambda m, d: m.predict(pd.Series(["a", None])), "text 2 is float nan, not a string"),
    "bytes among texts": (lambda m, d: m.logits([b"a"]), "text 1 is bytes b'a', not a string"),
    "a list among texts": (lambda m, d: m.predict([["a"]]), "text 1 is a list, not a string"),
    "one string": (lambda m, d: c.explain_all(m, "good"), "got one string: put it in a list"),
    "no texts": (lambda m, d: m.predict(None), "texts must be a list, got None"),
    "a frame": (lambda m, d: m.predict(pd.DataFrame({"text": TEXTS})), "got a DataFrame: .*from_frame"),
    "a polars frame": (
        lambda m, d: m.predict(pl.DataFrame({"text": TEXTS})),
        "got a DataFrame: .*from_frame",
    ),
    "a dict": (lambda m, d: m.predict({"text": TEXTS}), "texts must be a list, got a dict"),
    "a set": (lambda m, d: m.predict(set(TEXTS)), "a set has no order"),
    "two dimensions": (lambda m, d: m.predict(np.array([TEXTS])), "texts must be a list, got a ndarray"),
    "splits": (lambda m, d: m.predict(c.split(d)), "got a Splits: take its .train or .test"),
    "vectors of a string": (lambda m, d: c.document_vectors(m, "good"), "put it in a list"),
    "cards of nothing": (lambda m, d: c.filter_cards(m, None), "texts must be a list, got None"),
    "saliency of numbers": (lambda m, d: c.saliency(m, [3]), "text 1 is int 3"),
    "units of a string": (lambda m, d: c.hidden_units(m, "good"), "put it in a list"),
    "words that are strings": (lambda m, d: c.matching_rate(m, ["a"], ["b"]), "put it in a list"),
    # classifiers
    "a folder": (
        lambda m, d: c.explain("model", "good"),
        r"classifier .* got str 'model': load .*convlens.load",
    ),
    "a model": (lambda m, d: c.explain(m.model, "good"), "classifier must be a Classifier, got a TextCNN"),
    "nothing to save": (lambda m, d: c.save(None, "x"), "classifier must be a Classifier, got None"),
    "a folder traced": (
        lambda m, d: c.trace("model", torch.tensor([[2]])),
        "model must be a TextCNN, got str 'model': a classifier has one as its .model",
    ),
    # corpora
    "X and y": (
        lambda m, d: c.fit(TEXTS, LABELS),
        r"corpus must be a Corpus, got a list: .*from_lists\(texts",
    ),
    "y": (lambda m, d: c.fit(d, LABELS), r"config must be a FitConfig, got a list: .*from_lists\(texts"),
    "a path": (lambda m, d: c.fit("reviews.csv"), r"got str 'reviews.csv': make one with convlens.read"),
    "splits fitted": (lambda m, d: c.fit(c.split(d)), "got a Splits: take its .train"),
    "part of settings": (
        lambda m, d: c.fit(d, c.TrainConfig()),
        "config must be a FitConfig, got a TrainConfig",
    ),
    "vectors' file": (
        lambda m, d: c.fit(d, vectors="v.txt"),
        "vectors must be a WordVectors, got str 'v.txt'",
    ),
    "evaluated texts": (lambda m, d: c.evaluate(m, TEXTS), "corpus must be a Corpus, got a list: make one"),
    "attacked texts": (lambda m, d: c.attack(m, TEXTS), "corpus must be a Corpus, got a list: make one"),
    "certified": (lambda m, d: c.certify(m, None), "corpus must be a Corpus, got None: make one"),
    "measured texts": (lambda m, d: c.measure(m, TEXTS), "corpus must be a Corpus, got a list: make one"),
    "unlabelled": (lambda m, d: c.measure(m, c.from_lists(TEXTS[:2])), "need labelled rows, there are none"),
    "other labels": (lambda m, d: c.measure(m, c.from_lists(["a"], ["yes"])), "unknown in training: 'yes'"),
    "reported texts": (lambda m, d: c.report(m, TEXTS), "corpus must be a Corpus, got a list: make one"),
    "split texts": (lambda m, d: c.split(TEXTS), "corpus must be a Corpus, got a list: make one"),
    "lists of none": (lambda m, d: c.from_lists(None), "texts must be a list, got None"),
    "lists of a number": (lambda m, d: c.from_lists(TEXTS, 3), "labels must be a list, got int 3"),
    "labels as texts": (
        lambda m, d: c.Corpus(("a",), ("b",)),
        "labels: value 1 must be a whole number, got str",
    ),
    "columns": (
        lambda m, d: c.from_frame(pl.DataFrame(), "text"),
        "columns must be a Columns, got str 'text'",
    ),
    # paths
    "save": (lambda m, d: c.save(m, 3), "folder must be a path or a string, got int 3"),
    "load": (lambda m, d: c.load(None), "folder must be a path or a string, got None"),
    "read": (lambda m, d: c.read(5), "path must be a string or a path, got int 5"),
    "bytes path": (lambda m, d: c.read(b"x.csv"), "path must be a string or a path, got bytes b'x.csv'"),
    "nul": (lambda m, d: c.save(m, "a\0b"), "holds the character NUL"),
    "vectors": (lambda m, d: c.read_vectors(3), "path must be a string or a path, got int 3"),
    "scan a corpus": (lambda m, d: c.scan(m, d, "x"), "source must be a string or a path, got a Corpus"),
    "read a scan": (lambda m, d: c.read_scan(3), "folder must be a string or a path, got int 3"),
    "data set": (lambda m, d: c.load_data(3), "name must be a string, got int 3"),
    # settings
    "text as number": (lambda m, d: c.TrainConfig(lr="0.1"), "lr must be a number, got str '0.1'"),
    "text as count": (
        lambda m, d: c.TextConfig(min_count="2"),
        "min_count must be a whole number, got str '2'",
    ),
    "truth as number": (lambda m, d: c.TrainConfig(epochs=True), "epochs must be a whole number, got True"),
    "fraction": (lambda m, d: c.TrainConfig(epochs=2.5), "epochs must be a whole number, got float 2.5"),
    "no number": (lambda m, d: c.TrainConfig(lr=float("nan")), "lr must be positive, got nan"),
    "none as number": (
        lambda m, d: c.TrainConfig(batch_size=None),
        "batch_size must be a whole number, got None",
    ),
    "text as truth": (lambda m, d: c.TextConfig(lower="no"), "lower must be True or False, got str 'no'"),
    "digits": (lambda m, d: c.TrainConfig(lr=10**5000), "lr must be a number, got int"),
    "seed": (lambda m, d: c.TrainConfig(seed=2**40), "seed must be a whole number from 0 to 4294967295"),
    "negative seed": (lambda m, d: c.split(d, seed=-1), "seed must be a whole number from 0"),
    "one region": (lambda m, d: c.TextCNNConfig(regions=3), "regions must be a list, got int 3"),
    "filters": (
        lambda m, d: c.TextCNNConfig(filters=2.5),
        "filters must be a whole number or a list, got float",
    ),
    "layers": (
        lambda m, d: c.DeepTextCNNConfig(layers=(3,)),
        "layers: value 1 must be a ConvLayer, got int 3",
    ),
    "preset": (lambda m, d: c.FitConfig(model="kim"), "model must be a TextCNNConfig or a DeepTextCNNConfig"),
    "one method": (lambda m, d: c.EvaluateConfig(methods="lrp"), "methods must be a list, got str 'lrp'"),
    "edits": (lambda m, d: c.AttackConfig(edits="3"), "edits must be a whole number, got str '3'"),
    "one filter": (lambda m, d: c.CardConfig(filters=3), "filters must be a list, got int 3"),
    "rows": (lambda m, d: c.ScanConfig(rows=2.5), "rows must be a whole number, got float 2.5"),
    "unit": (lambda m, d: c.UnitConfig(layer="1"), "layer must be a whole number, got str '1'"),
    "share": (lambda m, d: c.split(d, share="0.1"), "share must be a number, got str '0.1'"),
    "large share": (lambda m, d: c.split(d, share=2), "must lie between 0 and 1, got 2"),
    "settings as dict": (
        lambda m, d: c.filter_cards(m, d, {"top": 3}),
        "config must be a CardConfig, got a dict",
    ),
    "page": (
        lambda m, d: c.report(m, d, "x.html"),
        "report: too many positional arguments: it takes classifier",
    ),
    "name": (lambda m, d: c.fit(d, epochs=3), "fit: got an unexpected keyword argument 'epochs'"),
    # numbers
    "points": (lambda m, d: c.project("a"), "vectors must be an array of numbers, got str 'a'"),
    "panels": (lambda m, d: c.scatter({"a": 3}, []), r"panels\['a'\] must be an array of numbers, got int 3"),
    "ids": (lambda m, d: c.trace(m.model, [["a"]]), r"ids must be whole numbers \(B, T\), got <U1"),
    "ragged ids": (lambda m, d: c.trace(m.model, [[1], [2, 3]]), r"ids must be whole numbers \(B, T\)"),
    "fractions": (lambda m, d: c.trace(m.model, torch.ones(1, 1)), "ids must be whole numbers"),
    "ids of one text": (
        lambda m, d: c.trace(m.model, torch.ones(1, dtype=torch.long)),
        r"\(B, T\), got .*\(1,\)",
    ),
    "unknown ids": (
        lambda m, d: c.trace(m.model, torch.tensor([[99]])),
        "words of documents are numbers from 0 to 27 in this model, got 99 to 99",
    ),
    "negative ids": (lambda m, d: c.trace(m.model, torch.tensor([[-1]])), "got -1 to -1"),
    "padding first": (lambda m, d: c.trace(m.model, torch.tensor([[0, 2]])), "before a word"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_rest_is_refused_in_a_sentence(classifier, corpus, name):
    call, message = REFUSED[name]
    with pytest.raises(InputError, match=message) as error:
        call(classifier, corpus)
    assert len(str(error.value)) <= 300
    assert str(error.value).isprintable()
