"""A page of some documents keeps the errors, and says how many of each kind it has; many classes do not fill it."""

from dataclasses import replace

import numpy as np
import pytest

from convlens.data import align_to, from_lists
from convlens.filters import CardConfig, filter_cards
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.report import collect, documents, render
from convlens.report.collect import with_errors
from convlens.report.methods import shown_methods
from convlens.text import TextConfig, Tokenizer


@pytest.mark.parametrize(
    ("wrong", "rows", "most", "errors"),
    [(7, 100, 20, 7), (60, 100, 20, 18), (100, 100, 20, 20), (0, 100, 20, 0), (5, 8, 20, 5), (3, 9, 1, 1)],
)
def test_errors_come_first_and_others_have_a_tenth(wrong, rows, most, errors):
    places = with_errors(np.arange(rows) % rows < wrong, most)
    assert places == sorted(set(places))
    assert len(places) == min(rows, most)
    assert sum(place < wrong for place in places) == errors


def test_the_page_keeps_errors_and_tells_its_share_of_cells(classifier, corpus):
    names = [corpus.label_names[label] for label in corpus.labels]
    names[:6] = ["positive" if name == "negative" else "negative" for name in names[:6]]
    data = collect(classifier, align_to(classifier.labels, from_lists(corpus.texts, names)), documents=12)
    wrong = [d for d in data.documents if d.truth != d.logits.argmax()]
    assert len(data.documents) == 12
    assert len(wrong) == data.metrics.rows - data.metrics.confusion.trace() == 6
    page = render(data)
    assert "27, 3 on this page" in page
    assert 'title="3"' in page
    assert dict(data.data)["On this page"].startswith("12 documents, all errors among them")


def many_classes(count):
    words = tuple(f"w{i}" for i in range(50))
    model = TextCNN(TextCNNConfig(regions=(2,), filters=4, dim=4), 52, count)
    return Classifier(model, Tokenizer(TextConfig("whitespace"), words), tuple(f"c{i}" for i in range(count)))


def test_many_classes_do_not_fill_the_page(monkeypatch):
    classifier = many_classes(300)
    texts = [f"w{i % 50} w{i % 7} w{i % 11}" for i in range(600)]
    corpus = from_lists(texts, [f"c{i // 4}" for i in range(600)])
    corpus = align_to(classifier.labels, corpus)
    monkeypatch.setitem(collect.__globals__, "SCORES", (3 + collect.__globals__["HEAD"]) * 300 * 30)
    data = collect(classifier, corpus)
    assert len(data.documents) == 30
    assert data.total == data.metrics.rows == 600
    page = render(data)
    assert "The 40 largest of 300 classes." in page
    assert page.count("data-truth=") <= 40 * 40
    assert len(page) < 1_500_000


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_few_classes_are_scored_as_all_are(name, request, corpus, monkeypatch):
    classifier = request.getfixturevalue(name)
    tokens = classifier.tokenizer.encode_all([*corpus.texts[:11], ""])
    methods = [method.name for method in shown_methods(classifier.model)]
    whole = documents.score_all(classifier, tokens, methods)
    monkeypatch.setattr(documents, "MANY", 1)
    found = documents.score_all(classifier, tokens, methods)
    for method in methods:
        for part in ("scores", "bias", "logits", "offsets"):
            wanted = getattr(whole[method], part)
            np.testing.assert_allclose(getattr(found[method], part), wanted, rtol=1e-4, atol=1e-6)
        assert found[method].sums == whole[method].sums


def test_of_many_classes_slow_methods_answer_for_those_shown():
    classifier = many_classes(60)
    tokens = classifier.tokenizer.encode_all([f"w{i % 50} w{i % 7} w{i % 11}" for i in range(20)])
    found = documents.score_all(classifier, tokens, ["words", "sensitivity"], [7] * 20)["sensitivity"]
    for i in range(20):
        few = list(documents.few_classes(found.logits[i], 7))
        alone = documents.score_all(classifier, tokens, ["sensitivity"])["sensitivity"]
        units = slice(found.offsets[i], found.offsets[i + 1])
        np.testing.assert_allclose(found.scores[units][:, few], alone.scores[units][:, few], rtol=1e-4)


def test_cards_of_many_words_read_some_documents_and_the_page_says_so(classifier, corpus, monkeypatch):
    words = 200
    whole = filter_cards(classifier, corpus)
    cards = filter_cards(classifier, corpus, CardConfig(words=words))
    assert cards.words == whole.words > words
    read = [i * len(corpus) // cards.ngram_documents for i in range(cards.ngram_documents)]
    assert sum(len(ids) for ids in classifier.tokenizer.ids([corpus.texts[i] for i in read])) < 2 * words
    some = filter_cards(classifier, [corpus.texts[i] for i in read])
    assert (cards.documents, len(read), whole.ngram_documents) == (len(corpus), some.documents, len(corpus))
    for card, of_all, of_some in zip(cards, whole, some, strict=True):
        assert (card.threshold, card.purity, card.coverage) == (
            of_all.threshold,
            of_all.purity,
            of_all.coverage,
        )
        assert [n.text for n in card.top_natural] == [n.text for n in of_some.top_natural]
    monkeypatch.setitem(collect.__globals__, "CARDS", CardConfig(words=words))
    page = render(collect(classifier, corpus))
    assert f"clusters are those of {len(read):,} of these" in page
    assert "clusters are those of" not in render(replace(collect(classifier, corpus), filters=whole))


def test_answers_without_labels_are_counted_over_all_documents():
    classifier = many_classes(60)
    texts = [f"w{i % 50} w{i % 7} w{i % 11}" for i in range(90)]
    data = collect(classifier, from_lists(texts), documents=5)
    assert data.predicted == tuple(np.bincount(classifier.logits(texts).argmax(1), minlength=60))
    page = render(data)
    assert "The 40 most frequent of 60 classes." in page
    assert "5 of 90 documents; the figures above count all of them." in page
