"""Control characters in texts, labels, columns and paths reach nobody's terminal."""

import csv
import json

import pytest
from tests.cli.conftest import SMALL

from convlens.models import load

EVIL = "a\x1b[31mb\x9bc\u202ed"
LABELS = ("good\x1b[1m\nnews", "bad\tnews\u202e")


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    """A folder whose name, file, columns, texts and labels hold what could rewrite a terminal."""
    folder = tmp_path_factory.mktemp("evil") / EVIL
    folder.mkdir()
    with (folder / f"{EVIL}.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [
            (f"{word} film\x1b]0;x\x07 {i}", LABELS[word == "bad"])
            for i in range(30)
            for word in ("good", "bad")
        ]
        csv.writer(file).writerows([(f"text{EVIL}", f"label{EVIL}"), *rows])
    return folder


@pytest.fixture(scope="module")
def columns():
    return ["--text", f"text{EVIL}", "--label", f"label{EVIL}"]


def test_no_command_prints_them(run, evil, columns):
    data, model = evil / f"{EVIL}.csv", evil / "model"
    fit = run("fit", data, *columns, "-o", model, *SMALL)
    assert fit.code == 0, fit.err
    assert "\\x1b[1m" in fit.out
    folded = {" ".join(label.split()) for label in LABELS}  # white space would tear tables
    assert load(model).labels == tuple(sorted(folded))
    [line] = run("predict", model, "a good\x1b[2J film").out.splitlines()
    assert [len(line.split("\t")), "\\x1b[2J" in line] == [3, True]
    told = json.loads(run("predict", model, "a good\x9b\u202e film é", "--json").out)
    assert (told["text"], set(told["probabilities"])) == ("a good\x9b\u202e film é", folded)
    for arguments in (
        ("explain", model, EVIL),
        ("explain", model, EVIL, "--json"),
        ("explain", model, "x", "--target", EVIL),
        ("explain", model, "x", "--method", EVIL),
        ("explain", model, "--file", evil / EVIL),
        ("filters", model, data, *columns[:2]),
        ("words", model, data, *columns),
        ("words", model, data),
        ("evaluate", model, data, *columns, "--min-words", 1, "--documents", 5, "--sanity", 0),
        ("attack", model, data, *columns, "--documents", 5),
        ("predict", evil / "none", "x"),
    ):
        assert run(*arguments).code in (0, 2)  # `run` looks at all that is printed


def test_usage_errors_quote_nothing_raw(run):
    for arguments in (
        ["--\x1b[31m"],
        ["predict", "m", "--seed\x1b"],
        ["words", "m", "x", "--top", EVIL],
        [EVIL],
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (2, "")
