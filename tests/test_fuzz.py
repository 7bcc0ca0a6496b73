"""A small share of `python -m benchmarks fuzz`, and what it does with processes that hang or die."""

import os
import random
import signal
import time

import pytest
from benchmarks.fuzzing import corpora, folders, states, texts
from benchmarks.fuzzing.runs import OUTCOMES, READ, REFUSED, Kind, Wrong, attempt, lines_of, refused, run

from convlens.errors import InputError


def share(kind, name, attempts, folder):
    """Why the first attempts fail."""
    (folder / "good").mkdir()
    kind.make(folder / "good")
    good = kind.load(folder / "good")
    results = [attempt(kind, good, name, number, folder / str(number)) for number in range(attempts)]
    return [result.why for result in results if result.outcome not in (READ, REFUSED)]


SHARES = {
    "texts": (texts.KIND, 2),
    "folders": (folders.KIND, 150),
    "corpora": (corpora.KIND, 150),
    "states": (states.KIND, 60),
}


@pytest.mark.parametrize("name", SHARES)
def test_what_is_made_to_break_is_answered_or_refused(name, tmp_path):
    kind, attempts = SHARES[name]
    assert share(kind, name, attempts, tmp_path) == []


class Raw(InputError):
    """An `InputError` that says its words as they are, which none does by itself."""

    def __str__(self) -> str:
        return str(self.args[0])


def bad(good, rng: random.Random, place) -> str:
    """A traceback, a hang, a death, a wrong answer, a long refusal and two good ends, by turns."""
    number = int(place.name.partition("-")[2])
    (place / "input").write_text("a")
    if number == 0:
        raise KeyError("x")
    if number == 1:
        signal.setitimer(signal.ITIMER_PROF, 0.05)  # as if the five seconds were almost over
        while True:
            time.process_time()
    if number == 2:
        os._exit(3)
    if number == 3:
        raise Wrong("2 and 2 is 5\nin this file")
    if number == 4:
        return refused(Raw("x" * 301))
    return REFUSED if number == 5 else READ


def test_every_end_of_an_attempt_is_counted(tmp_path):
    kind = Kind(lambda folder: None, lambda folder: None, bad, attempts=3)
    tally = run(kind, "bad", range(7), tmp_path, 2, lambda result: None)
    assert [tally.counts[outcome] for outcome in OUTCOMES] == [1, 1, 2, 1, 2]
    assert sorted(p.name for p in tmp_path.glob("bad-*")) == [f"bad-{i}" for i in range(5)]
    assert (tmp_path / "bad-3" / "why.txt").read_text().startswith("2 and 2 is 5")
    table, *failures = list(lines_of({"bad": tally}))[2:]
    assert table.startswith("| bad | 7 | 1 | 1 | 2 | 1 | 2 |")
    assert len(failures) == 5


@pytest.mark.parametrize("said", ["two\nlines", "\x1b[31mred", "a\u202eb", "x" * 301])
def test_a_refusal_is_one_sentence(said):
    assert refused(InputError("x" * 300)) == REFUSED
    with pytest.raises(Wrong, match="a message"):
        refused(Raw(said))
