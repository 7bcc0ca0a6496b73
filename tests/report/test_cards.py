"""The cards in the page: what the page lists and packs is what `filter_cards` found, but for rounding."""

import base64
import json
import zlib
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from convlens.data import Corpus
from convlens.filters import CardConfig, filter_cards, threshold_points
from convlens.report import collect, render
from convlens.report.cards import (
    AT_ONCE,
    LETTERS,
    cards_index,
    chips,
    either,
    pack_cards,
    pack_points,
    points_index,
    ranked,
    told,
)
from convlens.report.collect import CARDS
from convlens.trace import trace_texts


@pytest.fixture(scope="module")
def data(classifier, corpus):
    return collect(classifier, corpus)


def unpack(part: str) -> bytes:
    return zlib.decompress(base64.b64decode(part))


def near(card, packed, ngram, tolerance: float) -> None:
    words, steps, documents = packed[:3]
    assert (tuple(words), documents) == (ngram.words, ngram.documents)
    slots = np.array(steps) * card["step"]
    np.testing.assert_allclose(slots, ngram.slots, atol=tolerance)
    assert slots.sum() + card["bias"] == pytest.approx(ngram.score, abs=10 * tolerance)


def test_cards_are_those_of_filter_cards_over_the_whole_corpus(classifier, corpus, data):
    assert data.filters == filter_cards(classifier, corpus, CARDS)
    assert replace(CARDS, negatives=CardConfig.negatives, words=None) == CardConfig()
    assert collect(classifier, corpus, documents=3).filters == data.filters


def test_packed_cards_come_back(data, make_data):
    for cards in (data.filters, make_data(3, filters=2 * AT_ONCE + 1).filters):
        parts = [json.loads(unpack(part)) for part in pack_cards(cards)]
        assert [len(part) for part in parts[:-1]] == [AT_ONCE] * (len(parts) - 1)
        for packed, card in zip([one for part in parts for one in part], cards, strict=True):
            largest = max(
                abs(slot) for some in (card.top_natural, card.top_possible) for n in some for slot in n.slots
            )
            tolerance = 2e-4 * max(largest, 3)
            for name in ("natural", "possible"):
                for one, ngram in zip(packed[name], getattr(card, f"top_{name}"), strict=True):
                    near(packed, one, ngram, tolerance)
            for slot, words in zip(packed["slots"], card.slots, strict=True):
                assert [word for word, _ in slot] == [word.word for word in words]
                np.testing.assert_allclose(
                    [steps * packed["step"] for _, steps in slot],
                    [word.score for word in words],
                    atol=tolerance,
                )
            assert packed["gap"] == (None if card.gap is None else pytest.approx(card.gap, rel=1e-4))
            assert (packed["passing"], len(packed["clusters"])) == (card.passing, len(card.clusters))


def test_packed_clusters_hold_their_negatives(data, make_data):
    seen = 0
    for cards in (data.filters, make_data(3).filters):
        packed = [card for part in pack_cards(cards) for card in json.loads(unpack(part))]
        for one, card in zip(packed, cards, strict=True):
            missed = {negatives.of: negatives for negatives in card.negatives}
            for found, cluster in zip(one["clusters"], card.clusters, strict=True):
                assert (found["ngrams"], found["occurrences"]) == (cluster.ngrams, cluster.occurrences)
                assert found["share"] == pytest.approx(cluster.share, rel=1e-4)
                for example, ngram in zip(found["examples"], cluster.examples, strict=True):
                    near(one, example, ngram, 1e-3)
                    if ngram not in missed:
                        assert example[3] == 0
                        continue
                    total, cases, lowest = example[3]
                    assert (total, cases) == (missed[ngram].total, missed[ngram].case_2)
                    for row, negative in zip(lowest, missed[ngram].lowest, strict=True):
                        near(one, row, negative.ngram, 1e-3)
                        differ = [
                            j
                            for j, pair in enumerate(zip(negative.ngram.words, ngram.words, strict=True))
                            if pair[0] != pair[1]
                        ]
                        assert (row[3], bool(row[4])) == (differ, negative.case_2)
                        seen += 1
    assert seen > 10


