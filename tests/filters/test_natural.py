"""Natural n-grams and their neighbours against plain loops over every window and every pair."""

from collections import Counter, defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.filters.small import windows_of

from convlens.filters import case_2, natural_ngrams, negatives, neighbours
from convlens.filters.natural import word_columns
from convlens.text import Documents

texts = st.lists(st.lists(st.integers(1, 4), max_size=30).map(lambda d: np.array(d, np.int64)), max_size=8)


@settings(max_examples=30)
@given(texts, st.integers(1, 4), st.sampled_from([1, 5, 20, 2**21]))
def test_every_ngram_comes_once_with_its_counts(documents, n, size):
    documents = Documents.of(documents)
    frames = list(natural_ngrams(documents, n, size=size))
    counts, owners = Counter(), defaultdict(set)
    for ngram, document in windows_of(documents, n):
        counts[ngram] += 1
        owners[ngram].add(document)
    rows = [row for frame in frames for row in frame.iter_rows()]
    assert len(rows) == len(counts)
    assert {row[:n]: row[n:] for row in rows} == {g: (counts[g], len(owners[g])) for g in counts}
    if size < 21:  # stretches of hashes: an n-gram more than one hash holds cannot be cut
        assert all(len(frame) <= max(size, 1) + 12 for frame in frames)
    streamed = [row for frame in natural_ngrams(documents.pieces(7), n) for row in frame.iter_rows()]
    assert sorted(streamed) == sorted(rows)


@settings(max_examples=30)
@given(texts, st.integers(1, 4), st.integers(1, 4), st.integers(1, 6), st.sampled_from([1, 3, 2**20]))
def test_neighbours_are_those_of_comparing_all_pairs(documents, n, distance, count, pairs):
    natural = pl.concat([pl.DataFrame(schema=schema(n)), *natural_ngrams(Documents.of(documents), n)])
    ngrams = natural.select(word_columns(n)).to_numpy().astype(np.int64)
    rng = np.random.default_rng(count)
    queries = np.unique(np.concatenate([ngrams[:count], rng.integers(1, 6, (2, n))]), axis=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(negatives, "PAIRS", pairs)
        found = [row for frame in neighbours(queries, natural, distance) for row in frame.rows()]
    expected = {
        (q, r, int((query != ngram).sum()))
        for q, query in enumerate(queries)
        for r, ngram in enumerate(ngrams)
        if 1 <= (query != ngram).sum() <= distance
    }
    assert len(found) == len(expected)
    assert set(found) == expected


def schema(n):
    return {**dict.fromkeys(word_columns(n), pl.Int32), "count": pl.Int64, "documents": pl.Int64}


@given(
    st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=1, max_size=9), st.integers(-4, 6)
)
def test_case_2_is_what_the_paper_says(rows, bar):
    slots = np.array(rows, float)
    for distance in (1, 2, 3):
        found = case_2(slots, 0.5, float(bar), np.full(len(slots), distance))
        for row, case in zip(rows, found, strict=True):
            negative = sorted(value for value in row if value < 0)[:distance]
            left = list(row)
            for value in negative:
                left.remove(value)
            assert case == (len(negative) == distance and sum(left) + 0.5 >= bar)


def test_case_2_of_the_papers_table_4():
    """`is not useful` is of case 2 and `is extremely limited` too; with a low first word it is of case 1."""
    slots = np.array([[2.3, -3.4, 2.86 + 1.0], [2.3, 3.24, -2.8], [0.1, 0.2, 0.3]])
    assert case_2(slots, 0.0, 5.0, np.ones(3, int)).tolist() == [True, True, False]
