"""From a classifier and a corpus to what the page shows: exact, whole, and cut where it says so."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from convlens.data import Corpus, from_lists
from convlens.errors import InputError
from convlens.explain import explain_all, variance_sweep
from convlens.report import collect, report
from convlens.report.documents import CHARACTERS, WORDS, cut, few_classes
from convlens.trace import backends, trace_texts

TODAY = date(2026, 1, 31)


def test_documents_are_those_of_explain(classifier, corpus):
    data = collect(classifier, corpus, today=TODAY)
    ngrams = explain_all(classifier, corpus.texts, method="ngrams")
    filters = len(data.filters)
    for i, (document, ngram) in enumerate(zip(data.documents, ngrams, strict=True)):
        assert (document.number, document.text, document.truth) == (i + 1, corpus.texts[i], corpus.labels[i])
        assert document.spans == explain_all(classifier, [corpus.texts[i]])[0].spans
        np.testing.assert_allclose(document.logits, ngram.logits, atol=1e-5)
        split = document.pooled[:, None] * data.head.weights + data.head.biases / filters
        np.testing.assert_allclose(split, ngram.scores, atol=1e-5)


@pytest.mark.parametrize("family", ["one layer", "deep"])
def test_heats_are_those_of_explain_by_every_method(classifier, deep_classifier, corpus, family):
    model = deep_classifier if family == "deep" else classifier
    few = replace(corpus, texts=("", *corpus.texts[:7]), labels=corpus.labels[:8])
    data = collect(model, few, today=TODAY)
    for m, method in enumerate(data.methods):
        explained = explain_all(model, few.texts, method=method.name)
        for document, one in zip(data.documents, explained, strict=True):
            heat = document.token_scores[m]
            np.testing.assert_allclose(heat.scores, one.scores, atol=1e-5)
            np.testing.assert_allclose(heat.bias, one.bias, atol=1e-5)
            np.testing.assert_allclose(heat.total, one.scores.sum(0), atol=1e-5)
            assert method.sums == one.sums
            if method.sums != "none":
                np.testing.assert_allclose(heat.total + heat.bias, document.logits, atol=1e-5)


def test_documents_are_the_same_from_the_slot_table(classifier, corpus, monkeypatch):
    mixed = replace(corpus, texts=("", "good", *corpus.texts[2:]))
    by_torch = collect(classifier, mixed, today=TODAY).documents
    monkeypatch.setattr(backends, "WORTHWHILE", 1)
    by_table = collect(classifier, mixed, today=TODAY).documents
    for one, other in zip(by_table, by_torch, strict=True):
        for heat, same in zip(one.token_scores, other.token_scores, strict=True):
            for name in ("scores", "bias", "total"):
                np.testing.assert_allclose(getattr(heat, name), getattr(same, name), atol=1e-5, rtol=1e-4)
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-5)
        np.testing.assert_allclose(one.pooled, other.pooled, atol=1e-5)
        np.testing.assert_array_equal(one.positions, other.positions)
        assert (one.number, one.text, one.truth) == (other.number, other.text, other.truth)


def test_other_methods_are_kept_for_the_likely_classes_and_the_true_one():
    logits = np.array([0.5, 3.0, -1.0, 2.0, 1.0, -9.0])
    assert few_classes(logits, None) == (0, 1, 3, 4)
    assert few_classes(logits, 5) == (0, 1, 3, 4, 5)
    assert few_classes(logits[:2], 1) == (0, 1)


def test_words_that_the_vocabulary_lacks_are_told(classifier):
    texts = ("a good zebra film", "a good film", "zebras")
    data = collect(classifier, from_lists(texts), today=TODAY)
    assert [one.unknown for one in data.documents] == [(2,), (), (0,)]


def test_word_totals_are_sums_over_documents(classifier, corpus):
    data = collect(classifier, corpus, today=TODAY)
    explained = explain_all(classifier, corpus.texts)
    sums, counts, documents = {}, {}, {}
    for one in explained:
        for token, score in zip(one.tokens, one.scores[:, 1], strict=True):
            sums[token.lower()] = sums.get(token.lower(), 0) + float(score)
            counts[token.lower()] = counts.get(token.lower(), 0) + 1
        for token in {t.lower() for t in one.tokens}:
            documents[token] = documents.get(token, 0) + 1
    best = data.words[1].positive[0]
    assert best.total == pytest.approx(max(sums.values()), rel=1e-4)
    assert (best.count, best.documents) == (counts[best.word], documents[best.word])
    worst = data.words[1].negative[0]
    assert worst.total == pytest.approx(min(sums.values()), rel=1e-4)


def test_metrics_count_all_documents_and_the_page_shows_some(classifier, corpus):
    data = collect(classifier, corpus, documents=7, today=TODAY)
    assert len(data.documents) == 7
    assert data.total == data.metrics.rows == len(corpus)
    assert ("On this page", "7 documents, spread evenly over the data") in data.data


def test_a_page_without_documents_is_refused(classifier, corpus):
    with pytest.raises(InputError, match="documents must be at least 1, got 0"):
        collect(classifier, corpus, documents=0, today=TODAY)


def test_very_long_documents_are_cut_and_say_what_is_missing(classifier):
    long = "a good film " * 1500 + "superb"
    data = collect(classifier, Corpus((long, "x" * 100_000, "")), today=TODAY)
    document, word, empty = data.documents
    assert (len(document.spans), document.words, document.cut) == (WORDS, 4501, True)
    first = document.token_scores[0]
    np.testing.assert_allclose(first.scores.sum(0) + first.rest + first.bias, document.logits, atol=1e-4)
    np.testing.assert_allclose(first.total + first.bias, document.logits, atol=1e-4)
    assert any("superb" in ngram for ngram in document.hidden.values())
    assert (len(word.text), word.spans, word.cut) == (CHARACTERS, ((0, CHARACTERS),), True)
    assert (empty.words, empty.cut, empty.positions.max()) == (0, False, -1)
    np.testing.assert_allclose(empty.token_scores[0].bias, empty.logits, atol=1e-6)


def test_text_after_the_last_word_is_cut_too(classifier):
    tokens = classifier.tokenizer.encode("good" + " " * 2 * CHARACTERS)
    text, spans, is_cut = cut(tokens)
    assert (len(text), spans, is_cut) == (CHARACTERS, ((0, 4),), True)


def test_unlabelled_and_empty_corpora(classifier):
    data = collect(classifier, from_lists(["a good film"], None), today=TODAY)
    assert data.metrics is None
    assert data.documents[0].truth is None
    assert collect(classifier, Corpus(()), today=TODAY).documents == ()


def test_labels_of_another_model_are_refused(classifier, corpus):
    with pytest.raises(InputError, match="align the data to the model first"):
        collect(classifier, replace(corpus, label_names=("a", "b")))


def test_the_head_tells_where_data_and_model_come_from(classifier, corpus):
    data = collect(
        classifier, replace(corpus, source="reviews.csv", note="These rows stand in."), today=TODAY
    )
    assert data.title == "reviews.csv, explained word by word"
    assert data.notes[0].startswith("ALL 60 ROWS OF reviews.csv ARE ROWS THAT THE MODEL WAS TRAINED ON")
    assert data.notes[1] == "These rows stand in."
    assert ("Filters", "16: 8 of 2 words and 8 of 3 words") in data.model
    assert ("Classes", "2: negative and positive") in data.data
    assert data.date == "2026-01-31"


def test_the_front_door_gives_a_page(classifier, corpus):
    page = report(classifier, corpus, documents=5)
    assert page.startswith("<!doctype html>")
    assert "How often it is right" in page


def test_a_deep_model_is_shown_by_the_methods_it_answers_without_filters(deep_classifier, corpus):
    data = collect(deep_classifier, corpus, today=TODAY)
    assert (data.exact, data.filters, data.points, data.cuts) == (False, None, None, ())
    assert data.head.weights.shape == (0, 2)
    assert [method.name for method in data.methods] == ["gradient-x-input", "words", "lrp", "sensitivity"]
    assert all(document.pooled.shape == document.positions.shape == (0,) for document in data.documents)
    assert data.metrics.accuracy == 1
    assert ("Layers", deep_classifier.model.config.shape) in data.model
    assert "loss-change, thresholded read the trace of a one-layer TextCNN" in data.left_out[1]
    assert "occlusion" in data.left_out[0]


def test_the_cuts_of_all_documents_go_with_the_page(classifier, corpus):
    data = collect(classifier, corpus, documents=3, today=TODAY)
    traced = trace_texts(classifier, corpus.texts)
    assert data.cuts == variance_sweep(traced, data.head.weights, data.head.biases, corpus.labels)
    assert data.cuts[0].accuracy == pytest.approx(data.metrics.accuracy)
    assert data.cuts[data.fit_cut].dropped >= 0.49
