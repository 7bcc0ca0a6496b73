"""A kill before any step of a writer leaves the old or the new, and the next writer leaves nothing beside it."""

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from convlens.files import discard, moving, recover, replacing_folder, tidy, write_text

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
STEPS = ("rename", "replace", "unlink", "rmdir", "mkdir", "chmod")


def killed_at(step: int, act: Callable[[], None]) -> bool:
    """Run in a forked process that is killed before a step that changes a name; whether it came so far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pytest has threads, which a child that only renames does not meet
        child = os.fork()
    if child == 0:
        _arm(step)
        code = 1
        try:
            act()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _arm(step: int) -> None:
    left = iter(range(step))

    def armed(call):
        def run(*args, **kwargs):
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return run

    for name in STEPS:
        setattr(os, name, armed(getattr(os, name)))
    moving.exchange = armed(moving.exchange)


def write_folder(path: Path, content: str) -> None:
    with replacing_folder(path) as place:
        for name in ("config.json", "b"):
            (place / name).write_text(content)


def content(path: Path) -> set[str]:
    return {p.read_text() for p in path.iterdir()} if path.is_dir() else {path.read_text()}


@pytest.fixture(params=["exchange", "no exchange"])
def system(request, monkeypatch):
    """With the exchange of names that the system has, and without."""
    if request.param == "no exchange":
        monkeypatch.setattr(moving, "exchange", lambda one, other: False)
    elif sys.platform == "win32":
        pytest.skip("Windows exchanges no names")


@pytest.mark.parametrize("write", [write_folder, write_text])
def test_killed_at_any_step_it_is_old_or_new_and_the_next_leaves_nothing_behind(write, system, tmp_path):
    for step in range(100):
        path = tmp_path / str(step) / "o"
        write(path, "old")
        alive = not killed_at(step, lambda p=path: write(p, "new"))
        recover(path)  # as whoever reads it does
        assert content(path) in ({"old"}, {"new"}), step
        write(path, "newest")
        assert [p.name for p in path.parent.iterdir()] == ["o"], step
        assert content(path) == {"newest"}
        if alive:
            break
    assert 4 <= step < 50


def test_the_first_is_whole_or_absent(tmp_path):
    for step in range(100):
        path = tmp_path / str(step) / "o"
        path.parent.mkdir()
        alive = not killed_at(step, lambda p=path: write_folder(p, "new"))
        assert not path.exists() or content(path) == {"new"}
        tidy(path)
        assert {p.name for p in path.parent.iterdir()} <= {"o"}
        if alive:
            break


def test_what_is_discarded_is_whole_or_gone(tmp_path):
    for step in range(100):
        path = tmp_path / str(step) / "o"
        write_folder(path, "x")
        alive = not killed_at(step, lambda p=path: discard(p))
        assert not path.exists() or len(list(path.iterdir())) == 2
        tidy(path)
        assert {p.name for p in path.parent.iterdir()} <= {"o"}
        if alive:
            break


def test_readers_that_bring_the_old_back_at_the_wrong_moment_cost_another_try(tmp_path, monkeypatch):
    path, rename, back = tmp_path / "o", os.rename, iter(range(3))
    write_folder(path, "old")
    monkeypatch.setattr(moving, "exchange", lambda one, other: False)

    def renamed(one, other):
        if Path(other) == path and next(back, None) is not None:
            rename(tmp_path / ".o.old.convlens", path)
        rename(one, other)

    monkeypatch.setattr(os, "rename", renamed)
    write_folder(path, "new")
    assert (content(path), [p.name for p in tmp_path.iterdir()]) == ({"new"}, ["o"])


def test_what_an_earlier_convlens_had_moved_aside_comes_back(tmp_path):
    for name, text in ((".o.abcdefgh.old", "first"), (".o.hgfedcba.old", "second")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(text)
    os.utime(tmp_path / ".o.abcdefgh.old", (1, 1))
    (tmp_path / ".p.abcdefgh.old").mkdir()  # holds nothing of ours
    for name in "op":
        recover(tmp_path / name)
    assert content(tmp_path / "o") == {"second"}
    assert not (tmp_path / "p").exists()
