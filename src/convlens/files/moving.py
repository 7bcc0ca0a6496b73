"""Folders that take each other's place in one step, or, where the system has none, in two that are made good.

Between the two steps the old folder lies under a name that follows from its path, and whoever looks for it next,
`recover`, brings it back.
"""

import ctypes
import errno
import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from convlens.files.leftovers import MARK, sweep, temporary
from convlens.files.places import beside, destination

HERE, SWAP = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS are the same number
NO_SWAP = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
TRIES = 100  # readers that bring the old folder back at the wrong moment
EARLIER = re.compile(r"\.(.*)\.[a-z0-9_]{8}\.old", re.DOTALL)  # what ConvLens 0.1 moved aside
WRITTEN = ("config.json", "state.json", "scan.json", "evaluation.json")


def move_over(new: Path, target: Path) -> None:
    """Move a folder to `target`; at every moment a whole one is there, or `recover` brings the old one back.

    The old one is at `new` afterwards.
    """
    for _ in range(TRIES):
        if not os.path.lexists(target):
            os.rename(new, target)
            return
        if exchange(new, target) or _moved_aside(new, target):
            return
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(target))


def exchange(one: Path, other: Path) -> bool:
    """Let two names take each other's place in one step; False where that cannot be."""
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "win32":
        return False
    system = ctypes.CDLL(None, use_errno=True)
    if hasattr(system, "renameat2"):
        failed = system.renameat2(HERE, names[0], HERE, names[1], SWAP)
    elif hasattr(system, "renamex_np"):
        failed = system.renamex_np(*names, SWAP)
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in NO_SWAP:
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def recover(path: Path) -> None:
    """Bring back what was at `path`, if its writer was killed between two renames."""
    target = destination(path)
    if os.path.lexists(target) or not target.name:
        return
    for aside in (_aside(target), *_earlier(target)):
        with suppress(OSError):  # it is not there, or may not be renamed, or another was first
            os.rename(aside, target)
            return


def tidy(path: Path) -> None:
    """Remove what dead writers left beside `path`, once what is needed of it is brought back."""
    recover(path)
    target = destination(path)
    if target.parent.is_dir():
        sweep(target.parent)
    if _aside(target).is_dir() and target.exists():
        discard(_aside(target))


def discard(folder: Path) -> None:
    """Remove a folder so that no part of it is ever at its path."""
    with temporary(folder, folder=True) as place:
        os.rename(folder, place / "gone")


def _moved_aside(new: Path, target: Path) -> bool:
    """Exchange two folders in two steps and one more; False where a reader has undone the first."""
    aside = _aside(target)
    os.rename(target, aside)
    try:
        os.rename(new, target)
    except OSError:
        if os.path.lexists(target):
            return False
        recover(target)
        raise
    os.rename(aside, new)
    return True


def _aside(target: Path) -> Path:
    """Where the old folder lies while it has no place."""
    return beside(target, f"old{MARK}")


def _earlier(target: Path) -> list[Path]:
    """What ConvLens 0.1 had moved aside, the newest first."""
    with suppress(OSError), os.scandir(target.parent) as entries:
        folders = [
            Path(e.path) for e in entries if (m := EARLIER.fullmatch(e.name)) and m[1] == target.name[:40]
        ]
        ours = [f for f in folders if any((f / name).is_file() for name in WRITTEN)]
        return sorted(ours, key=lambda f: f.stat().st_mtime, reverse=True)
    return []
