"""The words and the map that the page shows: those of the tables of all words, and of the plane."""

import numpy as np
import polars as pl
import pytest

from convlens.filters import evidence_table, plane, word_table
from convlens.models import family_of
from convlens.report import projections as module
from convlens.report import words as words_of_report
from convlens.report.documents import score_all
from convlens.report.projections import word_map
from convlens.report.words import important_words


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_the_first_words_of_each_order_are_there_with_their_places(name, request, corpus, monkeypatch):
    classifier, texts = request.getfixturevalue(name), [*corpus.texts[:9], "", "unheard of"]
    monkeypatch.setattr(words_of_report, "TOP", 4)
    tokens = classifier.tokenizer.encode_all(texts)
    found = important_words(
        classifier, tokens, score_all(classifier, tokens, [family_of(classifier.model).method])
    )
    tables = {by: word_table(classifier, by) for by in ("printed", "slots")}
    tables["evidence"] = evidence_table(classifier, texts)
    orders = {by: [w for w in table["word"] if w != "<unk>"] for by, table in tables.items()}
    assert {w.word for w in found.words} == {w for order in orders.values() for w in order[:4]}
    assert (found.vocabulary, found.seen) == (len(orders["printed"]), len(orders["evidence"]))
    seen = {row["word"]: row for row in tables["evidence"].iter_rows(named=True)}
    for word in found.words:
        row = seen.get(word.word)
        assert [by for by, place in zip(orders, word.places, strict=True) if place] == [
            by for by in orders if word.word in orders[by]
        ]
        for by, place, value in zip(orders, word.places, word.values, strict=True):
            if place:
                assert orders[by][place - 1] == word.word
                assert value == pytest.approx(
                    tables[by].row(by_predicate=pl.col("word") == word.word, named=True)[by]
                )
        assert word.occurrences == (row["occurrences"] if row else 0)
        if row:
            adds = [row[f"adds:{label}"] for label in classifier.labels]
            assert (word.label, word.adds) == (int(np.argmax(adds)), pytest.approx(max(adds)))


def test_no_documents_leave_no_evidence(classifier):
    tokens = classifier.tokenizer.encode_all([])
    found = important_words(classifier, tokens, score_all(classifier, tokens, ["words"]))
    assert {(w.places[2], w.occurrences) for w in found.words} == {(0, 0)}
    assert found.seen == 0


@pytest.mark.parametrize("name", ["classifier", "deep_classifier"])
def test_the_map_has_some_of_the_plane_on_one_scale(name, request, monkeypatch):
    classifier = request.getfixturevalue(name)
    monkeypatch.setattr(module, "MOST", 7)
    monkeypatch.setattr(module, "plane", lambda model: plane(model, share=0.3))
    wanted, found, words = (
        plane(classifier.model, share=0.3),
        word_map(classifier),
        classifier.tokenizer.words,
    )
    rest = [i for i in range(len(words)) if i not in set(wanted.important.tolist())]
    assert found.totals == (len(rest), len(wanted.important), len(wanted.columns))
    chosen = [
        [some[i * len(some) // 7] for i in range(7)]
        for some in (rest, wanted.important, range(len(wanted.slots)))
    ]
    assert [found.words, found.important] == [tuple(words[i] for i in some) for some in chosen[:2]]
    assert (found.filters, found.slots) == tuple(
        tuple(of[chosen[2]].tolist()) for of in (wanted.filters, wanted.slots)
    )
    points = np.concatenate([wanted.words[chosen[0]], wanted.words[chosen[1]], wanted.columns[chosen[2]]])
    size = abs(points - (points.max(0) + points.min(0)) / 2).max()
    np.testing.assert_allclose(found.points * size, points - (points.max(0) + points.min(0)) / 2)
    assert found.points.shape == (21, 2)
