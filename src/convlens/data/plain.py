"""Plain text as a table: one text a line, no labels. Blank lines are passed over, and that is said."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from convlens.data.sniff import check_text, lines_of
from convlens.data.tables import Row, Table


def plain_table(path: Path) -> Table:
    """Open a file with one text a line, and say how many lines are blank."""
    table = lines_table(path)
    lines = filled = 0
    for line in lines_of(path):
        lines += 1
        filled += bool(line.strip())
    blank = lines - filled
    notices = (f"{path.name}: passing over {blank:,} blank lines of {lines:,}",) if blank else ()
    return replace(table, notices=notices, rows=filled)


def lines_table(path: Path) -> Table:
    """Open a file each of whose lines is a row, blank or not."""
    check_text(path)
    return Table(path.name, ("text",), partial(_rows, path))


def _rows(path: Path, text: int, label: int | None) -> Iterator[Row]:
    lines = (line.removesuffix("\r") for line in lines_of(path))
    return (Row(i, line, None, line) for i, line in enumerate(lines, 1))
