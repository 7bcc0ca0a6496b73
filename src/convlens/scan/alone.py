"""One scan at a time in a folder. The lock is on the folder itself: no file is left, and a kill frees it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convlens.errors import InputError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Refuse while another process scans into the folder; where folders cannot be locked, do nothing.

    Windows and some network file systems cannot.
    """
    handle = _locked(folder)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _locked(folder: Path) -> int | None:
    """A handle that holds the lock; None where there is no folder, or no lock for it."""
    if sys.platform == "win32" or not folder.is_dir():
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InputError(
            f"{folder} is being written by another scan: wait until it ends, or give another path"
        ) from None
    except OSError:  # a file system without such locks
        os.close(handle)
        return None
    return handle
