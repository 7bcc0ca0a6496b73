"""Rows set aside, written to a file."""

import csv
import json

from convlens.data import Corpus, Reject, read, write_rejects

CORPORA = [
    Corpus((), source="a.csv", rejected=(Reject(3, "no text", ',"x"\n,ü'), Reject(9, "no label", "\ud800,"))),
    Corpus(("fine",), source="b.csv"),
    Corpus((), source="c.csv", rejected=(Reject(1, "broken JSON", "{"),)),
]
ROWS = [
    ("a.csv", 3, "no text", ',"x"\n,ü'),
    ("a.csv", 9, "no label", "\ufffd,"),
    ("c.csv", 1, "broken JSON", "{"),
]


def test_as_json_lines(tmp_path):
    for name in ("r.jsonl", "new/r.NDJSON"):
        write_rejects(CORPORA, tmp_path / name)
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        assert [tuple(json.loads(line).values()) for line in lines[1:]] == ROWS[1:]
        assert lines[0] == '{"source": "a.csv", "line": 3, "reason": "no text", "row": ",\\"x\\"\\n,ü"}'


def test_as_csv(tmp_path):
    write_rejects(CORPORA, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))
    assert found == [["source", "line", "reason", "row"], *([s, str(n), why, row] for s, n, why, row in ROWS)]


def test_no_rejects_make_an_empty_file(tmp_path):
    write_rejects([Corpus(("fine",))], tmp_path / "r.jsonl")
    write_rejects([], tmp_path / "r.csv")
    assert (tmp_path / "r.jsonl").read_text() == ""
    assert (tmp_path / "r.csv").read_text() == "source,line,reason,row\n"


def test_another_suffix_writes_nothing(tmp_path, refusal):
    path = tmp_path / "r.txt"
    assert refusal(write_rejects, CORPORA, path) == (
        f"rejected rows are written as .jsonl or .csv, got '{path}': name it with one of these"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_a_row_held_is_kept_short_and_printable(put):
    row = "x" * 300 + "\udcff"
    path = put("a.csv", "text,label\n" + "fine,pos\n" * 20 + f"{row}\n\udcff\n")
    assert [r.row for r in read(path).rejected] == ["x" * 200, "\\udcff"]
