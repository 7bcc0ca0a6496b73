"""A page of some documents keeps the errors, and says how many of each kind it has; many classes do not fill it."""

import numpy as np
import pytest

from convlens.data import align_to, from_lists
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.report import collect, render
from convlens.report.spread import with_errors
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
    monkeypatch.setitem(collect.__globals__, "SCORES", 3 * 300 * 30)
    data = collect(classifier, corpus)
    assert len(data.documents) == 30
    assert data.total == data.metrics.rows == 600
    page = render(data)
    assert "The 40 largest of 300 classes." in page
    assert page.count("data-truth=") <= 40 * 40
    assert len(page) < 1_500_000
