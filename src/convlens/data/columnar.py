"""Parquet and Arrow files, and Polars and pandas frames, as tables. Lines are row numbers from 1."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from glob import escape
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from convlens.data.sniff import head
from convlens.data.tables import Row, Table
from convlens.errors import InputError

BROKEN = (PolarsError, PanicException, OSError)  # what Polars raises for files that are damaged
SLICE = 2048  # rows of a file in memory at once
Values = Callable[[int], Sequence[object]]


def parquet_table(path: Path) -> Table:
    """Open a Parquet file, reading only its schema; raise `InputError` for anything else."""
    _check_start(path, (b"PAR1",), "a Parquet file")
    return _file_table(path, lambda: pl.scan_parquet(escape(str(path))))


def arrow_table(path: Path) -> Table:
    """Open an Arrow file (IPC, also called Feather 2) or stream; raise `InputError` for anything else."""
    _check_start(path, (b"ARROW1", b"\xff\xff\xff\xff"), "an Arrow file (IPC, Feather version 2)")
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
            found: list[object] = column.astype(object).where(column.notna(), None).tolist()
            return found

        return Table(source, names, partial(_rows, values))
    raise InputError(
        f"expected a Polars or pandas frame, got a {type(frame).__name__}: use from_lists for lists"
    )


def _file_table(path: Path, scan: Callable[[], pl.LazyFrame]) -> Table:
    try:
        frame = scan()
        names = tuple(frame.collect_schema().names())
        count = int(frame.select(pl.len()).collect().item())
        return Table(path.name, names, partial(_slices, frame, path.name, count), rows=count)
    except BROKEN as error:
        raise InputError(
            f"cannot read {path}: {_first_line(error)}; the file may be cut short, fetch it again"
        ) from None


def _polars_table(frame: pl.LazyFrame, source: str) -> Table:
    names = tuple(frame.collect_schema().names())
    return Table(source, names, partial(_rows, partial(_column, frame, source)))


def _slices(frame: pl.LazyFrame, source: str, count: int, text: int, label: int | None) -> Iterator[Row]:
    """The rows of a file, `SLICE` of them in memory at a time: Polars skips what a slice leaves out."""
    for start in range(0, count, SLICE):
        for row in _rows(partial(_column, frame.slice(start, SLICE), source), text, label):
            yield row._replace(line=start + row.line)


def _column(frame: pl.LazyFrame, source: str, index: int) -> Sequence[object]:
    """The values of one column; of a file, nothing else is read."""
    name = frame.collect_schema().names()[index]
    try:
        return frame.select(pl.col(name)).collect().to_series().to_list()
    except BROKEN as error:
        raise InputError(
            f"cannot read column {name!r} of {source}: {_first_line(error)}; fetch the file again"
        ) from None


def _first_line(error: BaseException) -> str:
    """What went wrong, without the plan of the query that Polars appends."""
    return str(error).partition("\n")[0][:300]


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
