"""Parquet, Arrow and frames: types of columns, missing values, damaged files."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.exceptions import PanicException

from convlens.data import Columns, Corpus, Reject, from_frame, read
from convlens.data.panics import arrow_names, panics_unsaid

FRAME = pl.DataFrame({"text": ["fine film", "dull film"] * 20, "label": ["pos", "neg"] * 20})


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (pl.Series(["b", "a"], dtype=pl.Categorical), ("a", "b")),
        (pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])), ("a", "b")),
        (pl.Series([3, 2], dtype=pl.UInt8), ("2", "3")),
        (pl.Series([3, 2], dtype=pl.Float32), ("2", "3")),
        (pl.Series([Decimal("3.0"), Decimal("2.0")]), ("2", "3")),
        (pl.Series([True, False]), ("False", "True")),
    ],
)
def test_types_of_label_columns(labels, names, tmp_path):
    frame = pl.DataFrame({"text": ["fine", "dull"], "label": labels})
    expected = Corpus(("fine", "dull"), (1, 0), names, "a.parquet")
    frame.write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet") == expected
    assert from_frame(frame, source="a.parquet") == expected


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series([1, 0]),
        pd.Series(["1", "0"], dtype="category"),
        pd.Series([1.0, 0.0], index=[7, 7]),
        pd.Series(["1", "0"], dtype=object),
        pd.Series([1, 0], dtype="Int64"),
    ],
    ids=str,
)
def test_types_of_pandas_columns(labels):
    frame = pd.DataFrame({"text": ["fine", "dull"]}, index=labels.index).assign(label=labels)
    assert from_frame(frame) == Corpus(("fine", "dull"), (1, 0), ("0", "1"), "frame")


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series(["pos", None] * 2),
        pd.Series(["pos", np.nan] * 2, dtype=object),
        pd.Series([1, None] * 2, dtype="Int64"),
        pd.Series([1.0, np.nan] * 2),
        pd.to_datetime(pd.Series([None] * 4)),
    ],
    ids=str,
)
def test_missing_values_of_pandas_are_no_labels(labels):
    frame = pd.DataFrame({"text": ["fine", "dull", None, "so"], "label": labels})
    corpus = from_frame(frame, labelled=False, allow_rejects=True)
    assert corpus.texts == ("fine", "dull", "so")
    assert corpus.labels is None
    assert [(r.line, r.reason) for r in corpus.rejected] == [(3, "no text")]


def test_rows_of_frames_are_counted_from_one():
    frame = pl.concat([FRAME, pl.DataFrame({"text": [None, "ü"], "label": ["pos", None]})])
    assert from_frame(frame).rejected == (
        Reject(41, "no text", '[null, "pos"]'),
        Reject(42, "no label", '["ü", null]'),
    )


def test_columns_of_frames_are_chosen_like_those_of_files(refusal):
    frame = pd.DataFrame([[1, "fine"], [2, "dull"]], columns=["text", "text"])
    assert refusal(from_frame, frame) == "frame: 2 columns are named 'text': rename all but one"
    frame.columns = [0, ("a", 1)]
    corpus = from_frame(frame, Columns("('a', 1)", "0"), source="mine")
    assert corpus == Corpus(("fine", "dull"), (0, 1), ("1", "2"), "mine")


def test_texts_that_are_no_strings(refusal):
    frame = pl.DataFrame({"text": [b"fine", b"dull"], "label": [0, 1]})
    assert refusal(from_frame, frame) == (
        "frame: 2 of 2 rows cannot be used (2 text is not a string but a bytes; "
        "the first is line 1: '[\"b\\'fine\\'\", 0]'): mend them"
    )


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "stream.arrow"])
def test_a_column_that_a_file_has_twice_is_named_and_no_panic_is_printed(name, tmp_path, refusal, capfd):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / name
    rows = pa.table([["fine"], ["pos"], ["dull"]], names=["text", "label", "text"])
    if name == "a.parquet":
        pq.write_table(rows, path)
    else:
        with (pa.ipc.new_stream if "stream" in name else pa.ipc.new_file)(path, rows.schema) as writer:
            writer.write_table(rows)
    assert refusal(read, path) == f"{name}: more than one column is named 'text': rename all but one"
    assert capfd.readouterr().err == ""


def test_names_of_arrow_files(tmp_path):
    pa = pytest.importorskip("pyarrow")
    names = ["text", "ü" * 40, "", "text"]
    rows = pa.table([["a"], [1], [[{"z": 1.5}]], [None]], names=names)
    for opened in (pa.ipc.new_file, pa.ipc.new_stream):
        with opened(tmp_path / "a", rows.schema) as writer:
            writer.write_table(rows)
        assert arrow_names(tmp_path / "a") == names
        content = (tmp_path / "a").read_bytes()
        for end in range(0, 400, 7):
            (tmp_path / "cut").write_bytes(content[:end] + b"\xff" * (end % 5))
            assert isinstance(arrow_names(tmp_path / "cut"), list)
    pl.DataFrame({"text": ["fine"]}).write_ipc(tmp_path / "b")
    assert arrow_names(tmp_path / "b") == []


def test_what_is_printed_beside_a_panic_is_not_lost(capfd):
    import os

    for printed, left in ((b"thread 'x' panicked at y\n", ""), (b"a line\n", "a line\n")):
        with panics_unsaid():
            os.write(2, printed)
        assert capfd.readouterr().err == left


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.rename({"label": "text"}), "frame: more than one column is named 'text': rename all but one"),
        (lambda f: f.select("none"), "the columns of frame cannot be told: unable to find column \"none\""),
        (lambda f: f.with_columns(pl.col("text").cast(pl.Int64)), "cannot read column 'text' of frame: conversion"),
    ],
)  # fmt: skip
def test_lazy_frames_that_cannot_be_collected(change, said, refusal):
    assert refusal(from_frame, change(FRAME.lazy())).startswith(said)


@pytest.mark.parametrize("given", [[["fine", "pos"]], {"text": ["fine"]}, None])
def test_what_is_no_frame(given, refusal):
    assert refusal(from_frame, given) == (
        f"expected a Polars or pandas frame, got a {type(given).__name__}: use from_lists for lists"
    )


def test_a_frame_without_rows(refusal):
    assert refusal(from_frame, FRAME.clear()) == (
        "frame has column names but no rows: expected at least one row below them"
    )


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather"])
def test_a_file_cut_short(name, tmp_path, refusal):
    path = tmp_path / name
    {"a.parquet": FRAME.write_parquet, "a.arrow": FRAME.write_ipc, "a.feather": FRAME.write_ipc_stream}[name](
        path
    )
    whole = path.read_bytes()
    for size in (8, 40, len(whole) // 2, len(whole) - 20):
        path.write_bytes(whole[:size])
        said = refusal(read, path)
        if said != f"{name} has column names but no rows: expected at least one row below them":
            assert said.startswith(f"cannot read {path}: ")
            assert said.endswith("; the file may be cut short, fetch it again")
            assert "\n" not in said


def test_a_column_that_is_damaged(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": ["fine film"] * 40, "label": ["pos", "neg"] * 20}).write_parquet(
        path, compression="zstd"
    )
    whole = bytearray(path.read_bytes())
    whole[4:40] = b"\xff" * 36
    path.write_bytes(whole)
    said = refusal(read, path)
    assert said.startswith("cannot read column 'text' of a.parquet: ")
    assert said.endswith("; fetch the file again")
    assert "\n" not in said


def test_a_panic_in_polars_is_a_damaged_file_too(tmp_path, refusal, monkeypatch):
    def panic(path):
        raise PanicException("index out of bounds\nat line 3")

    FRAME.write_ipc(tmp_path / "a.arrow")
    monkeypatch.setattr(pl, "scan_ipc", panic)
    assert refusal(read, tmp_path / "a.arrow") == (
        f"cannot read {tmp_path}/a.arrow: index out of bounds; the file may be cut short, fetch it again"
    )


def test_a_column_name_twice_in_a_parquet_file_is_named(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"text": ["fine", "dull"], "label1": ["x", "y"], "label2": ["x", "z"]})
    frame.write_parquet(path)
    path.write_bytes(path.read_bytes().replace(b"label2", b"label1"))
    assert refusal(read, path) == "a.parquet: more than one column is named 'label1': rename all but one"
