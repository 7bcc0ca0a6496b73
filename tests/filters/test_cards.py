"""Cards against a second derivation in float64: every number of every n-gram, from nothing but weights and texts."""

import json
from collections import Counter, defaultdict
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.filters.small import NAMES, cases, score_of, slots_of, weights, windows_of

from convlens.errors import InputError
from convlens.filters import CardConfig, filter_cards, purities
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.text import Documents, TextConfig, Tokenizer
from convlens.trace import trace_by_torch

MANY = CardConfig(purity=0.5, clusters=50, examples=50, negatives=500)


class Truth:
    """What a small classifier's texts hold."""

    def __init__(self, classifier, texts, purity):
        self.model = classifier.model
        self.documents = Documents.of(classifier.tokenizer.ids(texts))
        self.found = purities(self.model, trace_by_torch(self.model, self.documents), purity)
        self.counts, self.owners = Counter(), defaultdict(set)
        for n in set(self.model.config.regions):
            for ngram, document in windows_of(self.documents, n):
                self.counts[ngram] += 1
                self.owners[ngram].add(document)

    def natural(self, n):
        return [ngram for ngram in self.counts if len(ngram) == n]

    def passes(self, f, ngram):
        return score_of(self.model, f, ngram) >= self.found.bars[f] and score_of(self.model, f, ngram) > 0


def numbers(ngram):
    """Word numbers from how an n-gram is written."""
    written = {"?": 1, "<unk>": 1, **{name: i for i, name in enumerate(NAMES, 2)}}
    return tuple(written[word] for word in ngram.words)


def holds(truth, f, ngram):
    """An n-gram's own numbers."""
    words = numbers(ngram)
    np.testing.assert_allclose(ngram.slots, slots_of(truth.model, f, words), atol=1e-9)
    assert isclose(ngram.score, score_of(truth.model, f, words), abs_tol=1e-9)
    assert ngram.count == truth.counts[words]
    assert ngram.documents == len(truth.owners[words])
    assert ngram.text == " ".join(ngram.words)
    return words


@settings(max_examples=12)
@given(cases(), st.integers(1, 3), st.sampled_from([0.5, 0.8]))
def test_every_number_of_every_card(case, distance, purity):
    classifier, texts = case
    config = CardConfig(purity, clusters=50, examples=50, negatives=500, distance=distance)
    truth = Truth(classifier, texts, purity)
    head = classifier.model.head.weight.detach().numpy()
    cards = filter_cards(classifier, texts, config, backend="torch")
    assert [card.filter for card in cards] == list(range(head.shape[1]))
    for card in cards:
        f, n = card.filter, card.region
        assert n == weights(classifier.model)[f][2]
        assert card.label == classifier.labels[head[:, f].argmax()]
        assert isclose(card.margin, np.diff(np.sort(head[:, f]))[-1], abs_tol=1e-12)
        natural = truth.natural(n)
        best = sorted((score_of(truth.model, f, g) for g in natural), reverse=True)[: config.top]
        np.testing.assert_allclose([ngram.score for ngram in card.top_natural], best, atol=1e-9)
        for ngram in (*card.top_natural, *card.top_possible):
            holds(truth, f, ngram)
        if card.top_natural:
            assert card.top_possible[0].score >= card.top_natural[0].score
        passing = [g for g in natural if truth.passes(f, g)]
        assert card.passing == sum(truth.counts[g] for g in passing)
        assert (card.threshold is None) == (truth.found.thresholds[f] == np.inf)
        check_clusters(truth, card, passing)
        check_negatives(truth, card, distance)


def check_clusters(truth, card, passing):
    """The clusters share out the passing n-grams."""
    examples = [holds(truth, card.filter, ngram) for c in card.clusters for ngram in c.examples]
    assert sorted(examples) == sorted(passing)
    assert sum(c.ngrams for c in card.clusters) == len(passing)
    assert sum(c.occurrences for c in card.clusters) == card.passing
    assert card.groups == len(card.clusters)
    for c in card.clusters:
        scores = [ngram.score for ngram in c.examples]
        assert scores == sorted(scores, reverse=True)


def check_negatives(truth, card, distance):
    """For every passing n-gram all natural ones near it that do not pass, and which are of case 2."""
    found = {numbers(negatives.of): negatives for negatives in card.negatives}
    for cluster in card.clusters:
        for example in cluster.examples:
            words, near = numbers(example), {}
            for ngram in truth.natural(card.region):
                apart = sum(a != b for a, b in zip(words, ngram, strict=True))
                if 1 <= apart <= distance and not truth.passes(card.filter, ngram):
                    near[ngram] = apart, is_case_2(truth, card.filter, ngram, apart)
            given = found.pop(words).lowest if near else ()
            assert {numbers(n.ngram): (n.distance, n.case_2) for n in given} == near
            scores = [n.ngram.score for n in given]
            assert scores == sorted(scores)
            for negative in given:
                holds(truth, card.filter, negative.ngram)
                assert negative.ngram.count > 0
    assert not found


def is_case_2(truth, f, ngram, apart):
    slots = slots_of(truth.model, f, ngram)
    lowest = sorted(slots)[:apart]
    without = score_of(truth.model, f, ngram) - sum(lowest)
    return max(lowest) < 0 and without >= truth.found.bars[f]


