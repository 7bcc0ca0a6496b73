"""Every format gives the same corpus, and the suffix tells the format."""

import json

import pandas as pd
import polars as pl
import pytest

from convlens.data import FORMATS, Columns, Corpus, from_frame, from_lists, read

TEXTS = ("A fine film.", 'He said "no", twice.', "Zwölf Boxkämpfer 👍🏽", "  spaces kept  ")
LABELS = ("pos", "neg", "pos", "neg")
FRAME = pl.DataFrame({"id": [1, 2, 3, 4], "text": TEXTS, "label": LABELS})


def as_csv(path, frame):
    frame.write_csv(path)


def as_tsv(path, frame):
    rows = [frame.columns, *([str(v) for v in row] for row in frame.rows())]
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def as_jsonl(path, frame):
    frame.write_ndjson(path)


WRITERS = {
    ".csv": as_csv,
    ".tsv": as_tsv,
    ".tab": as_tsv,
    ".jsonl": as_jsonl,
    ".ndjson": as_jsonl,
    ".json": lambda path, frame: frame.write_json(path),
    ".parquet": lambda path, frame: frame.write_parquet(path),
    ".pq": lambda path, frame: frame.write_parquet(path),
    ".arrow": lambda path, frame: frame.write_ipc(path),
    ".feather": lambda path, frame: frame.write_ipc(path, compression="lz4"),
    ".ipc": lambda path, frame: frame.write_ipc_stream(path),
}


def test_every_format_but_plain_text_is_written_here():
    assert [*WRITERS, ".txt"] == list(FORMATS)


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize(
    ("labels", "names", "numbers"),
    [
        (LABELS, ("neg", "pos"), (1, 0, 1, 0)),
        ((10, 9, 10, 9), ("9", "10"), (1, 0, 1, 0)),
        ((1.0, 0.0, 2.0, -1.0), ("-1", "0", "1", "2"), (2, 1, 3, 0)),
        ((0.5, 0.25, 0.5, 0.25), ("0.25", "0.5"), (1, 0, 1, 0)),
        (("10", "9", "10", "b"), ("10", "9", "b"), (0, 1, 0, 2)),
    ],
    ids=["strings", "integers", "whole floats", "floats", "mixed"],
)
def test_files_of_every_format_give_the_same_corpus(suffix, labels, names, numbers, tmp_path):
    path = tmp_path / f"reviews{suffix}"
    WRITERS[suffix](path, FRAME.with_columns(pl.Series("label", labels)))
    assert read(path) == Corpus(TEXTS, numbers, names, f"reviews{suffix}")


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_suffix_in_capitals_is_the_same_format(suffix, tmp_path):
    path = tmp_path / f"reviews{suffix.upper()}"
    WRITERS[suffix](path, FRAME)
    assert read(str(path)).texts == TEXTS


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".ipc"])
def test_brackets_and_stars_in_a_file_name_are_no_pattern(suffix, tmp_path):
    path = tmp_path / f"reviews[1]*{suffix}"
    WRITERS[suffix](path, FRAME)
    assert read(path).texts == TEXTS


def test_frames_and_lists_give_the_same_corpus():
    expected = Corpus(TEXTS, (1, 0, 1, 0), ("neg", "pos"), "frame")
    assert from_frame(FRAME) == expected
    assert from_frame(FRAME.lazy()) == expected
    assert from_frame(pd.DataFrame(FRAME.to_dict(as_series=False))) == expected
    assert from_lists(TEXTS, LABELS, source="frame") == expected


def test_plain_text_is_one_text_a_line(put):
    path = put("reviews.txt", "A fine film.\r\n\n  \nNo, not that.\n")
    corpus = read(path, labelled=False)
    assert corpus.texts == ("A fine film.", "No, not that.")
    assert corpus.labels is None
    assert corpus.notices == ("reviews.txt: passing over 2 blank lines of 4",)
    assert read(put("plain.txt", "one"), labelled=False) == Corpus(("one",), source="plain.txt")


def test_plain_text_has_no_labels(put, refusal):
    path = put("reviews.txt", "A fine film.\n")
    assert refusal(read, path) == (
        f"{path} is plain text, one text a line without labels: labels need a CSV or JSONL file"
    )


