"""Where writing to a path ends: through symbolic links, into devices, and under hidden names beside it."""

import errno
import hashlib
import os
import re
import sys
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from convlens.errors import InputError
from convlens.files.failures import shortened

LONGEST = 255  # bytes of a name, in the file systems that people have
HANDLES = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,4})")
STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}


def destination(path: Path) -> Path:
    """What `path` names after all symbolic links, also where they lead to what is not there yet."""
    if "\0" in str(path):
        raise InputError(f"a path holds the character NUL: {str(path)!r:.100}, no file can be called so")
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InputError(
                f"{shortened(path)} is a symbolic link that leads back to itself: mend it or give another path"
            ) from None
    return Path(os.path.realpath(path)) if path.is_symlink() or path.name in ("", "..") else path


def beside(path: Path, what: str) -> Path:
    """A hidden name for what belongs to `path`, always the same, and no longer than names can be."""
    name = f".{path.name}.{what}"
    if len(os.fsencode(name)) > LONGEST:
        digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
        name = f".{path.name[:40]}.{digest}.{what}"
    return path.with_name(name)


def is_stream(path: Path) -> bool:
    """Whether a path is a device, a pipe or an open file, which is written to and never replaced."""
    if _handle(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)


def pour(content: Path, stream: Path) -> None:
    """Write the content of a file into a device, a pipe or an open file."""
    sys.stdout.flush()  # what was printed before stands before it
    number = _handle(stream)
    with content.open("rb") as source, open(stream if number is None else os.dup(number), "wb") as sink:
        while block := source.read(2**20):
            sink.write(block)


def _handle(path: Path) -> int | None:
    """The number of the open file that a name such as /dev/stdout stands for."""
    match = HANDLES.fullmatch(str(path))
    return STANDARD.get(str(path)) if match is None else int(match[1])
