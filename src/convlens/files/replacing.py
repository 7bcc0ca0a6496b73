"""Writers: they give a temporary path, and what was written there takes its place when all went well."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from convlens.files.failures import failing_clearly
from convlens.files.leftovers import sweep, temporary
from convlens.files.moving import move_over, tidy
from convlens.files.places import destination, is_stream, pour


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; rename it to `path` when the block ends well.

    A symbolic link stays, and what it points to is replaced; a device is written to. What the system refuses is an
    `InputError`.
    """
    with failing_clearly(path):
        if is_stream(path):
            with tempfile.TemporaryDirectory() as folder:
                yield (place := Path(folder) / "content")
                pour(place, path)
            return
        target = destination(path)
        with _parents(target), replacing_in_place(target) as place:
            sweep(target.parent)
            yield place


@contextmanager
def replacing_in_place(target: Path) -> Iterator[Path]:
    """As `replacing_file`, in a folder that is there and whose leftovers somebody else removes."""
    with failing_clearly(target), temporary(target, folder=False) as place:
        yield place
        os.chmod(place, 0o666 & ~_umask())
        os.replace(place, target)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it takes the place of `path` when the block ends well.

    At every moment the old or the new folder is there, or `recover` brings the old one back.
    """
    with failing_clearly(path):
        target = destination(path)
        tidy(target)
        with _parents(target), temporary(target, folder=True) as place:
            yield place
            mask = _umask()
            for inside in place.rglob("*"):
                os.chmod(inside, (0o777 if inside.is_dir() else 0o666) & ~mask)
            os.chmod(place, 0o777 & ~mask)
            move_over(place, target)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole; lone surrogates, which UTF-8 cannot hold, become U+FFFD."""
    with replacing_file(path) as temporary_path:
        temporary_path.write_text(printable(text), encoding="utf-8", newline="\n")


def printable(text: str) -> str:
    """Replace lone surrogates, which no UTF-8 output can hold, by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@contextmanager
def _parents(target: Path) -> Iterator[None]:
    """Make the folders that lead to `target`; those made go again where the block fails."""
    missing = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for parent in missing:
                parent.rmdir()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
