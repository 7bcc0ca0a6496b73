"""Records of a CSV file, and what to do where quotes are not balanced.

A quote that opens a field by mistake makes a reader take the following lines for one long field, until
the next quote. `records` notices: either the csv module objects to that next quote, or the lines taken
look, one by one, like rows of their own. Then it gives up the first line alone and starts again behind it.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

STRAY = "a quote opens a field and swallows the rows below"
EFFORT = 20  # times that each line may be looked at again; a file can be made so that it is each time
ENOUGH = 10  # lines that must look like rows where no label column confirms it


class Dialect(NamedTuple):
    """What separates fields, and whether blanks behind it are no part of the next field."""

    mark: str = ","
    spaced: bool = False


COMMAS = Dialect()


class Record(NamedTuple):
    """Lines `start` to `end` (exclusive, from 0), and their fields or what is wrong with their quotes."""

    start: int
    end: int
    fields: list[str] | None
    error: str = ""


def _never(start: int, end: int) -> bool:
    return False


def records(
    lines: Sequence[str],
    start: int = 0,
    swallowed: Callable[[int, int], bool] = _never,
    dialect: Dialect = COMMAS,
) -> Iterator[Record]:
    """Read records from `lines[start:]` in a dialect; a blank line is one without fields.

    `swallowed(start, end)` tells whether the lines of one record are rows of their own.
    """
    while start < len(lines):
        offset, again = start, False
        reader = _reader(map(lines.__getitem__, range(offset, len(lines))), dialect)
        while start < len(lines) and not again:
            fields, error = _next(reader, start)
            end = offset + reader.line_num
            again = end - start > 1 and swallowed(start, end)
            if again:
                end, fields, error = start + 1, None, STRAY
            yield Record(start, end, fields, error)
            start = end


def _reader(lines: Iterable[str], dialect: Dialect) -> "csv._reader":  # type: ignore[name-defined]
    return csv.reader(lines, delimiter=dialect.mark, skipinitialspace=dialect.spaced, strict=True)


def _next(reader: "csv._reader", start: int) -> tuple[list[str] | None, str]:  # type: ignore[name-defined]
    try:
        return next(reader), ""
    except csv.Error as error:
        if "unexpected end" in str(error):
            return None, f"a quote opened in the row of line {start + 1} and never closed"
        return None, "a quote in the middle of a field (write it twice)"


class Swallowed:
    """Tell whether the lines of one record look like rows of their own, in number of fields and label."""

    def __init__(
        self, lines: Sequence[str], start: int, width: int, label: int | None, dialect: Dialect = COMMAS
    ) -> None:
        self.lines, self.start, self.width, self.label, self.dialect = lines, start, width, label, dialect
        self.left = EFFORT * len(lines)

    def __call__(self, start: int, end: int) -> bool:
        self.left -= end - start
        if self.left < 0:
            return False
        rows = sum(self._is_row(self.lines[i]) for i in range(start, end))
        if self.label is None:
            return self.width > 1 and rows >= ENOUGH and rows >= 0.9 * (end - start)
        return rows >= 2 and 2 * rows > end - start

    @cached_property
    def _labels(self) -> set[str]:
        """Labels of the rows that take one line: those of well-formed files and little else."""
        rows = (r.fields for r in self._records() if r.end - r.start == 1)
        return {f[self.label].strip() for f in rows if f and len(f) == self.width and self.label is not None}

    def _records(self) -> Iterator[Record]:
        """All records and, should the last be a quote that is never closed, those behind its line."""
        last = None
        for last in records(self.lines, self.start, dialect=self.dialect):
            yield last
        if last and last.fields is None:
            yield from records(self.lines, last.start + 1, dialect=self.dialect)

    def _is_row(self, line: str) -> bool:
        fields = line.rstrip("\r\n").split(self.dialect.mark)
        if '"' in line and len(fields) != self.width:
            fields = _fields(line, self.dialect)
        return len(fields) == self.width and (
            self.label is None or fields[self.label].strip('" ') in self._labels
        )


def _fields(line: str, dialect: Dialect) -> list[str]:
    """The fields of a line that stands alone; none where its quotes are not balanced."""
    try:
        return next(_reader((line,), dialect))
    except csv.Error:
        return []
