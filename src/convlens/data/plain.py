"""Plain text as a table: one text a line, no labels. Blank lines are no rows, and that is said."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from convlens.data.sniff import text_of
from convlens.data.tables import Row, Table


def plain_table(path: Path) -> Table:
    """Open a file with one text a line."""
    lines = [line.removesuffix("\r") for line in text_of(path).removesuffix("\n").split("\n")]
    blank = sum(not line.strip() for line in lines)
    notices = (f"{path.name}: passing over {blank:,} blank lines of {len(lines):,}",) if blank else ()
    return Table(path.name, ("text",), partial(_rows, lines), notices=notices)


def _rows(lines: Sequence[str], text: int, label: int | None) -> Iterator[Row]:
    return (Row(i, line, None, line) for i, line in enumerate(lines, 1) if line.strip())