def test_points_are_rows_of_the_threshold_data_sets(classifier, corpus, data):
    traced, index = trace_texts(classifier, corpus.texts), points_index(data.points)
    values = np.frombuffer(unpack(pack_points(data.points)), np.uint8).reshape(len(data.filters), -1)
    labels = cards_index(data.filters, data.labels)["label"]
    for number in range(len(data.filters)):
        wanted = threshold_points(classifier.model, traced, number)
        rows = [wanted["document"].to_list().index(i - 1) for i in index["number"]]
        largest = wanted["value"].max()
        np.testing.assert_allclose(
            values[number] * index["step"][number], wanted["value"][rows], atol=largest / 500
        )
        agrees = [c == labels[number] for c in index["predicted"]]
        assert agrees == wanted["agrees"][rows].to_list()
    assert index["total"] == len(wanted)


def test_many_points_are_thinned_out_evenly(classifier, corpus, monkeypatch):
    monkeypatch.setattr(import_module("convlens.report.collect"), "POINTS", 5)
    few = collect(classifier, corpus, documents=10).points
    assert len(few.numbers) == 5
    assert set(few.numbers) <= {i * len(corpus) // 10 + 1 for i in range(10)}  # of those on the page
    fewer = collect(classifier, corpus, documents=3).points
    assert fewer.numbers == tuple(i * len(corpus) // 5 + 1 for i in range(5))


def test_documents_without_words_are_no_points_and_data_without_any_have_no_cards(classifier, corpus):
    mixed = replace(corpus, texts=("", *corpus.texts[1:]))
    data = collect(classifier, mixed)
    assert 1 not in data.points.numbers
    assert data.points.total == len(corpus) - 1
    for texts in ((), ("", "")):
        data = collect(classifier, Corpus(texts))
        assert (data.filters, data.points) == (None, None)
        assert data.head.regions == classifier.model.config.widths
        assert "No document has words" in render(data)


def test_the_table_lists_the_filters_by_margin(data):
    order = ranked(data.filters)
    assert [card.margin for card in order] == sorted((card.margin for card in data.filters), reverse=True)
    page = render(data)
    first = page[page.index(f'data-f="{order[0].filter}"') :].split("</tr>")[0]
    assert f"<bdi>{order[0].label}</bdi>" in first
    assert f"{order[0].margin:.3f}" in first
    assert page.index(f'data-f="{order[0].filter}"') < page.index(f'data-f="{order[1].filter}"')


def test_the_index_has_the_numbers_of_the_cards(data):
    index = cards_index(data.filters, data.labels)
    for f, card in enumerate(data.filters):
        assert data.labels[index["label"][f]] == card.label
        for name in ("margin", "threshold", "purity", "coverage", "groups"):
            wanted = getattr(card, name)
            assert index[name][f] == (None if wanted is None else pytest.approx(wanted, rel=1e-4))


def test_what_is_told_of_all_filters(make_data):
    cards = make_data(3).filters
    found = told(cards)
    assert found["pure"] == sum(card.purity is not None for card in cards) == 24
    assert found["coverage"] == pytest.approx(sum(card.coverage for card in cards) / 30)
    assert found["gap"] == pytest.approx(0.3)
    assert found["regions"] == "3, 4 or 5"
    assert either([2]) == "2"


def test_a_filter_detects_its_clusters_first(make_data):
    pure, short = make_data(3).filters[0], make_data(3).filters[4]
    first, second = pure.clusters
    assert chips(pure) == [first.examples[0].text, second.examples[0].text, first.examples[1].text]
    assert chips(short) == [ngram.text for ngram in short.top_natural[:3]]


def test_very_long_words_are_cut(make_data):
    cards = make_data(3).filters
    long = replace(cards[0].top_natural[0], words=("x" * 1000,) * cards[0].region)
    [part] = pack_cards(replace(cards, cards=(replace(cards[0], top_natural=(long,)),)))
    assert json.loads(unpack(part))[0]["natural"][0][0] == ["x" * LETTERS] * cards[0].region
