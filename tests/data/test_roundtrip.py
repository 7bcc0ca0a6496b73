"""What is written is read back unchanged, and no row of any file is lost without a word."""

import csv
import io
import json

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convlens.data import read
from convlens.data.columns import Columns
from convlens.data.delimited import csv_table
from convlens.data.quotes import Swallowed, records
from convlens.errors import InputError

characters = st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"',\n\r\t\0\u2028\ufeff\u202e")
texts = st.text(characters, min_size=1, max_size=30).filter(str.strip)
labels = st.sampled_from(["neg", "pos", "Sci/Tech", '1, or "2"', "ünfroh"])
rows = st.lists(st.tuples(texts, labels), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("roundtrip")


def as_csv(path, pairs):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *pairs])


def as_jsonl(path, pairs, escaped):
    lines = (json.dumps({"text": text, "label": label}, ensure_ascii=escaped) for text, label in pairs)
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def check(path, pairs):
    corpus = read(path)
    assert corpus.texts == tuple(text for text, _ in pairs)
    assert [corpus.label_names[i] for i in corpus.labels] == [label for _, label in pairs]
    assert corpus.label_names == tuple(sorted({label for _, label in pairs}))
    assert (corpus.rejected, corpus.notices) == ((), ())


@given(pairs=rows)
def test_csv(pairs, folder):
    as_csv(folder / "rows.csv", pairs)
    check(folder / "rows.csv", pairs)


@given(pairs=st.lists(st.tuples(texts.filter(lambda t: not set(t) & set("\t\r\n")), labels), min_size=1))
def test_tsv(pairs, folder):
    lines = ["text\tlabel", *("\t".join(pair) for pair in pairs)]
    (folder / "rows.tsv").write_text("\n".join(lines), encoding="utf-8", newline="")
    check(folder / "rows.tsv", pairs)


@given(pairs=rows, escaped=st.booleans())
def test_jsonl(pairs, escaped, folder):
    as_jsonl(folder / "rows.jsonl", pairs, escaped)
    check(folder / "rows.jsonl", pairs)


@given(pairs=rows)
def test_parquet(pairs, folder):
    pl.DataFrame(pairs, schema=["text", "label"], orient="row").write_parquet(folder / "rows.parquet")
    check(folder / "rows.parquet", pairs)


def kept_and_rejected(path):
    """How many rows became texts and how many were set aside; both 0 where the whole file is refused."""
    try:
        corpus = read(path, Columns("text", "label"), allow_rejects=True)
    except InputError:
        return None
    return len(corpus), len(corpus.rejected)


junk = st.binary(max_size=12) | st.sampled_from(
    [b'"', b'""', b",", b"\t", b"x,pos", b"\xff", b"{", b"\0", b"\xed\xa0\x80"]
)


@given(lines=st.lists(junk.filter(lambda b: b.strip() and not set(b) & set(b"\r\n")), max_size=12))
@pytest.mark.parametrize("suffix", [".tsv", ".jsonl"])
def test_every_line_of_a_mangled_file_is_kept_or_rejected(lines, suffix, folder):
    good = {".tsv": (b"text\tlabel", b"fine\tpos"), ".jsonl": (b"", b'{"text": "fine", "label": "pos"}')}
    path = folder / f"mangled{suffix}"
    path.write_bytes(b"\n".join([*good[suffix], *lines, good[suffix][1]]))
    assume((found := kept_and_rejected(path)) is not None)
    blank = sum(not line.decode("utf-8", "surrogateescape").strip() for line in lines)
    assert sum(found) == len(lines) + 2 - blank


@given(lines=st.lists(junk, max_size=12))
def test_every_line_of_a_mangled_csv_is_part_of_one_record(lines, folder):
    content = b"\n".join([b"text,label", b"fine,pos", *lines, b"dull,neg"]).decode("utf-8", "surrogateescape")
    cut = list(io.StringIO(content, newline=""))
    spans = [(r.start, r.end) for r in records(cut, 0, Swallowed(cut, 0, 2, 1))]
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(cut)


@given(lines=st.lists(junk, max_size=12))
def test_every_row_of_a_mangled_csv_is_kept_or_rejected(lines, folder):
    path = folder / "mangled.csv"
    path.write_bytes(b"\n".join([b"text,label", b"fine,pos", *lines, b"dull,neg"]))
    assume((found := kept_and_rejected(path)) is not None)
    assert sum(found) == len(list(csv_table(path).pull(0, 1)))


@given(rows=st.integers(4, 40), data=st.data(), quoted=st.booleans())
def test_a_stray_quote_costs_its_own_row_alone(rows, data, quoted, folder):
    texts = [f"film {i}{', quoted' if quoted and i % 3 == 0 else ''}" for i in range(rows)]
    at = data.draw(st.integers(0, rows - 1).filter(lambda i: i % 3))
    path = folder / "stray.csv"
    as_csv(path, [(text, "pos" if i % 2 else "neg") for i, text in enumerate(texts)])
    path.write_text(path.read_text().replace(f"film {at},", f'"film {at},'))
    corpus = read(path, allow_rejects=True)
    assert corpus.texts == tuple(text for i, text in enumerate(texts) if i != at)
    assert [(r.line, r.row) for r in corpus.rejected] == [
        (at + 2, f'"film {at},{"pos" if at % 2 else "neg"}')
    ]
