"""Files made to break a reader: they are read as they are, or refused in a short sentence and in short time."""

import json

import pytest

from convlens.data import Columns, read

ODD = ["a\0b\0", "\u202eesrever\u2066", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x1b[2J", "\ufeffx", "a\u2028b\x85c"]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_characters_are_kept_as_they_are(text, put):
    rows = [(text, "x"), ("film", text)]
    expected = (text, "film")
    csv = "text,label\n" + "".join(f"{a},{b}\n" for a, b in rows)
    jsonl = "".join(json.dumps({"text": a, "label": b}) + "\n" for a, b in rows)
    for path in (put("a.csv", csv), put("a.tsv", csv.replace(",", "\t")), put("a.jsonl", jsonl)):
        corpus = read(path)
        assert corpus.texts == expected
        assert set(corpus.label_names) == {"x", " ".join(text.split())}  # a label is one line
    assert read(put("a.txt", f"first\n{text}\n"), labelled=False).texts == ("first", text)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_a_line_of_ten_megabytes(name, put):
    long = "word " * 2_000_000 + "end"
    rows = {
        "a.csv": f'text,label\n"{long}",pos\nfine,neg\n',
        "a.tsv": f"text\tlabel\n{long}\tpos\nfine\tneg\n",
        "a.jsonl": f'{{"text": "{long}", "label": "pos"}}\n{{"text": "fine", "label": "neg"}}\n',
    }
    assert read(put(name, rows[name])).texts == (long, "fine")


@pytest.mark.parametrize(("name", "comma"), [("a.csv", ","), ("a.tsv", "\t")])
@pytest.mark.parametrize("columns", [Columns(), Columns("texts", "column 99"), Columns("column 9a", None)])
def test_a_hundred_thousand_columns(name, comma, columns, put, refusal):
    path = put(name, comma.join(f"column {i}" for i in range(100_000)) + "\nfine,pos\n")
    said = refusal(read, path, columns)
    assert said.endswith(", 'column 8', 'column 9' and 99,990 more")
    assert len(said) < 400


def test_a_hundred_thousand_keys(put, refusal):
    path = put("a.jsonl", json.dumps({f"key {i}": i for i in range(100_000)}))
    assert len(refusal(read, path)) < 400


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_a_column_name_of_a_megabyte(name, put, refusal):
    long = "n" * 1_000_000
    path = put(name, f'{{"{long}": 1, "x": 2}}' if name == "a.jsonl" else f"{long},x\t\nfine,pos\t\n")
    assert len(refusal(read, path, Columns("text"))) < 400


def test_labels_of_a_megabyte_are_shown_short(put, refusal):
    rows = "".join(f"film,{'x' * 50_000}{i}\n" for i in range(30))
    assert len(refusal(read, put("a.csv", "text,label\n" + rows))) < 400


def test_rows_of_a_megabyte_are_shown_short(put, refusal):
    path = put("a.csv", "text,label\n" + f"{'x,' * 500_000}\n" * 2)
    said = refusal(read, path)
    assert said.startswith(
        "a.csv: 2 of 2 rows cannot be used (2 number of fields is 500001, not 2 as in the "
    )
    assert len(said) < 400


@pytest.mark.timeout(100)  # in squares it would take longer
def test_a_csv_of_nothing_but_quotes_takes_time_in_proportion(put):
    for piece in ('"', '"\n', '"",\n', 'a,"\n', '"""\n', '","\n', "\n", ",\n", '"\r'):
        path = put("a.csv", "text,label\nfine,pos\n" + piece * 100_000)
        read(path, allow_rejects=True)
