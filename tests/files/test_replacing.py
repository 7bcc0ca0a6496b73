"""Outputs are whole or as they were, whatever the system refuses; links, devices and modes are as people expect."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import SafetensorError

from convlens.errors import InputError
from convlens.files import check_target, lock, replacing_file, replacing_folder, write_text

posix = pytest.mark.skipif(sys.platform == "win32", reason="links, devices and modes of POSIX")


def write_folder(path: Path, content: str) -> None:
    with replacing_folder(path) as place:
        (place / "a").write_text(content)
        (place / "b").mkdir()


def content(path: Path) -> str:
    return (path / "a").read_text() if path.is_dir() else path.read_text()


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture(params=[write_text, write_folder])
def write(request):
    return request.param


def test_what_was_there_is_replaced(write, tmp_path):
    for text in ("old", "new"):
        write(tmp_path / "o", text)
        assert (content(tmp_path / "o"), names(tmp_path)) == (text, ["o"])


FAILURES = {
    "by Python": (OSError(errno.ENOSPC, "x"), "no space left on device: make room"),
    "by safetensors": (SafetensorError("I/O error: xyz (os error 28)"), "no space left on device: make room"),
    "by Polars": (OSError("File too large (os error 27)"), "file too large: raise the limit"),
    "in a panic": (
        BaseException("called `unwrap()` on an `Err`: (os error 13)"),
        "permission denied: write w",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("writing", [replacing_file, replacing_folder])
def test_what_the_system_refuses_is_one_sentence_and_nothing_changes(writing, name, tmp_path):
    error, said = FAILURES[name]
    path = tmp_path / "new" / "folder" / "o"
    with pytest.raises(InputError, match=f"cannot write .*o: {said}") as caught, writing(path):
        raise error
    assert caught.value.__cause__ is error
    assert names(tmp_path) == []


def test_other_errors_stay_what_they_are(tmp_path):
    for error in (KeyboardInterrupt("os error"), ValueError("(os error x)"), BrokenPipeError(32, "x")):
        with pytest.raises(type(error)), replacing_file(tmp_path / "o"):
            raise error
    assert names(tmp_path) == []


@posix
def test_a_link_stays_and_what_it_points_to_is_written(write, tmp_path):
    (tmp_path / "far").mkdir()
    links = {"absolute": tmp_path / "far" / "o", "relative": Path("far/o"), "chain": Path("relative")}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    for name in links:  # the first dangles
        check_target(tmp_path / name, force=name != "absolute", folder=write is write_folder)
        write(tmp_path / name, name)
        assert content(tmp_path / "far" / "o") == name
        assert (tmp_path / name).is_symlink()
    assert (names(tmp_path), names(tmp_path / "far")) == (["absolute", "chain", "far", "relative"], ["o"])


@posix
def test_a_link_in_a_circle_is_refused(write, tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for refusing in (lambda: write(tmp_path / "a", "x"), lambda: check_target(tmp_path / "a", force=True)):
        with pytest.raises(InputError, match="a symbolic link that leads back to itself"):
            refusing()


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_modes_are_those_of_the_umask(mask, tmp_path):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "file", "x")
        with replacing_folder(tmp_path / "folder") as place:
            (place / "inside").touch(0o600)  # as safetensors does
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {"file": 0o666 & ~mask, "folder": 0o777 & ~mask, "inside": 0o666 & ~mask}


@posix
def test_devices_are_written_to_and_never_replaced(tmp_path):
    code = (
        "import sys; from pathlib import Path; from convlens.files import *; p = Path('/dev/stdout'); print('one');"
        "check_target(p, force=False); write_text(p, 'two\\n'); write_text(Path('/dev/fd/1'), 'three\\n'); print('four')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-c", code], stdout=out, check=True, env=environment)
    assert (tmp_path / "out").read_text().split() == ["one", "two", "three", "four"]
    check_target(Path("/dev/null"), force=False)
    write_text(Path("/dev/null"), "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    if Path("/dev/full").exists():
        with pytest.raises(InputError, match="cannot write /dev/full: no space left on device"):
            write_text(Path("/dev/full"), "x")


def test_paths_that_cannot_be_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    cases = [
        ("x" * 256, "too long"),
        ("a/" + "é" * 128 + "/o", "too long"),
        ("nul\0", "holds the character NUL"),
        (".", "the folder you are in"),
        ("", "the folder you are in"),
        ("..", "the folder you are in"),
        ("folder/..", "the folder you are in"),
        ("file/o", "file is not a folder"),
    ]
    for path, said in cases:
        for folder in (True, False):
            with pytest.raises(InputError, match=said) as caught:
                check_target(Path(path), force=True, folder=folder)
            assert len(str(caught.value)) <= 300
    with pytest.raises(InputError, match="file: it is a file, and a folder is written"):
        check_target(Path("file"), force=True, folder=True)
    with pytest.raises(InputError, match="/dev/null: it is a file, and a folder is written"):
        check_target(Path("/dev/null"), force=True, folder=True)
    with pytest.raises(InputError, match="folder: it is a folder, and a file is written"):
        check_target(Path("folder"), force=True)
    check_target(Path("folder"), force=True, folder=True)


@posix
def test_the_longest_names_are_written(write, tmp_path):
    for name in ("x" * 255, "é" * 127):
        check_target(tmp_path / name, force=False)
        write(tmp_path / name, "x")
    assert len(names(tmp_path)) == 2


@posix
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that is not root")
def test_folders_that_may_not_be_written_are_refused(tmp_path):
    """As nobody where the tests run as root, who may write everywhere."""
    (tmp_path / "closed").mkdir(0o555)
    tmp_path.chmod(0o755)

    def refusals() -> list[str]:
        said = []
        for path in (Path("closed/o"), Path("closed/new/o")):
            for act in (lambda p=path: check_target(p, force=True), lambda p=path: write_text(p, "x")):
                try:
                    act()
                    said.append("written")
                except InputError as error:
                    said.append(str(error))
        return said

    os.chdir(tmp_path)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        said = refusals()
    finally:
        os.seteuid(user)
    assert [
        "no permission to write in" in s or "permission denied: write where you may" in s for s in said
    ] == [True] * 4, said


def test_dead_writers_are_swept_and_living_ones_and_strangers_are_not(write, tmp_path):
    pytest.importorskip("fcntl")
    dead, living, other = (f".o.{c * 8}.convlens" for c in "abc")
    for name in (dead, living):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    (tmp_path / other).touch()
    strangers = [".o.abcdefgh", ".o.convlens", "o.abcdefgh.convlens", ".o.swp", ".o.ABCDEFGH.convlens"]
    for name in strangers:
        (tmp_path / name).touch()
    handle = lock(tmp_path / living)
    write(tmp_path / "o", "x")
    assert names(tmp_path) == sorted([living, "o", *strangers])
    os.close(handle)
    write(tmp_path / "o", "x")
    assert names(tmp_path) == sorted(["o", *strangers])


def test_a_writer_within_a_writer_leaves_the_outer_alone(write, tmp_path):
    with replacing_folder(tmp_path / "o") as place:
        write(tmp_path / "p", "x")
        (place / "a").write_text("y")
    assert content(tmp_path / "o") == "y"


def test_where_nothing_can_be_locked_nothing_is_swept(write, tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def unsupported(handle, operation):
        raise OSError(errno.EBADF, "no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    (tmp_path / ".o.aaaaaaaa.convlens").touch()
    write(tmp_path / "o", "x")
    assert names(tmp_path) == [".o.aaaaaaaa.convlens", "o"]
