"""Parquet and Arrow files, and Polars and pandas frames, as tables. Lines are row numbers from 1."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from glob import escape
from operator import itemgetter
from pathlib import Path

import polars as pl
from polars.exceptions import DuplicateError, PanicException, PolarsError

from convlens.data.panics import arrow_names, panics_unsaid
from convlens.data.sniff import head
from convlens.data.tables import Row, Table
from convlens.errors import InputError
from convlens.shown import clipped, shown

BROKEN = (PolarsError, PanicException, OSError)  # what Polars raises for files that are damaged
TWICE = re.compile("column with name '(.*)' has more than one occurrence", re.DOTALL)  # as Polars says it
FETCH, MEND = "fetch the file again", "mend the query of this lazy frame"
SLICE = 2048  # rows that are Python values at once
HELD = 2**25  # bytes of a file held at once, about
Values = Callable[[int], Sequence[object]]


def parquet_table(path: Path) -> Table:
    """Open a Parquet file, reading only its schema; raise `InputError` for anything else."""
    _check_start(path, (b"PAR1",), "a Parquet file")
    return _file_table(path, lambda: pl.scan_parquet(escape(str(path))))


def arrow_table(path: Path) -> Table:
    """Open an Arrow file (IPC, also called Feather 2) or stream; raise `InputError` for anything else."""
    _check_start(path, (b"ARROW1", b"\xff\xff\xff\xff"), "an Arrow file (IPC, Feather version 2)")
    _check_names(arrow_names(path), path.name)
    if head(path).startswith(b"ARROW1"):
        return _file_table(path, lambda: pl.scan_ipc(escape(str(path))))
    return _file_table(path, lambda: pl.read_ipc_stream(path).lazy())


def frame_table(frame: object, source: str) -> Table:
    """Take a Polars or pandas frame; raise `InputError` for anything else."""
    if isinstance(frame, pl.DataFrame):
        return _polars_table(frame.lazy(), source)
    if isinstance(frame, pl.LazyFrame):
        return _polars_table(frame, source)
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):
        names = tuple(str(name) for name in frame.columns)

        def values(index: int) -> Sequence[object]:
            column = frame.iloc[:, index]
            cells: list[object] = column.astype(object).where(column.notna(), None).tolist()
            return cells

        return Table(source, names, partial(_rows, values))
    raise InputError(
        f"expected a Polars or pandas frame, got a {type(frame).__name__}: use from_lists for lists"
    )


def _file_table(path: Path, scan: Callable[[], pl.LazyFrame]) -> Table:
    try:
        with panics_unsaid():
            frame = scan()
            names = tuple(frame.collect_schema().names())
            count = int(frame.select(pl.len()).collect().item())
        return Table(path.name, names, partial(_slices, frame, path.name, count), rows=count)
    except BROKEN as error:
        twice = TWICE.match(str(error))
        if twice:
            raise InputError(_twice(path.name, twice[1])) from None
        raise InputError(
            f"cannot read {path}: {_first_line(error)}; the file may be cut short, fetch it again"
        ) from None


def _check_names(names: Sequence[str], source: str) -> None:
    """Refuse a column name that comes twice."""
    name, times = max(Counter(names).items(), key=itemgetter(1), default=("", 0))
    if times > 1:
        raise InputError(_twice(source, name))


def _twice(source: str, name: str) -> str:
    return f"{source}: more than one column is named {shown(name, 60)}: rename all but one"


def _polars_table(frame: pl.LazyFrame, source: str) -> Table:
    try:
        names = tuple(frame.collect_schema().names())
    except DuplicateError as error:
        name = _first_line(error).removeprefix("column '").removesuffix("' is duplicate")
        raise InputError(_twice(source, name)) from None
    except PolarsError as error:
        raise InputError(f"the columns of {source} cannot be told: {_first_line(error)}; {MEND}") from None
    return Table(source, names, partial(_rows, lambda index: _column(frame, source, index, MEND).to_list()))


def _slices(frame: pl.LazyFrame, source: str, count: int, text: int, label: int | None) -> Iterator[Row]:
    """The rows of a file, about `HELD` bytes of them in memory at a time.

    Polars skips row groups outside a slice and decodes the others anew for every slice: so slices are no
    smaller than memory demands, but for the first, whose rows tell how large they are.
    """
    start, size, places = 0, SLICE, [text] if label is None else [text, label]
    while start < count:
        held = [_column(frame.slice(start, size), source, place) for place in places]
        for first in range(0, len(held[0]), SLICE):
            values = [column.slice(first, SLICE).to_list() for column in held]
            for row in _rows(values.__getitem__, 0, None if label is None else 1):
                yield row._replace(line=start + first + row.line)
        rows, bytes_held = len(held[0]), sum(column.estimated_size() for column in held)
        start, size = start + size, max(HELD * rows // max(int(bytes_held), 1), SLICE)


def _column(frame: pl.LazyFrame, source: str, index: int, advice: str = FETCH) -> pl.Series:
    """One column; of a file, nothing else is read."""
    name = frame.collect_schema().names()[index]
    try:
        with panics_unsaid():
            return frame.select(pl.col(name)).collect().to_series()
    except BROKEN as error:
        raise InputError(f"cannot read column {name!r} of {source}: {_first_line(error)}; {advice}") from None


def _first_line(error: BaseException) -> str:
    """What went wrong, without the plan of the query that Polars appends."""
    return clipped(str(error).partition("\n")[0], 120)


def _rows(values: Values, text: int, label: int | None) -> Iterator[Row]:
    texts = values(text)
    labels = [None] * len(texts) if label is None else values(label)
    for number, (content, name) in enumerate(zip(texts, labels, strict=True), 1):
        yield Row(number, content, name, (content, name))


def _check_start(path: Path, signatures: tuple[bytes, ...], what: str) -> None:
    if not head(path).startswith(signatures):
        raise InputError(
            f"{path} is not {what}: check what wrote it, or give it the suffix of its real format"
        )
