"""Reductions are the plain sums of Python dicts over all texts, however these are cut and merged."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.scan.conftest import SMALL

from convlens.errors import InputError
from convlens.explain import METHODS, attribute_texts, explain_all
from convlens.scan import REDUCTIONS, read_summary, reductions, scan
from convlens.trace import trace_texts

words = st.sampled_from(["good", "bad", "film", "A", "music", "warm", "zebra", "number"])
some_texts = st.lists(st.lists(words, max_size=7).map(" ".join), max_size=9)


def made(classifier, texts, kind, method="words"):
    tokens = [classifier.tokenizer.encode(text) for text in texts]
    return REDUCTIONS[kind].of(classifier, attribute_texts(classifier, tokens, method=method))


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Fewer n-grams than there are, so that cutting matters."""
    monkeypatch.setattr(reductions, "TOP", 3)


def same(a, b):
    """Counts to the last one, sums and peaks up to rounding."""
    assert_frame_equal(a, b, rel_tol=1e-5, abs_tol=1e-5)


@pytest.mark.parametrize("kind", REDUCTIONS)
@settings(max_examples=15)
@given(texts=some_texts, cuts=st.tuples(*[st.integers(0, 9)] * 2))
def test_any_cut_and_order_gives_the_same(classifier, kind, texts, cuts):
    merge, (i, j) = REDUCTIONS[kind].merge, sorted(cuts)
    a, b, c = (made(classifier, part, kind) for part in (texts[:i], texts[i:j], texts[j:]))
    whole = made(classifier, texts, kind)
    same(merge(merge(a, b), c), whole)
    same(merge(a, merge(b, c)), whole)
    assert_frame_equal(merge(a, b), merge(b, a))  # to the last bit
    same(merge(whole, made(classifier, [], kind)), whole)


def slow_classes(classifier, texts):
    documents, counted = Counter(), Counter()
    for text, label in zip(texts, classifier.predict(texts), strict=True):
        documents[label] += 1
        counted[label] += len(classifier.tokenizer.encode(text).ids)
    return [(label, documents[label], counted[label]) for label in classifier.labels]


@settings(max_examples=15)
@given(texts=some_texts.filter(bool))
def test_classes_are_those_of_predict(classifier, texts):
    frame = REDUCTIONS["classes"].named(classifier, made(classifier, texts, "classes"))
    assert frame.rows() == slow_classes(classifier, texts)


@given(texts=some_texts)
@settings(max_examples=15)
def test_words_are_weighed_as_explanations_weigh_them(classifier, texts):
    scores, documents = defaultdict(list), defaultdict(set)
    for i, explanation in enumerate(explain_all(classifier, texts)):
        for number, score in zip(classifier.tokenizer.encode(texts[i]).ids, explanation.scores, strict=True):
            word = classifier.tokenizer.word(number)
            scores[word].append(score.astype(np.float64))
            documents[word].add(i)
    frame = REDUCTIONS["vocabulary"].named(classifier, made(classifier, texts, "vocabulary"))
    assert set(frame["word"]) == set(scores)
    for row in frame.iter_rows(named=True):
        found = np.array(scores[row["word"]])
        assert (row["occurrences"], row["documents"]) == (len(found), len(documents[row["word"]]))
        for c, label in enumerate(classifier.labels):
            assert row[f"score:{label}"] == pytest.approx(found[:, c].sum(), abs=1e-5)
            assert row[f"strength:{label}"] == pytest.approx(np.abs(found[:, c]).sum(), abs=1e-5)
            assert row[f"sizes:{label}"] == row[f"strength:{label}"]
            assert row[f"importance:{label}"] == pytest.approx(np.abs(found[:, c]).mean(), abs=1e-5)


@given(texts=some_texts)
@settings(max_examples=15)
def test_winners_are_the_best_of_all_winning_windows(classifier, texts):
    traced = trace_texts(classifier, texts)
    frame = made(classifier, texts, "winners")
    for f, width in enumerate(classifier.model.config.widths):
        peaks, counts = {}, Counter()
        for d, text in enumerate(texts):
            ids = classifier.tokenizer.encode(text).ids.tolist()
            if ids:
                place = traced.positions[d, f]
                ngram = tuple((ids[place : place + width] + [-1] * 3)[:3])
                counts[ngram] += 1
                peaks[ngram] = traced.peaks[d, f]
        best = sorted(counts, key=lambda ngram: (-round(float(peaks[ngram]), 4), ngram))[:3]
        found = frame.filter(pl.col("filter") == f)
        np.testing.assert_allclose(found["peak"], [peaks[ngram] for ngram in best], atol=1e-4)
        for *ngram, count in found.select("^word:.*$", "count").rows():
            assert count == counts[tuple(ngram)]


def test_equal_peaks_go_by_the_numbers_of_the_words():
    frame = {"filter": [0] * 5, "peak": [1.0, 1, 1, 2, 1], "count": [1] * 5, "word:0": [9, 5, 7, 8, 5]}
    best = reductions.merge_winners(pl.DataFrame(frame), pl.DataFrame(frame).head(0))
    assert best.select("word:0", "count").rows() == [(8, 1), (5, 2), (7, 1)]


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.of_trace is not None])
def test_a_scan_adds_up_its_parts(classifier, source, texts, tmp_path, method):
    scan(classifier, source, tmp_path / "out", replace(SMALL, method=method, summary=True))
    summary = read_summary(tmp_path / "out")
    for kind, reduction in REDUCTIONS.items():
        same(getattr(summary, kind), reduction.named(classifier, made(classifier, texts, kind, method)))
    assert summary.vocabulary["occurrences"].sum() == summary.classes["words"].sum()
    assert ("importance:positive" in summary.vocabulary.columns) != METHODS[method].of_ngrams
    assert summary.winners["ngram"].str.split(" ").list.len().max() == 3


def test_a_scan_without_a_summary_says_so(classifier, source, tmp_path):
    scan(classifier, source, tmp_path / "out", SMALL)
    with pytest.raises(InputError, match=r"out has no summary: scan again with --summary"):
        read_summary(tmp_path / "out")
