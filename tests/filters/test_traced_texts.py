"""Cards of texts that are traced already are those of the texts."""

from convlens.filters import filter_cards
from convlens.trace import trace_texts


def test_a_trace_that_is_given_changes_no_card(classifier, corpus, monkeypatch):
    wanted = filter_cards(classifier, corpus)
    traced = trace_texts(classifier, corpus.texts)
    monkeypatch.setattr(type(classifier.tokenizer), "ids", lambda *_: 1 / 0)
    assert filter_cards(classifier, corpus, traced=traced) == wanted
