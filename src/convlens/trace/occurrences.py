"""How often n-grams occur, and in how many documents."""

import numpy as np
import polars as pl

from convlens.arrays import Ints
from convlens.text import Documents
from convlens.trace.ngrams import COUNTS, words_in

PIECE = 2**20  # words looked at at a time
BITS = 20  # of a hash
ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio


def counted(frame: pl.DataFrame, documents: Documents) -> pl.DataFrame:
    """Add `count` and `documents` to the n-grams of a frame."""
    words = words_in(frame)
    counts, widths = np.zeros((2, len(words)), np.int64), (words >= 0).sum(1)
    for n in np.unique(widths):
        rows = widths == n
        ngrams, which = np.unique(words[rows, :n], axis=0, return_inverse=True)
        counts[:, rows] = occurrences(documents, ngrams)[:2, which.reshape(-1)]
    return frame.with_columns(pl.Series(name, values) for name, values in zip(COUNTS, counts, strict=True))


def occurrences(documents: Documents, ngrams: Ints) -> Ints:
    """Of different n-grams (M, n) the occurrences, the documents that have them, and the first place: (3, M).

    A place is that of the first word among the words of all documents, -1 where the n-gram does not occur.
    """
    rows, offset = np.zeros((3, len(ngrams)), np.int64), 0
    rows[2] = -1
    for piece in documents.pieces(PIECE):
        places, which = _places(piece.ids, ngrams)
        document = np.searchsorted(piece.starts, places, "right") - 1
        inside = places + ngrams.shape[1] <= piece.starts[document + 1]
        places, document, which = places[inside], document[inside], which[inside]
        pairs = np.unique(document * len(ngrams) + which)
        for row, each in zip(rows[:2], (which, pairs % len(ngrams)), strict=True):
            row += np.bincount(each, minlength=len(ngrams))
        shown, first = np.unique(which, return_index=True)  # places rise
        rows[2, shown] = np.where(rows[2, shown] < 0, places[first] + offset, rows[2, shown])
        offset += len(piece.ids)
    return rows


def window_places(documents: Documents, n: int) -> Ints:
    """Where the windows of n words of one document begin among all words."""
    left = np.repeat(documents.starts[1:], documents.lengths) - np.arange(len(documents.ids))
    return np.flatnonzero(left >= n)


def _places(ids: Ints, ngrams: Ints) -> tuple[Ints, Ints]:
    """Where word numbers spell one of the n-grams, and which.

    What `_candidates` leaves is looked up slot by slot, the n-grams' beginnings being the nodes of a tree.
    """
    size = int(max(ids.max(initial=0), ngrams.max(initial=0))) + 1
    places = _candidates(ids, ngrams, size)
    node, of_ngrams = np.zeros(len(places), np.int64), np.zeros(len(ngrams), np.int64)
    for j in range(ngrams.shape[1]):
        keys, of_ngrams = np.unique(of_ngrams * size + ngrams[:, j], return_inverse=True)
        mine = node * size + ids[places + j]
        node = np.minimum(np.searchsorted(keys, mine), len(keys) - 1)
        same = keys[node] == mine
        places, node = places[same], node[same]
    return places, np.argsort(of_ngrams)[node]


def _candidates(ids: Ints, ngrams: Ints, size: int) -> Ints:
    """Every place of an n-gram, and few others: none with a word that no n-gram has there, nor without its hash."""
    n = ngrams.shape[1]
    fits = np.ones(max(len(ids) - n + 1, 0), bool)
    for j in range(n):
        wanted = np.zeros(size, bool)
        wanted[ngrams[:, j]] = True
        fits &= wanted[ids[j : j + len(fits)]]
    places = np.flatnonzero(fits)
    wanted = np.zeros(2**BITS, bool)
    wanted[hashes([ngrams[:, j] for j in range(n)], BITS)] = True
    return places[wanted[hashes([ids[places + j] for j in range(n)], BITS)]]


def hashes(slots: list[Ints], bits: int) -> Ints:
    """A number below 2^bits for the words of n-grams, given slot by slot."""
    total = np.zeros(len(slots[0]), np.uint64)
    for words in slots:
        total = (total + words.astype(np.uint64)) * ODD
    return (total >> np.uint64(64 - bits)).astype(np.int64)
