"""CSV and TSV files as tables.

CSV is read by RFC 4180: fields may stand in double quotes, with quotes in them doubled, and may then
hold commas and line breaks. Within a field that starts without a quote, quotes are ordinary characters; a row
with text behind a closing quote is set aside. Should a stray quote swallow lines that look like rows
themselves, only its own line is set aside and they are read. A file without a comma in its first line is read as
separated by semicolons, tabs or bars where its first rows bear that out, and as its first line says where that is
Excel's `sep=;`. Where quotes stand behind a comma and a blank, the blank is no part of the field.
In TSV quotes are ordinary characters, and no field holds a tab or a line break.
Lines with nothing on them are no rows, but for a table of one column; column names that come again are no row either.

A CSV file is read whole, because whether a quote is stray can depend on all that follows; TSV line by line.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from convlens.data.corpus import Reject
from convlens.data.quotes import COMMAS, Dialect, Record, Swallowed, records
from convlens.data.sniff import check_text, lines_of, text_of
from convlens.data.tables import Row, Table, reject
from convlens.errors import InputError

MARKS = ";\t|"  # what separates fields where commas do not
FIRST = 20  # rows that must bear it out
SPACED = 200  # rows that show whether quotes stand behind blanks
SEPARATOR = re.compile(r'"?sep=([^\w"\r\n])\1*"?\s*', re.IGNORECASE)  # Excel's first line
RETURN = "\ud800"  # a carriage return within a line, which the csv module would take for its end
AGAIN = "the column names again"


class Content(NamedTuple):
    """The lines of a CSV file and how to read them; rows begin at line `start`, from 0."""

    lines: Sequence[str]
    start: int
    dialect: Dialect


def csv_table(path: Path) -> Table:
    """Open a CSV file; raise `InputError` where its first line names no columns."""
    lines = _csv_lines(text_of(path))
    separator = SEPARATOR.fullmatch(lines[0]) if lines else None
    dialect, begin = (Dialect(separator[1]), 1) if separator else (COMMAS, 0)
    with _any_field_size():
        header = next((r for r in records(lines, begin, dialect=dialect) if r.fields != []), None)
    if header is None or header.fields is None:
        raise InputError(
            f"{path}: {_no_header(header)}, expected column names in its first line, such as text,label"
        )
    with _any_field_size():
        if separator is None:
            dialect = Dialect(_mark(lines, header))
        dialect = _spaced(lines, header, dialect)
        names = tuple(next(records(lines, header.start, dialect=dialect)).fields or header.fields)
    names = tuple(name.replace(RETURN, "\r") for name in names)
    content = Content(lines, header.end, dialect)
    return Table(path.name, names, partial(_csv_rows, content, names), notices=_notices(path, dialect))


def _csv_lines(text: str) -> list[str]:
    """The lines with their ends: cut at "\\n" alone, or at "\\r" where that ends the first."""
    first = re.search("\r\n?|\n", text)
    if first is not None and first[0] == "\r":
        return list(io.StringIO(text, newline=""))
    return list(io.StringIO(re.sub("\r(?!\n)", RETURN, text) if "\r" in text else text, newline="\n"))


def _notices(path: Path, dialect: Dialect) -> tuple[str, ...]:
    mark = f"{path.name}: reading it as separated by {dialect.mark!r}, not by commas"
    spaced = f"{path.name}: leaving out blanks behind {dialect.mark!r}, as quotes follow them"
    return (*((mark,) if dialect.mark != "," else ()), *((spaced,) if dialect.spaced else ()))


def _mark(lines: Sequence[str], header: Record) -> str:
    """What separates the fields of a CSV file."""
    for mark in MARKS if len(header.fields or ()) == 1 else "":
        first = next(records(lines, header.start, dialect=Dialect(mark)))
        width = len(first.fields or ())
        for dialect in (Dialect(mark), Dialect(mark, spaced=True)):
            widths = [len(fields or ()) for fields in _first_rows(lines, first.end, width, dialect, FIRST)]
            if width > 1 and 2 * widths.count(width) > len(widths):
                return mark
    return ","


def _spaced(lines: Sequence[str], header: Record, dialect: Dialect) -> Dialect:
    """The dialect, without the blanks behind its mark where fewer rows are bad so, or as few and texts lose their quotes."""
    spaced = dialect._replace(spaced=True)
    if not any(dialect.mark + ' "' in line for line in islice(lines, header.start, header.end + SPACED)):
        return dialect
    width = len(next(records(lines, header.start, dialect=dialect)).fields or ())
    as_is, without = (
        [fields or [] for fields in _first_rows(lines, header.end, width, way, SPACED)]
        for way in (dialect, spaced)
    )
    bad_as_is, bad_without = (
        sum(len(fields) != width for fields in rows) / max(len(rows), 1) for rows in (as_is, without)
    )
    quoted = any(re.fullmatch(r' +"([^"]|"")*" *', field) for fields in as_is for field in fields)
    return spaced if bad_without < bad_as_is or (bad_without == bad_as_is and quoted) else dialect


def _first_rows(
    lines: Sequence[str], start: int, width: int, dialect: Dialect, most: int
) -> Iterator[list[str] | None]:
    stray = Swallowed(lines, start, width, None, dialect)
    rows = (r.fields for r in records(lines, start, stray, dialect) if r.fields != [])
    return islice(rows, most)


def tsv_table(path: Path) -> Table:
    """Open a TSV file; raise `InputError` where its first line names no columns."""
    check_text(path)
    filled = ((number, line) for number, line in _tsv_lines(path) if line.strip())
    first = next((place for place in filled if place[0] > 1 or not SEPARATOR.fullmatch(place[1])), None)
    if first is None:
        raise InputError(
            f"{path}: {_no_header(None)}, expected column names in its first line, separated by tabs"
        )
    names = tuple(first[1].split("\t"))
    return Table(path.name, names, partial(_tsv_rows, path, first[0], names))


def _no_header(header: Record | None) -> str:
    return "it holds nothing but blank lines" if header is None else f"the first row has {header.error}"


def _csv_rows(
    content: Content, names: tuple[str, ...], text: int, label: int | None
) -> Iterator[Row | Reject]:
    lines, start, dialect = content
    stray = Swallowed(lines, start, len(names), label, dialect)
    with _any_field_size():
        for record in records(lines, start, stray, dialect):
            if record.fields is None:  # every line of it, so that none is lost without a word
                for i in range(record.start, record.end):
                    yield reject(i + 1, record.error, lines[i].replace(RETURN, "\r"))
            elif record.fields or len(names) == 1:
                raw = "".join(lines[record.start : record.end]).replace(RETURN, "\r")
                fields = [field.replace(RETURN, "\r") for field in record.fields or [""]]
                yield _row(fields, (text, label), names, raw, (record.start + 1, record.end - record.start))


def _tsv_rows(
    path: Path, header: int, names: tuple[str, ...], text: int, label: int | None
) -> Iterator[Row | Reject]:
    for number, line in islice(_tsv_lines(path), header, None):
        if line.strip() or len(names) == 1:
            yield _row(line.split("\t"), (text, label), names, line, (number, 1))


def _tsv_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines with their numbers."""
    return enumerate((line.removesuffix("\r") for line in lines_of(path)), 1)


def _row(
    fields: list[str],
    columns: tuple[int, int | None],
    names: tuple[str, ...],
    raw: str,
    place: tuple[int, int],
) -> Row | Reject:
    """The row in these fields; `place` is its first line and how many lines it takes."""
    line, span = place
    if len(fields) != len(names):
        return reject(line, f"number of fields is {len(fields)}, not {len(names)} as in the header", raw)
    text, label = columns
    if _is_same_name(fields[text], names[text]) and all(map(_is_same_name, fields, names)):
        return reject(line, AGAIN, raw)
    return Row(line, fields[text], None if label is None else fields[label], raw, span)


def _is_same_name(field: str, name: str) -> bool:
    """Tell a column name that comes again, as where files were put one behind the other with their byte order marks."""
    return field == name or (len(field) <= len(name) + 8 and _bare(field) == _bare(name))


def _bare(name: str) -> str:
    return name.strip('\ufeff" \t').lower()


@contextmanager
def _any_field_size() -> Iterator[None]:
    """Let the csv module read fields of any size."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
