"""Whether an output can be written: asked when all else that can be refused is, before work that takes long."""

import os
from pathlib import Path

from convlens.errors import InputError
from convlens.files.failures import failing_clearly, shortened
from convlens.files.moving import recover
from convlens.files.places import LONGEST, destination, is_stream


def check_target(path: Path, *, force: bool, folder: bool = False) -> None:
    """Raise `InputError` where a file, or a `folder`, cannot be written to `path`, or where it exists and `force` is off.

    Devices, such as /dev/stdout, are written to and never replaced.
    """
    shown = shortened(path)
    with failing_clearly(path):
        target = destination(path)
        _check_name(target, shown)
        if folder:
            recover(path)
        stream = is_stream(path)
        _check_kind(target, shown, folder=folder, stream=stream)
        if target.exists() and not force and not stream:
            raise InputError(f"{shown} exists: give another path, or --force to replace it")
        if stream:
            return
        parent = nearest_folder(target)
    if not parent.is_dir():
        raise InputError(f"cannot write {shown}: {parent} is not a folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"cannot write {shown}: no permission to write in {parent}")


def nearest_folder(path: Path) -> Path:
    """Return the nearest parent of `path` that exists."""
    return next(p for p in path.absolute().parents if p.exists())


def _check_name(target: Path, shown: str) -> None:
    if any(len(os.fsencode(part)) > LONGEST for part in target.parts):
        raise InputError(
            f"cannot write {shown}: a name of over {LONGEST} bytes is too long: give a shorter one"
        )
    here = Path.cwd()
    if target.resolve() in (here, *here.parents):
        raise InputError(f"cannot write {shown!r}: it is the folder you are in, or holds it: name one in it")


def _check_kind(target: Path, shown: str, *, folder: bool, stream: bool) -> None:
    """A file cannot take the place of a folder, nor a folder that of a file or a device."""
    if folder and (stream or (target.exists() and not target.is_dir())):
        raise InputError(f"cannot write {shown}: it is a file, and a folder is written: give another path")
    if not folder and target.is_dir():
        raise InputError(f"cannot write {shown}: it is a folder, and a file is written: name one in it")
