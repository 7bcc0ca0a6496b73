"""Files in batches: the rows of `read`, in bounded memory, whatever the batch size."""

import json
import tracemalloc
from dataclasses import replace
from itertools import count

import polars as pl
import pytest

from convlens.data import Columns, columnar, read, stream

TEXTS = [f"film {i}, «{'é' * (i % 5)}»" for i in range(23)]
FRAME = pl.DataFrame({"id": range(23), "text": TEXTS, "label": ["pos", "neg"] * 11 + ["pos"]})


@pytest.fixture(params=["csv", "tsv", "jsonl", "txt", "parquet", "arrow", "feather"])
def file(request, tmp_path):
    """The same texts in every format; `feather` is a stream here."""
    path = tmp_path / f"films.{request.param}"
    if request.param == "txt":
        path.write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    else:
        {
            "csv": FRAME.write_csv,
            "tsv": lambda p: FRAME.write_csv(p, separator="\t", quote_style="never"),
            "jsonl": FRAME.write_ndjson,
            "parquet": lambda p: FRAME.write_parquet(p, row_group_size=5),
            "arrow": FRAME.write_ipc,
            "feather": FRAME.write_ipc_stream,
        }[request.param](path)
    return path


@pytest.mark.parametrize("held", [1, 200, 2**25])
@pytest.mark.parametrize("rows", [1, 4, 23, 1000])
def test_every_format_and_batch_size_gives_the_rows_of_read(file, rows, held, monkeypatch):
    monkeypatch.setattr(columnar, "SLICE", 3)
    monkeypatch.setattr(columnar, "HELD", held)
    batches = list(stream(file, rows=rows))
    assert [b.number for b in batches] == list(range(-(-23 // rows)))
    assert all(len(b.texts) <= rows for b in batches)
    assert [b.first for b in batches] == list(range(0, 23, rows))
    assert tuple(t for b in batches for t in b.texts) == read(file, labelled=False).texts == tuple(TEXTS)
    offset = 2 if file.suffix in (".csv", ".tsv") else 1
    assert [line for b in batches for line in b.lines] == list(range(offset, 23 + offset))


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_slices_are_as_large_as_memory_allows_and_no_larger(name, tmp_path, monkeypatch):
    """A row group is decoded for every slice in it: many small slices would read a large one many times."""
    frame, column, sizes = pl.DataFrame({"text": ["a film " * 5] * 60_000}), columnar._column, []
    (frame.write_parquet if name == "a.parquet" else frame.write_ipc)(tmp_path / name)
    opened = stream(tmp_path / name)

    def counted(frame, source, index):
        found = column(frame, source, index)
        sizes.append((len(found), found.estimated_size()))
        return found

    monkeypatch.setattr(columnar, "_column", counted)
    monkeypatch.setattr(columnar, "HELD", 10**6)
    assert sum(len(batch.texts) for batch in opened) == 60_000
    assert sum(rows for rows, _ in sizes) == 60_000
    assert max(size for _, size in sizes) < 1.5 * 10**6
    assert len(sizes) < 8


def test_a_stream_can_be_read_again_and_knows_its_rows_where_that_is_cheap(file):
    opened = stream(file, rows=4)
    assert list(opened) == list(opened)
    assert opened.rows == (None if file.suffix in (".csv", ".tsv") else 23)
    assert opened.source == file.name


def test_characters_bound_a_batch_and_a_longer_text_stands_alone(put):
    path = put("a.txt", "\n".join(["aaaa", "bbbb", "c" * 30, "dd", "ee"]))
    assert [b.texts for b in stream(path, characters=9)] == [("aaaa", "bbbb"), ("c" * 30,), ("dd", "ee")]


def test_unusable_rows_are_in_their_batch(put):
    rows = [{"text": "a"}, {"text": None}, {"text": "\ud800"}, {"text": 7}, {"label": 1}, {"text": "b\0"}]
    lines = [json.dumps(row) for row in rows]
    path = put("a.jsonl", "\n".join([*lines, "{broken", "", '{"text": "c"}', "[]"]))
    batches = list(stream(path, rows=3))
    assert [b.texts for b in batches] == [("a",), ("b\0",), ("c",)]
    assert [b.first for b in batches] == [0, 1, 2]
    assert [(r.line, r.reason) for b in batches for r in b.rejected] == [
        (2, "no text"),
        (3, "half a surrogate pair, which is no character"),
        (4, "text is not a string but a int"),
        (5, "no text"),
        (7, "broken JSON"),
        (10, "not a JSON object"),
    ]
    refused = read(path, labelled=False, allow_rejects=True)
    assert refused.rejected == tuple(r for b in batches for r in b.rejected)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_that_are_not_utf8_and_marks_and_line_ends(put, ending, mark):
    content = mark + ending.join([b"text\tlabel", b"fine\tpos", b"gr\xfcn\tneg", b"", b"dull\tneg"])
    [batch] = stream(put("a.tsv", content + ending))
    assert (batch.texts, batch.lines) == (("fine", "dull"), (2, 5))
    [rejected] = batch.rejected
    assert (rejected.line, rejected.reason, rejected.row) == (3, "not valid UTF-8", "gr\\udcfcn\tneg")


def test_csv_mends_stray_quotes_as_read_does(put):
    rows = "".join(f"film {i},pos\n" for i in range(20))
    path = put("a.csv", 'text,label\n"open film,neg\n' + rows + 'a "good" one,neg\n')
    [batch] = stream(path)
    corpus = read(path, labelled=False)
    assert (batch.texts, batch.rejected) == (corpus.texts, corpus.rejected)
    assert len(batch.rejected) == 1


def test_columns_are_chosen_by_name_or_where_one_is_clear(tmp_path, refusal):
    path = tmp_path / "a.parquet"
    FRAME.rename({"text": "review"}).write_parquet(path)
    assert stream(path).notices == ("a.parquet: taking the texts from column 'review'",)
    assert stream(path, Columns(text="review")).notices == ()
    assert "has no column 'body'" in refusal(stream, path, Columns(text="body"))


def test_only_the_texts_are_read(tmp_path, monkeypatch):
    FRAME.write_parquet(tmp_path / "a.parquet")
    read_columns = []
    column = columnar._column
    monkeypatch.setattr(
        columnar, "_column", lambda f, s, i: read_columns.append(FRAME.columns[i]) or column(f, s, i)
    )
    list(stream(tmp_path / "a.parquet"))
    assert set(read_columns) == {"text"}


def test_what_cannot_be_streamed(put, refusal, tmp_path):
    assert refusal(stream, put("a.csv", "text,label\n")) == (
        "a.csv has column names but no rows: expected at least one row below them"
    )
    assert "there is no file" in refusal(stream, tmp_path / "none.parquet")
    assert "known are .csv" in refusal(stream, put("a.doc", "text"))
    assert "at least 1 row" in refusal(stream, put("a.txt", "fine"), rows=0)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.jsonl", "a.tsv", "a.txt"])
def test_memory_does_not_grow_with_the_file(name, tmp_path, monkeypatch):
    monkeypatch.setattr(columnar, "SLICE", 100)
    path, frame = tmp_path / name, pl.DataFrame({"text": [f"film {i} " + "x" * 1000 for i in range(4000)]})
    write = {".parquet": frame.write_parquet, ".arrow": frame.write_ipc, ".jsonl": frame.write_ndjson}
    write.get(path.suffix, frame.write_csv)(path)
    opened = stream(path, rows=100)
    tracemalloc.start()
    try:
        rows = sum(len(batch.texts) for batch in opened)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows >= 4000
    assert most < 1_000_000  # the texts are 4 MB


@pytest.mark.parametrize("rows", [1, 10])
def test_reading_runs_one_row_ahead_at_most(tmp_path, rows):
    FRAME.write_parquet(tmp_path / "a.parquet")
    opened, given = stream(tmp_path / "a.parquet", rows=rows), count()

    def counted():
        for row in opened.pull():
            next(given)
            yield row

    for batch in replace(opened, pull=counted):
        assert next(given) <= batch.first + len(batch.texts) + 1 + batch.number
