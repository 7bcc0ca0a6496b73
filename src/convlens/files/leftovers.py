"""Temporary files and folders: a lock tells whether their writer lives, and what dead ones left is swept.

The lock is on the file or folder itself. A kill frees it, and no file is needed for it.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = ".convlens"
OURS = re.compile(rf"\..*\.[a-z0-9_]{{8}}{re.escape(MARK)}", re.DOTALL)


@contextmanager
def temporary(path: Path, *, folder: bool) -> Iterator[Path]:
    """A new file or folder beside `path`, locked while the block runs and gone after it."""
    place, handle = _claimed(path, folder=folder)
    try:
        yield place
    finally:
        remove(place)
        if handle is not None:
            os.close(handle)


def lock(path: Path) -> int | None:
    """A handle that locks a file or folder until it is closed; `BlockingIOError` where another process holds it.

    None where nothing can be locked: on Windows and some network file systems.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return handle


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders of dead writers; where nothing can be locked they stay."""
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if OURS.fullmatch(e.name) and not e.is_symlink()]
    for name in names:
        try:
            handle = lock(folder / name)
        except OSError:  # its writer lives, or another has swept it, or it is not ours to open
            continue
        if handle is not None:
            remove(folder / name)
            os.close(handle)


def remove(path: Path) -> None:
    """Remove a file or folder as far as that is possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _claimed(path: Path, *, folder: bool) -> tuple[Path, int | None]:
    """A temporary file or folder and its lock; again where another swept it before it was locked."""
    while True:
        place = _made(path, folder=folder)
        try:
            handle = lock(place)
        except (BlockingIOError, FileNotFoundError):
            continue
        if handle is None or place.exists():
            return place, handle
        os.close(handle)


def _made(path: Path, *, folder: bool) -> Path:
    prefix = f".{path.name[:40]}."
    if folder:
        return Path(tempfile.mkdtemp(MARK, prefix, path.parent))
    handle, name = tempfile.mkstemp(MARK, prefix, path.parent)
    os.close(handle)
    return Path(name)
