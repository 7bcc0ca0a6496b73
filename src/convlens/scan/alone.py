"""One scan at a time in a folder. The lock is on the folder itself: no file is left, and a kill frees it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from convlens.errors import InputError
from convlens.files import lock


@contextmanager
def alone(*folders: Path) -> Iterator[None]:
    """Refuse while another process scans into one of the folders; where folders cannot be locked, do nothing.

    Windows and some network file systems cannot.
    """
    with ExitStack() as handles:
        for folder in dict.fromkeys(folders):
            handle = _locked(folder)
            if handle is not None:
                handles.callback(os.close, handle)
        yield


def _locked(folder: Path) -> int | None:
    """A handle that holds the lock; None where there is no folder, or no lock for it."""
    try:
        return lock(folder) if folder.is_dir() else None
    except BlockingIOError:
        raise InputError(
            f"{folder} is being written by another scan: wait until it ends, or give another path"
        ) from None
