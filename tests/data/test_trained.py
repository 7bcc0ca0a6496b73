"""Fingerprints of texts."""

import unicodedata

import numpy as np
import pytest

from convlens.data import HeldOut, TrainedOn, from_lists, split
from convlens.data.trained import digest, fingerprints
from convlens.errors import InputError

GOLDEN = [4876373373115988710, -2572421877244300610, -5426141060434712860]
DIGEST = "c1c0c5a94254b56b"


@pytest.mark.parametrize(
    ("text", "again", "same"),
    [
        ("a film", " a film\r\n", True),
        ("two\nlines", "two\r\nlines", True),
        (unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café"), True),
        ("a film", "A film", False),
        ("a film", "a films", False),
        ("", "  ", True),
        ("half \ud800", "half \ud800", True),
    ],
)
def test_a_text_is_known_again(text, again, same):
    one, other = fingerprints([text, again])
    assert (one == other) == same


def test_fingerprints_are_the_same_on_every_machine():
    marks = fingerprints(["a good film", "naïve", ""])
    assert marks.dtype == np.int64
    assert marks.tolist() == GOLDEN
    assert digest(marks) == DIGEST
    assert digest(marks[::-1]) != digest(marks)


def test_many_rows_are_marked():
    texts = [f"the film number {i} is as good as the one before it, and longer" for i in range(50_000)]
    rows = TrainedOn.of(texts, texts[:10])
    assert (len(rows.train), len(rows.validation)) == (50_000, 10)
    assert (np.diff(rows.train) > 0).all()


def test_a_split_is_described():
    corpus = from_lists([f"text {i}" for i in range(20)], ["a", "b"] * 10)
    parts = split(corpus, 0.2, 3)
    held = HeldOut.share_of(parts, 0.2, 3)
    assert (held.by, held.share, held.seed, held.source) == ("share", 0.2, 3, "lists")
    assert (held.train, held.test) == tuple(digest(fingerprints(p.texts)) for p in (parts.train, parts.test))
    assert (HeldOut.own(parts).by, HeldOut.file(parts).by, HeldOut.own(parts).share) == ("part", "file", None)
    with pytest.raises(InputError, match="share 2 and seed 3 are impossible"):
        HeldOut.share_of(parts, 2, 3)
