"""Files that Polars panics at: what it prints of it is kept off stderr, and the names in an Arrow file are read before it.

Polars counts columns of one name once, and then misses the data of the others.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

STDERR = 2
PANIC = b"panicked at"
HEAD = 2**20  # bytes that hold the schema of an Arrow file


@contextmanager
def panics_unsaid() -> Iterator[None]:
    """Keep off stderr what Polars prints of a panic, as its error is told in a sentence; what else is printed follows."""
    try:
        stderr = os.dup(STDERR)
    except OSError:  # closed
        yield
        return
    with TemporaryFile() as printed:
        os.dup2(printed.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(stderr, STDERR)
            os.close(stderr)
            printed.seek(0)
            content = printed.read()
            if content and PANIC not in content:
                os.write(STDERR, content)


def arrow_names(path: Path) -> list[str]:
    """The column names of an Arrow file or stream, each as often as it is there; none where its start cannot be read.

    The schema is the first message, a flatbuffer (https://arrow.apache.org/docs/format/Columnar.html): Message has its
    header in slot 2, Schema its fields in slot 1, Field its name in slot 0.
    """
    with path.open("rb") as file:
        content = file.read(HEAD)
    content = content[8:] if content.startswith(b"ARROW1") else content
    if not content.startswith(
        b"\xff\xff\xff\xff"
    ):  # Polars' own files, which have no name twice, leave it out
        return []
    content = content[8:]
    try:
        fields = _slot(content, _slot(content, _number(content, 0), 2), 1)
        places = range(fields + 4, fields + 4 + 4 * _number(content, fields), 4)
        if len(places) > HEAD:
            return []
        return [_string(content, _slot(content, place + _number(content, place), 0)) for place in places]
    except (struct.error, UnicodeDecodeError):
        return []


def _number(content: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", content, place)[0])


def _slot(content: bytes, table: int, slot: int) -> int:
    """Where the value lies that a slot of a table points to; its field is told by the table's vtable."""
    back: int = struct.unpack_from("<i", content, table)[0]
    length, offset = (struct.unpack_from("<H", content, table - back + i)[0] for i in (0, 4 + 2 * slot))
    if length <= 4 + 2 * slot or not offset:
        raise struct.error("the slot is empty")
    return table + int(offset) + _number(content, table + int(offset))


def _string(content: bytes, place: int) -> str:
    return content[place + 4 : place + 4 + _number(content, place)].decode("utf-8")
