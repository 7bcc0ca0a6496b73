"""What a system says when it cannot write, as one sentence, whichever library was writing."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convlens.errors import InputError

BY_RUST = re.compile(r"\(os error (\d+)\)")  # so Polars and safetensors end what they say
ROOM = "make room, or write to another disk"
RIGHTS = "write where you may"
ADVICE = {
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EFBIG: "raise the limit, or write to another disk",
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: RIGHTS,
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOMEM: "free some memory, and write again",
    errno.ENOENT: "it, or its folder, has gone meanwhile: write again",
}


@contextmanager
def failing_clearly(path: Path) -> Iterator[None]:
    """Turn what fails for want of room, rights and the like while `path` is written into an `InputError`.

    Its cause is the first error.
    """
    try:
        yield
    except (InputError, BrokenPipeError):
        raise
    except BaseException as error:  # panics of Polars are no `Exception`
        number = _number(error)
        if number is None:
            raise
        raise InputError(
            f"cannot write {shortened(path)}: {reason(number)}: {ADVICE.get(number, 'give another path')}"
        ) from error


def reason(number: int) -> str:
    """What an error number means, such as "no space left on device"."""
    said = os.strerror(number)
    return said[:1].lower() + said[1:]


def shortened(path: Path) -> str:
    """A path as messages hold it: of a long one its end."""
    shown = str(path)
    return shown if len(shown) <= 120 else f"...{shown[-100:]}"


def _number(error: BaseException) -> int | None:
    """The number of the system's error that this one is, or tells of."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    match = BY_RUST.search(str(error))
    return None if match is None else int(match[1])
