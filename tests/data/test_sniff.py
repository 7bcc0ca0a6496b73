"""Files that cannot be read are named for what they are, before a row is read."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import polars as pl
import pytest

from convlens.data import read
from convlens.shown import shown

TABLE = "text,label\nfine,pos\ndull,neg\n"


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def as_parquet():
    file = io.BytesIO()
    pl.DataFrame({"text": ["fine"], "label": ["pos"]}).write_parquet(file)
    return file.getvalue()


def test_a_missing_file_brings_up_similar_names(put, refusal, monkeypatch):
    path = put("reviews.csv", TABLE)
    monkeypatch.chdir(path.parent)  # two long paths would be clipped
    put("reviews.tsv", TABLE)
    put("other.txt", TABLE)
    message = "there is no file review.csv: did you mean reviews.csv or reviews.tsv?"
    assert refusal(read, Path("review.csv")) == message
    assert refusal(read, path.with_name("xyz")) == f"there is no file {path.parent}/xyz: check its name"


def test_a_missing_file_in_a_missing_folder(tmp_path, refusal):
    path = tmp_path / "no" / "reviews.csv"
    assert refusal(read, path) == f"there is no file {path}: the folder {path.parent} does not exist either"


def refuse_with(monkeypatch, method, error):
    def refuse(*args, **options):
        raise error

    monkeypatch.setattr(f"pathlib.Path.{method}", refuse)


def test_files_and_folders_that_the_system_keeps_shut(put, refusal, monkeypatch):
    path = put("reviews.csv", TABLE)
    refuse_with(monkeypatch, "iterdir", PermissionError())
    assert refusal(read, path.with_name("no.csv")) == f"there is no file {path.parent}/no.csv"
    refuse_with(monkeypatch, "open", PermissionError())
    assert refusal(read, path) == f"no permission to read {path}: change it with chmod, or copy the file"


def test_paths_that_can_be_no_file(tmp_path, put, refusal):
    assert refusal(read, tmp_path) == f"{tmp_path} is a folder: give one of the files in it"
    assert refusal(read, "a\0b.csv") == "cannot read 'a\\x00b.csv': embedded null byte"
    inside = put("reviews.csv", TABLE) / "a.csv"
    assert refusal(read, inside) == f"cannot read '{inside}': Not a directory"
    long = tmp_path / ("a" * 300)
    assert refusal(read, long) == f"cannot read {shown(str(long), 120)}: File name too long"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.arrow", "a.txt"])
def test_an_empty_file(name, put, refusal):
    path = put(name, "")
    assert refusal(read, path, labelled=False) == (
        f"{path} is empty: expected a line of column names and a row for each text"
    )


AS_CSV = "not text: save the table as CSV (UTF-8) and give that"
NO_TEXT = "not a text file: expected rows of text in UTF-8"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.txt"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (zipped(), f"a zip archive or an Excel file, {AS_CSV}"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", f"an old Excel file, {AS_CSV}"),
        (b"\x89PNG\r\n\x1a\n", f"a PNG picture, {NO_TEXT}"),
        (as_parquet(), f"a Parquet file (name it .parquet), {NO_TEXT}"),
        (b"%PDF-1.7\n", f"a PDF document, {NO_TEXT}"),
        (bytes(range(256)) * 20, "a binary file, not text: expected rows of text in UTF-8"),
        (b"\x80\x04\x95text,label\n", "a binary file, not text: expected rows of text in UTF-8"),
        (b"\0" * 5000, "a binary file, not text: expected rows of text in UTF-8"),
    ],
    ids=["xlsx", "xls", "png", "parquet", "pdf", "bytes", "pickle", "zeros"],
)  # fmt: skip
def test_files_that_are_no_text(name, content, what, put, refusal):
    path = put(name, content)
    assert refusal(read, path, labelled=False) == f"{path} is {what}"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TABLE.encode("utf-16"), "UTF-16LE"),
        (TABLE.encode("utf-16-le"), "UTF-16LE"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "UTF-16BE"),
        (TABLE.encode("utf-16-be"), "UTF-16BE"),
        (TABLE.encode("utf-32"), "UTF-32"),
    ],
    ids=["16 with mark", "16LE", "16BE with mark", "16BE", "32"],
)
def test_other_encodings_are_told_apart_and_how_to_convert_them(content, encoding, put, refusal):
    path = put("my reviews.csv", content)
    assert refusal(read, path) == (
        f"{path} is {encoding}, not UTF-8: convert it with "
        f"iconv -f {encoding} -t UTF-8 '{path}' > 'utf8-my reviews.csv'"
    )


@pytest.mark.parametrize("size", [4094, 4095, 4096])
def test_a_character_across_the_end_of_what_is_looked_at_is_no_fault(size, put):
    head = "text,label\n"
    long = "x" * (size - len(head)) + "👍"
    assert read(put("a.csv", f"{head}{long},pos\ndull,neg\n")).texts == (long, "dull")


@pytest.mark.parametrize(
    ("name", "what"),
    [("a.parquet", "a Parquet file"), ("a.arrow", "an Arrow file (IPC, Feather version 2)")],
)
def test_text_named_as_a_binary_format(name, what, put, refusal):
    path = put(name, TABLE)
    assert refusal(read, path) == (
        f"{path} is not {what}: check what wrote it, or give it the suffix of its real format"
    )


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
JSON = [{"text": "fine", "label": "pos"}, {"text": "dull", "label": "neg"}]
TABLES = {
    ".csv": TABLE,
    ".tsv": TABLE.replace(",", "\t"),
    ".jsonl": "".join(json.dumps(row) + "\n" for row in JSON),
    ".json": json.dumps(JSON, indent=1),
}


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("suffix", TABLES)
def test_tables_may_be_compressed(suffix, packed, put):
    path = put(f"a{suffix}{packed}", PACKERS[packed](TABLES[suffix].encode()))
    assert (read(path).texts, read(path).labels) == (("fine", "dull"), (1, 0))


def test_a_json_file_may_hold_a_list_below_one_key_or_lines(put, refusal):
    assert read(put("a.json", json.dumps({"data": JSON, "version": 1}))).texts == ("fine", "dull")
    assert read(put("b.json", TABLES[".jsonl"])).texts == ("fine", "dull")
    assert "holds no list of objects" in refusal(read, put("c.json", "[1, 2]"))
    assert "is broken JSON" in refusal(read, put("d.json", "[{"))
