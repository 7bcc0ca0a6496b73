"""Files and folders that are whole or absent: written beside their place, then renamed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convlens.errors import InputError


def check_target(path: Path, *, force: bool) -> None:
    """Raise `InputError` where `path` exists and `force` is off, or its folder cannot be written.

    Call it before work that takes long, so that a bad path costs nothing.
    """
    if "\0" in str(path):
        raise InputError(f"cannot write {str(path)!r}: no name of a file holds the character NUL")
    if path.exists() and not force:
        raise InputError(f"{path} exists: give another path, or --force to replace it")
    parent = nearest_folder(path)
    if not parent.is_dir():
        raise InputError(f"cannot write {path}: {parent} is not a folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"cannot write {path}: no permission to write in {parent}")


def nearest_folder(path: Path) -> Path:
    """Return the nearest parent of `path` that exists."""
    return next(p for p in path.absolute().parents if p.exists())


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; rename it to `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; rename it to `path` when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", dir=path.parent))
    old = temporary.with_name(temporary.name + ".old")
    try:
        yield temporary
        os.chmod(temporary, 0o777 & ~_umask())
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        _remove(old)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole; lone surrogates, which UTF-8 cannot hold, become U+FFFD."""
    with replacing_file(path) as temporary:
        temporary.write_text(printable(text), encoding="utf-8", newline="\n")


def printable(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 output can hold, by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
