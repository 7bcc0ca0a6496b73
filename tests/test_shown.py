"""What people see of strangers' text: nothing raw, and a sentence at most."""

import json
import logging
import pickle

import pytest
from rich.table import Table
from rich.text import Text

from convlens.cli.app import Lines
from convlens.errors import InputError
from convlens.shown import Terminal, clipped, json_visible, shown, visible

EVIL = "a\x1b[31mb\x9bc\u202ed\u2066e\x00f\x7fg\u2028h\x85i"
HARMLESS = "Grüße 漢字 नमस्ते 👩\u200d👧 می\u200cخواهم\xa0\u3000"


def test_control_characters_become_escapes_that_can_be_read():
    assert visible(EVIL) == r"a\x1b[31mb\x9bc\u202ed\u2066e\x00f\x7fg\u2028h\x85i"
    assert visible("a\tb\nc") == r"a\tb\nc"
    assert visible("a\tb\nc\r", "\t\n") == "a\tb\nc\\r"
    assert visible("half \ud800") == "half \ufffd"
    assert visible(HARMLESS) == HARMLESS


def test_bad_input_is_one_sentence_whatever_is_put_into_it():
    error = InputError(f"{EVIL}\n\n  {'x' * 10_000}: give another")
    assert str(error).startswith(r"a\x1b[31mb\x9bc\u202ed")
    assert str(error).endswith("x: give another")
    assert len(str(error)) <= 290
    assert str(error).isprintable()
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 (ours)


@pytest.mark.parametrize("paths", [1, 2, 5])
def test_a_long_path_loses_its_middle_and_the_sentence_no_word(paths):
    listed = [f"/begin{i}/{'some-folder/' * 40}end{i}.csv" for i in range(paths)]
    said = str(InputError(f"cannot compare {' with '.join(listed)} as they are there: give another path"))
    assert len(said) <= 280
    assert (
        said.startswith("cannot compare /begin0/"),
        said.endswith("as they are there: give another path"),
    ) == ((True, True) if paths < 5 else (True, said.endswith("there: give another path")))
    assert said.count(" with ") == paths - 1 or paths == 5


def test_clipping_keeps_both_ends():
    assert clipped("abcdefghij" * 9, 23) == "abcdefghij … abcdefghij"
    assert len(shown("\x1b" * 1000)) <= 80


@pytest.mark.parametrize("text", [EVIL, HARMLESS, "\U000e0067 \ud800"])
def test_json_keeps_its_letters_and_escapes_the_rest(text):
    line = json_visible(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(line) == {"text": text}
    assert visible(line) == line
    assert "Grüße 漢字" in line or text != HARMLESS


def test_a_terminal_shows_nothing_raw_whoever_forgets(capsys):
    table = Table(title=Text(EVIL))
    table.add_column(Text(EVIL))
    table.add_row(EVIL.replace("[", ""))
    Terminal().print(EVIL, Text(EVIL), table, ":heart:", markup=False)
    out = capsys.readouterr().out
    assert visible(out, "\n") == out
    assert r"\x1b" in out
    assert ":heart:" in out


def test_what_is_logged_is_a_line():
    record = logging.LogRecord("convlens", logging.WARNING, "x.py", 1, "bad %s", (EVIL + "\nc",), None)
    assert Lines("convlens: %(message)s").format(record).isprintable()
