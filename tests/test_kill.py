"""What `python -m benchmarks kill` counts of writers that lose the old one, that leave something behind, and that do neither."""

import os
import random
import time
from pathlib import Path

import pytest
from benchmarks.killing.trial import Command, Trial, line_of

from convlens.files import write_text

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # pytest has threads
]
OLD, NEW, PLACE = "<p>old</html>", "<p>new</html>", Path("out.html")


def old() -> None:
    PLACE.write_text(OLD)


def whole() -> None:
    write_text(PLACE, NEW)


def losing() -> None:
    PLACE.unlink(missing_ok=True)
    whole()


def half() -> None:
    PLACE.write_text(NEW[:4])
    whole()


def leaving() -> None:
    place = Path(f".{os.getpid()}")
    place.write_text(NEW)
    place.replace(PLACE)


def slow() -> None:
    time.sleep(0.05)
    whole()


def adding() -> None:
    PLACE.write_text((PLACE.read_text() if PLACE.exists() else OLD) + NEW)


def tally(folder, write, before=old):
    trial = Trial("write", Command(write, write, before, out="out.html"), folder)
    trial.at_every_change(exchange=True)
    return trial.tally


@pytest.mark.parametrize("before", [old, None])
def test_a_writer_that_is_whole_or_absent_loses_nothing_and_leaves_nothing(tmp_path, before):
    counts = tally(tmp_path, whole, before)
    assert counts["kills"] == counts["same"] >= 3
    assert counts["lost"] == counts["leftovers"] == 0
    assert counts["old" if before else "absent or unfinished"] == counts["kills"] - counts["new"] >= 3


def test_a_file_that_is_gone_or_cut_short_meanwhile_is_lost(tmp_path, capsys):
    for name, write in (("losing", losing), ("half", half)):
        (tmp_path / name).mkdir()
        assert tally(tmp_path / name, write)["lost"] >= 3
        assert "write: lost, same bytes: True, left: []" in capsys.readouterr().err


def test_what_a_killed_writer_leaves_is_counted(tmp_path):
    counts = tally(tmp_path, leaving)
    assert (counts["lost"], counts["leftovers"]) == (0, 1)


def test_other_bytes_after_the_next_run_are_lost(tmp_path):
    trial = Trial("write", Command(adding, old, old, out="out.html"), tmp_path)
    trial.at_every_change(exchange=True)
    assert (trial.tally["lost"], trial.tally["same"]) == (trial.tally["kills"], 0)
    assert trial.tally["kills"] > 0


def test_random_moments_are_as_many_as_asked_for(tmp_path):
    trial = Trial("write", Command(slow, slow, old, out="out.html"), tmp_path)
    trial.at_random(2, random.Random(0))
    assert trial.tally["kills"] == trial.tally["same"] == 2
    assert line_of("write", trial.tally).startswith("| write | 2 | ")


def test_what_writes_what_was_there_before_is_refused(tmp_path):
    with pytest.raises(ValueError, match="could not be told"):
        tally(tmp_path, old)
