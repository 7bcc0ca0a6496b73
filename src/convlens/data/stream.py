"""Files of any size in batches: a few thousand rows and a few million characters in memory at a time.

Parquet and Arrow files are read slice by slice, TSV, JSON lines and plain text line by line. A CSV file is
read whole, and so is an Arrow stream (as against an Arrow file).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from convlens.data.building import choice_of_texts, no_rows, text_fault
from convlens.data.columns import Columns
from convlens.data.corpus import Reject
from convlens.data.reading import open_table
from convlens.data.tables import Row, Table, on_blank_line, reject
from convlens.errors import InputError

ROWS = 2048
CHARACTERS = 4_000_000  # of text in a batch; a longer text is a batch of its own


@dataclass(frozen=True)
class Batch:
    """Consecutive rows of a file: batch `number`, and the texts that can be used with their `lines`.

    `lines` counts from 1: lines of a text file, rows of Parquet and Arrow. `first` is the number of the first
    text among all texts of the file, from 0.
    """

    number: int
    first: int
    lines: tuple[int, ...]
    texts: tuple[str, ...]
    rejected: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """An opened file: iterating reads it from the beginning. `rows` is None where only reading can tell."""

    source: str
    rows: int | None
    notices: tuple[str, ...]
    pull: Callable[[], Iterator[Row | Reject]]
    most: tuple[int, int] = (ROWS, CHARACTERS)

    def __iter__(self) -> Iterator[Batch]:
        first = 0
        for number, rows in enumerate(_cut(map(_usable, self.pull()), *self.most)):
            kept = [row for row in rows if isinstance(row, Row)]
            rejected = tuple(row for row in rows if isinstance(row, Reject))
            yield Batch(
                number, first, tuple(r.line for r in kept), tuple(str(r.text) for r in kept), rejected
            )
            first += len(kept)


def stream(
    path: str | os.PathLike[str],
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    rows: int = ROWS,
    characters: int = CHARACTERS,
) -> Stream:
    """Open a file for reading its texts in batches of at most `rows` rows and `characters` characters.

    Rows without a text, and rows that cannot be read, are in their batch's `rejected`. Raises `InputError`
    for what `read` refuses about a file and its columns, and where it holds no rows.
    """
    if min(rows, characters) < 1:
        raise InputError(f"a batch needs at least 1 row and 1 character, got {rows} and {characters}")
    path = Path(path)
    table = open_table(path, labelled=False)
    choice = choice_of_texts(table, columns)
    pull = partial(_rows, table, choice.text, choice.label)
    if next(pull(), None) is None:
        raise InputError(no_rows(table.source))
    return Stream(table.source, table.rows, (*table.notices, *choice.notices), pull, (rows, characters))


def _rows(table: Table, text: int, label: int | None) -> Iterator[Row | Reject]:
    return (row for row in table.pull(text, label) if not on_blank_line(row))


def _usable(row: Row | Reject) -> Row | Reject:
    """The row, or why it cannot be used."""
    fault = text_fault(row) if isinstance(row, Row) else None
    if isinstance(row, Reject) or fault is None:
        return row
    return reject(row.line, fault, row.raw if isinstance(row.raw, str) else row.text)


def _cut(rows: Iterator[Row | Reject], most: int, characters: int) -> Iterator[list[Row | Reject]]:
    """Consecutive rows, as many at a time as fit; a row that is too long alone stands alone."""
    held: list[Row | Reject] = []
    size = 0
    for row in rows:
        length = len(str(row.text)) if isinstance(row, Row) else 0
        if held and (len(held) >= most or size + length > characters):
            yield held
            held, size = [], 0
        held.append(row)
        size += length
    if held:
        yield held
