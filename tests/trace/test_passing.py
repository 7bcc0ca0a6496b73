"""The windows that reach a bar, from a table and by products, against a plain loop in float64."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.filters.small import score_of, windows_of
from tests.trace.test_top import cases

from convlens.models import TextCNN, TextCNNConfig
from convlens.text import Documents
from convlens.trace import passing_windows
from convlens.trace.occurrences import occurrences
from convlens.trace.table import SlotTable


def spelled(documents, places, n):
    return [tuple(documents.ids[i : i + n].tolist()) for i in places.tolist()]


@settings(max_examples=12)
@given(cases(), st.floats(-2, 2), st.booleans(), st.booleans())
def test_all_windows_that_reach_their_bar(case, level, kernels, budget):
    model, documents, _ = case
    widths = model.config.widths
    bars = np.full(len(widths), level + 0.0123456)  # off the grid of whole numbers
    bars[::3] = np.inf
    table = SlotTable(model, budget=1 if budget else 2**30) if kernels else None
    found = list(passing_windows(model, documents, bars, table=table))
    assert [one.filter for one in found] == np.flatnonzero(np.isfinite(bars)).tolist()
    for one in found:
        n = widths[one.filter]
        scores = {g: score_of(model, one.filter, g) for g, _ in windows_of(documents, n)}
        every = [g for g, _ in windows_of(documents, n) if scores[g] >= bars[one.filter]]
        assert spelled(documents, one.places, n) == every
        assert (one.windows, one.share) == (len(every), 1.0)


@settings(max_examples=8)
@given(cases(), st.integers(1, 12))
def test_of_many_a_share_of_the_ngrams_is_taken_whole_and_the_same_by_both(case, most):
    model, documents, _ = case
    bars = np.full(len(model.config.widths), -1e9)
    ways = [list(passing_windows(model, documents, bars, most, table=t)) for t in (SlotTable(model), None)]
    for one, other in zip(*ways, strict=True):
        n = model.config.widths[one.filter]
        every = Counter(g for g, _ in windows_of(documents, n))
        assert one.windows == other.windows == every.total()
        assert one.share == pytest.approx(min(1, most / max(every.total(), 1)), abs=1e-6)
        np.testing.assert_array_equal(one.places, other.places)
        kept = Counter(spelled(documents, one.places, n))
        assert kept == {g: every[g] for g in kept}


def test_a_share_is_about_that_share():
    model = TextCNN(TextCNNConfig((3,), 1, 2), 900, 2).eval()
    documents = Documents.of([np.random.default_rng(0).integers(1, 900, 20_000)])
    [found] = passing_windows(model, documents, np.full(1, -1e9), 2000)
    assert 1700 < len(found.places) < 2300


@settings(max_examples=8)
@given(cases(), st.integers(1, 40))
def test_the_first_place_is_where_an_ngram_occurs_first(case, size):
    _, documents, n = case
    n = min(n, 3)
    windows = windows_of(documents, n)
    different = np.unique(np.array([g for g, _ in windows], np.int64).reshape(-1, n), axis=0)
    ngrams = np.concatenate([different, np.full((1, n), 999)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(occurrences.__globals__, "PIECE", size)
        found = occurrences(documents, ngrams)
    left = np.repeat(documents.starts[1:], documents.lengths) - np.arange(len(documents.ids))
    places = np.flatnonzero(left >= n)
    first = {}
    for place, ngram in zip(places.tolist(), spelled(documents, places, n), strict=True):
        first.setdefault(ngram, place)
    assert found[2].tolist() == [first.get(tuple(g), -1) for g in ngrams.tolist()]
