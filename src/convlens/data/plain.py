"""Plain text as a table: one text a line, no labels. Blank lines are no rows, and that is said."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from convlens.data.sniff import check_text, lines_of
from convlens.data.tables import Row, Table


def plain_table(path: Path) -> Table:
    """Open a file with one text a line."""
    check_text(path)
    lines = filled = 0
    for line in lines_of(path):
        lines += 1
        filled += bool(line.strip())
    blank = lines - filled
    notices = (f"{path.name}: passing over {blank:,} blank lines of {lines:,}",) if blank else ()
    return Table(path.name, ("text",), partial(_rows, path), notices=notices, rows=filled)


def _rows(path: Path, text: int, label: int | None) -> Iterator[Row]:
    lines = (line.removesuffix("\r") for line in lines_of(path))
    return (Row(i, line, None, line) for i, line in enumerate(lines, 1) if line.strip())