@settings(max_examples=6)
@given(cases())
def test_the_table_gives_the_cards_of_torch(case):
    classifier, texts = case
    classifier.model.float()
    torch_cards, table_cards = (
        filter_cards(classifier, texts, MANY, backend=name) for name in ("torch", "table")
    )
    for a, b in zip(torch_cards, table_cards, strict=True):
        assert (a.filter, a.label, a.passing, a.groups) == (b.filter, b.label, b.passing, b.groups)
        for one, other in ((a.threshold, b.threshold), (a.purity, b.purity), (a.coverage, b.coverage)):
            assert (one is None and other is None) or isclose(one, other, rel_tol=1e-4, abs_tol=1e-4)
        for name in ("top_natural", "top_possible"):
            scores = [[ngram.score for ngram in getattr(card, name)] for card in (a, b)]
            np.testing.assert_allclose(*scores, atol=1e-3)
        totals = [sorted((n.of.words, n.total) for n in card.negatives) for card in (a, b)]
        assert totals[0] == totals[1]


@pytest.mark.parametrize("backend", ["torch", "table"])
def test_ngrams_stand_as_people_wrote_them(backend):
    """Case, signs, what is between words, and words that the vocabulary lacks; padding is no word."""
    texts = ["So,   «GOOD» a\nflïm 😀!", "good", "so good a xyzzy"]
    tokenizer = Tokenizer(TextConfig(min_count=1), ("so", ",", "«", "good", "»", "a", "😀", "!"))
    model = TextCNN(TextCNNConfig((2, 3), 2, 3), tokenizer.size, 2).eval()
    classifier = Classifier(model, tokenizer, ("bad", "good"))
    cards = filter_cards(classifier, texts, CardConfig(top=50), backend=backend)
    found = {ngram.text: ngram.words for card in cards for ngram in card.top_natural}
    assert set(found) == {
        *("So,", ", «", "«GOOD", "GOOD»", "» a", "a flïm", "flïm 😀", "😀!", "so good", "good a"),
        *(
            "So, «",
            ", «GOOD",
            "«GOOD»",
            "GOOD» a",
            "» a flïm",
            "a flïm 😀",
            "flïm 😀!",
            "so good a",
            "good a xyzzy",
        ),
    }
    assert found["«GOOD»"] == ("«", "GOOD", "»")
    assert found["good a xyzzy"] == ("good", "a", "xyzzy")
    every = json.dumps([card.to_dict() for card in cards])
    assert "<pad>" not in every
    assert "<unk>" in every  # a possible word, which stands for all others


def test_frames_and_json_hold_the_same(classifier, corpus):
    cards = filter_cards(classifier, corpus)
    assert (len(cards), cards.documents) == (16, len(corpus))
    assert cards[3].filter == 3
    rows = cards.frame.to_dicts()
    for card, row in zip(cards, rows, strict=True):
        assert json.loads(card.to_json()) == json.loads(json.dumps(row))


def test_a_purity_that_is_never_reached_leaves_a_card_without_clusters():
    """Two classes with the same logits: every prediction is the first, and no filter's class the second's."""
    model = TextCNN(TextCNNConfig((1,), 2, 1, filter_bias=False, head_bias=True), 4, 2).eval()
    model.embed.weight.data[:] = 1
    model.convolutions[0].weight.data[:] = 1
    model.head.weight.data[:] = 0
    model.head.weight.data[1] = 0.1
    model.head.bias.data[:] = 0
    model.head.bias.data[0] = 5
    classifier = Classifier(model, Tokenizer(TextConfig(min_count=1), ("a", "b")), ("x", "y"))
    [card, _] = filter_cards(classifier, ["a b", "b"])
    assert (card.label, card.threshold, card.purity, card.coverage, card.passing) == ("y", None, None, 0, 0)
    assert (card.clusters, card.negatives, card.groups) == ((), (), 0)
    assert card.top_natural
    assert card.detects == (card.top_natural[0].text,)


def test_only_the_filters_wanted_and_no_texts_at_all(classifier, corpus):
    every = filter_cards(classifier, corpus)
    some = filter_cards(classifier, corpus, CardConfig(filters=(9, 2)))
    assert [card.to_json() for card in some] == [every[2].to_json(), every[9].to_json()]
    bare = filter_cards(classifier, corpus, CardConfig(filters=(2,), negatives=0))[0]
    assert (bare.negatives, bare.clusters) == ((), every[2].clusters)
    for texts in ([], ["", ""]):
        cards = filter_cards(classifier, texts)
        assert all(card.threshold is None and not card.top_natural and card.gap is None for card in cards)
        assert all(len(card.top_possible) == 7 for card in cards)


def test_what_has_no_cards_is_refused(classifier, deep_classifier, corpus):
    with pytest.raises(InputError, match=r"a card of a filter needs the trace of a one-layer TextCNN"):
        filter_cards(deep_classifier, corpus)
    with pytest.raises(InputError, match="there is no filter 16: this model has the filters 0 to 15"):
        filter_cards(classifier, corpus, CardConfig(filters=(16,)))
    with pytest.raises(InputError, match="put it in a list"):
        filter_cards(classifier, "one text")
    for setting in ({"purity": 0}, {"quantile": 1.5}, {"top": 0}, {"distance": 0}, {"negatives": -1}):
        with pytest.raises(InputError, match=next(iter(setting))):
            CardConfig(**setting)
