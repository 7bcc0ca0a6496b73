"""CSV and TSV files as tables.

CSV is read by RFC 4180: fields may stand in double quotes, with quotes in them doubled, and may then
hold commas and line breaks. Within a field that starts without a quote, quotes are ordinary characters; a row
with text behind a closing quote is set aside. Should a stray quote swallow lines that look like rows
themselves, only its own line is set aside and they are read. A file without a comma in its first line is read as
separated by semicolons, tabs or bars where its first rows bear that out.
In TSV quotes are ordinary characters, and no field holds a tab or a line break.
Lines with nothing on them are no rows.

A CSV file is read whole, because whether a quote is stray can depend on all that follows; TSV line by line.
"""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from convlens.data.corpus import Reject
from convlens.data.quotes import Record, Swallowed, records
from convlens.data.sniff import check_text, lines_of, text_of
from convlens.data.tables import Row, Table, reject
from convlens.errors import InputError

MARKS = ";\t|"  # what separates fields where commas do not
FIRST = 20  # rows that must bear it out


def csv_table(path: Path) -> Table:
    """Open a CSV file; raise `InputError` where its first line names no columns."""
    lines = list(io.StringIO(text_of(path), newline=""))  # cut at \\n, \\r and \\r\\n, which are kept
    with _any_field_size():
        header = next((r for r in records(lines) if r.fields != []), None)
    if header is None or header.fields is None:
        raise InputError(
            f"{path}: {_no_header(header)}, expected column names in its first line, such as text,label"
        )
    with _any_field_size():
        mark, names = _separated(lines, header)
    notices = () if mark == "," else (f"{path.name}: reading it as separated by {mark!r}, not by commas",)
    return Table(path.name, names, partial(_csv_rows, (lines, mark), header.end, len(names)), notices=notices)


def _separated(lines: Sequence[str], header: Record) -> tuple[str, tuple[str, ...]]:
    """What separates the fields of a CSV file, and the column names."""
    names = header.fields or []
    for mark in MARKS if len(names) == 1 else "":
        first = next(records(lines, header.start, mark=mark))
        width = len(first.fields or ())
        stray = Swallowed(lines, first.end, width, None, mark=mark)
        rows = (r.fields for r in records(lines, first.end, stray, mark=mark) if r.fields != [])
        widths = [len(fields or ()) for fields in islice(rows, FIRST)]
        if width > 1 and 2 * widths.count(width) > len(widths):
            return mark, tuple(first.fields or ())
    return ",", tuple(names)


def tsv_table(path: Path) -> Table:
    """Open a TSV file; raise `InputError` where its first line names no columns."""
    check_text(path)
    first = next(_tsv_lines(path), None)
    if first is None:
        raise InputError(
            f"{path}: {_no_header(None)}, expected column names in its first line, separated by tabs"
        )
    names = tuple(first[1].split("\t"))
    return Table(path.name, names, partial(_tsv_rows, path, len(names)))


def _no_header(header: Record | None) -> str:
    return "it holds nothing but blank lines" if header is None else f"the first row has {header.error}"


def _csv_rows(
    content: tuple[Sequence[str], str], start: int, width: int, text: int, label: int | None
) -> Iterator[Row | Reject]:
    lines, mark = content
    with _any_field_size():
        for record in records(lines, start, Swallowed(lines, start, width, label, mark=mark), mark=mark):
            if record.fields is None:  # every line of it, so that none is lost without a word
                for i in range(record.start, record.end):
                    yield reject(i + 1, record.error, lines[i])
            elif record.fields:
                raw = "".join(lines[record.start : record.end])
                place = (record.start + 1, record.end - record.start)
                yield _row(record.fields, (text, label), width, raw, place)


def _tsv_rows(path: Path, width: int, text: int, label: int | None) -> Iterator[Row | Reject]:
    for number, line in islice(_tsv_lines(path), 1, None):
        yield _row(line.split("\t"), (text, label), width, line, (number, 1))


def _tsv_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers; the first names the columns."""
    lines = (line.removesuffix("\r") for line in lines_of(path))
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _row(
    fields: list[str], columns: tuple[int, int | None], width: int, raw: str, place: tuple[int, int]
) -> Row | Reject:
    """The row in these fields; `place` is its first line and how many lines it takes."""
    line, span = place
    if len(fields) != width:
        return reject(line, f"number of fields is {len(fields)}, not {width} as in the header", raw)
    text, label = columns
    return Row(line, fields[text], None if label is None else fields[label], raw, span)


@contextmanager
def _any_field_size() -> Iterator[None]:
    """Let the csv module read fields of any size."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
