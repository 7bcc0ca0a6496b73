"""What an explanation of a very long text takes of memory, and that its pieces are the whole."""

import io
import json
import tracemalloc
from importlib import import_module

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from rich.console import Console

from convlens.explain import explain
from convlens.files import Pieces, write_table
from convlens.shown import json_visible, visible
from convlens.text import ArrayTuple, TextConfig, Tokenizer

WORDS = 100_000


def long_text(classifier, extra):
    return " ".join([*classifier.tokenizer.words[:20], extra] * (WORDS // 21))


@pytest.mark.parametrize("extra", ["qqqq", "слово"], ids=["latin", "cyrillic"])
def test_a_long_explanation_takes_few_bytes_a_word(classifier, extra):
    text = long_text(classifier, extra)
    words = len(explain(classifier, text).spans)  # compiles what it needs
    tracemalloc.start()
    explanation = explain(classifier, text)
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(explanation.known) == len(explanation.scores) == words
    assert size / words < 90  # Latin-1 has room for a word a letter, most of which is never touched
    assert peak / words < 260


def test_pieces_of_json_and_of_a_table_are_the_whole(classifier, monkeypatch):
    whole = explain(classifier, "ein qqqq слово " * 5 + classifier.tokenizer.words[0])
    expected = whole.to_dict()
    assert expected["tokens"][1] == {"text": "qqqq", "start": 4, "end": 8, "known": False}
    monkeypatch.setattr(import_module("convlens.explain.explanation"), "IN_JSON", 3)
    assert whole.to_dict() == expected
    assert whole.to_json() == json.dumps(expected)
    monkeypatch.setattr(import_module("convlens.files.pieces"), "AT_ONCE", 3)
    assert_frame_equal(pl.concat(whole.frames), whole.to_frame())


@pytest.mark.parametrize(
    ("name", "reader"),
    [("a.parquet", pl.read_parquet), ("a.csv", pl.read_csv), ("a.jsonl", pl.read_ndjson)],
)
def test_a_table_is_written_piece_by_piece(tmp_path, name, reader):
    whole = pl.DataFrame({"place": range(10), "text": [f"{i}\n," for i in range(10)]})
    write_table(iter(Pieces(10, lambda a, b: whole[a:b], 3)), tmp_path / name)
    assert_frame_equal(reader(tmp_path / name), whole)


def test_spans_behave_as_a_tuple_of_tuples():
    rows = ((0, 1), (2, 5), (5, 6))
    spans = ArrayTuple(np.array(rows, np.int32))
    assert (spans == rows, rows == spans, spans == rows[:2], spans != rows) == (True, True, False, False)
    assert (spans[1], spans[-1], spans[1:], len(spans), tuple(spans)) == ((2, 5), (5, 6), rows[1:], 3, rows)
    assert (repr(spans), hash(spans), (2, 5) in spans) == (repr(rows), hash(rows), True)
    assert type(spans[0][0]) is int
    assert np.array(spans, np.int64).tolist() == [list(row) for row in rows]
    with pytest.raises(IndexError):
        spans[3]
    assert ArrayTuple(np.array([True, False])) == (True, False)


@pytest.mark.parametrize("most", [None, 1, 5])
@pytest.mark.parametrize("keep_unknown", [True, False])
def test_tokens_are_read_some_at_a_time(monkeypatch, most, keep_unknown):
    config = TextConfig("words", only="[a-z]+", max_tokens=most, keep_unknown=keep_unknown)
    tokenizer = Tokenizer(config, ("a", "c"))
    text = "a b 1 c a " * 4
    whole = tokenizer.encode(text)
    monkeypatch.setattr(import_module("convlens.text.tokenizer"), "AT_ONCE", 2)
    pieces = tokenizer.encode(text)
    assert (pieces.ids.tolist(), pieces.spans) == (whole.ids.tolist(), whole.spans)
    assert pieces.words == tuple(("abca" if keep_unknown else "aca") * 4)[:most]


def test_a_terminal_shows_the_beginning_of_what_is_long(classifier):
    word = classifier.tokenizer.words[0]
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(explain(classifier, f"{word} {'q' * 100_000} " + f"{word} " * 2000))
    text = console.export_text()
    assert "first 500 of 2002 tokens" in text
    assert 0 < text.count("q") <= 4000
    assert len(text) < 20_000


def test_long_texts_are_made_visible_in_pieces():
    text = "ab\x1b\x9b\u2028" * 40_000
    assert visible(text, "\x1b") == "ab\x1b\\x9b\\u2028" * 40_000
    assert json_visible(text) == "ab\\u001b\\u009b\\u2028" * 40_000