def test_plain_text_of_blank_lines_alone_has_no_rows(put, refusal):
    path = put("reviews.txt", "\n \n\n")
    assert refusal(read, path, labelled=False) == (
        "reviews.txt has column names but no rows: expected at least one row below them"
    )


KNOWN = ".csv .tsv .tab .jsonl .ndjson .json .parquet .pq .arrow .feather .ipc .txt"


@pytest.mark.parametrize(
    ("name", "suffix", "hint"),
    [
        ("a.xlsx", "'.xlsx'", "save the sheet as CSV (UTF-8)"),
        ("a.ods", "'.ods'", "save the sheet as CSV (UTF-8)"),
        ("a.jsn", "'.jsn'", "did you mean .json?"),
        ("a.zip", "'.zip'", "name it by what is in it too, such as a.csv.zip"),
        ("a.gz", "'.gz'", "name it by what is in it too, such as a.csv.gz"),
        ("a.cvs", "'.cvs'", "did you mean .csv?"),
        ("a.Parqet", "'.parqet'", "did you mean .parquet?"),
        ("a.md", "'.md'", "give the file the suffix of its format"),
        ("a", "'none'", "give the file the suffix of its format"),
    ],
)
def test_other_suffixes_are_refused(name, suffix, hint, put, refusal):
    path = put(name, "text,label\n")
    assert refusal(read, path) == f"{path} has the suffix {suffix}, known are {KNOWN}: {hint}"


def test_json_that_is_none_is_refused(put, refusal):
    path = put("a.json", "text,label\n")
    assert (
        refusal(read, path) == f"{path} is broken JSON: expected a list of objects, mend it or fetch it again"
    )


def test_columns_are_named_or_guessed_and_the_guess_is_said(put):
    path = put("reviews.csv", "id,review,stars\n1,fine film,5\n2,dull film,1\n")
    named = read(path, Columns(text="review", label="stars"))
    assert named == Corpus(("fine film", "dull film"), (1, 0), ("1", "5"), "reviews.csv")
    rows = [{"Review Body": "fine film", "Class-Index": 5}, {"Review Body": "dull film", "Class-Index": 1}]
    guessed = read(put("reviews.jsonl", "\n".join(map(json.dumps, rows))))
    assert (guessed.texts, guessed.labels, guessed.label_names) == (named.texts, (1, 0), ("1", "5"))
    assert guessed.notices == (
        "reviews.jsonl: taking the texts from column 'Review Body'",
        "reviews.jsonl: taking the labels from column 'Class-Index'",
    )


@pytest.mark.parametrize("suffix", WRITERS)
def test_prose_tells_the_texts_where_no_name_does(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    WRITERS[suffix](path, pl.DataFrame({"a": ["x", "y"], "b": ["a fine film", "a dull film"]}))
    assert read(path) == Corpus(
        ("a fine film", "a dull film"),
        (0, 1),
        ("x", "y"),
        path.name,
        notices=(
            f"{path.name}: taking the texts from column 'b'",
            f"{path.name}: taking the labels from column 'a'",
        ),
    )


def test_a_byte_order_mark_and_any_line_ends_are_read_over(put):
    for end in ("\n", "\r\n", "\r"):
        path = put("reviews.csv", f"\ufefftext,label{end}fine,1{end}dull,0{end}")
        assert read(path) == Corpus(("fine", "dull"), (1, 0), ("0", "1"), "reviews.csv")
    for end in ("\n", "\r\n"):
        path = put("reviews.tsv", f"\ufefftext\tlabel{end}fine\t1{end}{end}dull\t0{end}")
        assert read(path) == Corpus(("fine", "dull"), (1, 0), ("0", "1"), "reviews.tsv")
        rows = f'{{"text": "fine", "label": 1}}{end}{end}{{"text": "dull", "label": 0}}{end}'
        assert read(put("r.jsonl", f"\ufeff{rows}")) == Corpus(
            ("fine", "dull"), (1, 0), ("0", "1"), "r.jsonl"
        )
