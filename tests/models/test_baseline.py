"""The simple alternative is scikit-learn's, on the training rows alone."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tests.toys import toy_corpus

from convlens.data import Splits, from_lists, split
from convlens.models import baseline as module
from convlens.models import tf_idf_baseline


def test_it_is_tf_idf_with_logistic_regression():
    splits = split(toy_corpus(), share=0.3, seed=0)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = vectorizer.fit_transform(splits.train.texts)
    model = LogisticRegression(C=10, max_iter=1000).fit(features, splits.train.labels)
    predicted = model.predict(vectorizer.transform(splits.test.texts))
    baseline = tf_idf_baseline(splits, splits.train.label_names)
    assert baseline.metrics.accuracy == np.mean(predicted == np.array(splits.test.labels))
    assert baseline.told == "TF-IDF of words and pairs with logistic regression"
    assert baseline.to_dict()["accuracy"] == baseline.metrics.accuracy


def test_scripts_without_spaces_are_read_by_characters():
    corpus = from_lists(["好电影我喜欢它", "坏电影我讨厌它"] * 10, ["a", "b"] * 10)
    baseline = tf_idf_baseline(Splits(corpus, corpus), ("a", "b"))
    assert (baseline.told, baseline.metrics.accuracy) == (
        "TF-IDF of 1 to 3 characters with logistic regression",
        1.0,
    )


def test_large_data_are_hashed_and_it_says_so(monkeypatch):
    monkeypatch.setattr(module, "LETTERS", 100)
    splits = split(toy_corpus(), share=0.3, seed=0)
    baseline = tf_idf_baseline(splits, splits.train.label_names)
    assert "hashed words, as the data are large" in baseline.told
    assert baseline.metrics.accuracy > 0.8
    monkeypatch.setattr(module, "OFTEN", 100)
    monkeypatch.setattr(module, "LETTERS", 10**9)
    assert "in two texts or more" in tf_idf_baseline(splits, splits.train.label_names).told


def test_several_labels_have_a_regression_each():
    texts = ["red round", "red flat", "blue round", "blue flat"] * 6
    sets = [["red"] * ("red" in t) + ["round"] * ("round" in t) for t in texts]
    corpus = from_lists(texts, sets, separator=";")
    baseline = tf_idf_baseline(Splits(corpus, corpus), corpus.label_names)
    assert baseline.metrics.accuracy == 1.0
    always = from_lists(texts, [["red"]] * len(texts), separator=";")
    assert tf_idf_baseline(Splits(always, always), always.label_names).metrics.accuracy == 1.0


def test_test_rows_change_nothing_of_what_it_learns():
    splits = split(toy_corpus(), share=0.3, seed=0)
    turned = from_lists(
        splits.test.texts, [splits.test.label_names[1 - label] for label in splits.test.labels]
    )
    one = tf_idf_baseline(splits, splits.train.label_names).metrics.accuracy
    other = tf_idf_baseline(Splits(splits.train, turned), splits.train.label_names).metrics.accuracy
    names = turned.label_names == splits.test.label_names
    assert other == pytest.approx(1 - one if names else one)
