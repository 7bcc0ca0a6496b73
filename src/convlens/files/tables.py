"""Tables as files, in the format that the end of their name says."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

from convlens.errors import InputError
from convlens.files.failures import shortened
from convlens.files.pieces import AT_ONCE
from convlens.files.replacing import replacing_file

if TYPE_CHECKING:
    import polars as pl


def write_table(table: "pl.DataFrame | Iterable[pl.DataFrame]", path: Path) -> None:
    """Write a table as Parquet, CSV or lines of JSON, whole or absent; CSV holds lists and structs as JSON.

    One that is too large for memory comes as frames of some of its rows, one of which is there at a time.
    """
    import polars as pl

    check_table(path)
    frames = iter([table] if isinstance(table, pl.DataFrame) else table)
    with replacing_file(path) as place:
        TABLES[path.suffix.lower()](frames, place)


def check_table(path: Path, suffixes: Sequence[str] | None = None) -> None:
    """Refuse a file that does not end in one of `suffixes` (default: of `TABLES`), before work that takes long."""
    endings = list(suffixes or TABLES)
    if path.suffix.lower() not in endings:
        raise InputError(f"cannot write {shortened(path)}: name a file that ends in {either(endings)}")


def either(suffixes: Sequence[str]) -> str:
    """Some endings as a sentence says them."""
    return " or ".join(filter(None, [", ".join(suffixes[:-1]), suffixes[-1]]))


def sink_parquet(
    frames: "Iterator[pl.DataFrame]", schema: "pl.Schema", place: Path | IO[bytes], *, rows: int = AT_ONCE
) -> None:
    """Write frames of one schema into one file of Parquet, in row groups of so many `rows`."""
    from polars.io.plugins import register_io_source

    def source(*_: object) -> "Iterator[pl.DataFrame]":
        return frames

    register_io_source(source, schema=schema).sink_parquet(place, row_group_size=rows)


def _parquet(frames: "Iterator[pl.DataFrame]", path: Path) -> None:
    first = next(frames)
    second = next(frames, None)
    if second is None:
        first.write_parquet(path)
    else:
        sink_parquet(chain([first, second], frames), first.schema, path)


def _csv(frames: "Iterator[pl.DataFrame]", path: Path) -> None:
    import polars as pl

    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
            flat = [pl.Series(name, map(_cell, frame[name].to_list()), pl.String) for name in nested]
            frame.with_columns(flat).write_csv(file, include_header=number == 0)


def _cell(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _jsonl(frames: "Iterator[pl.DataFrame]", path: Path) -> None:
    with path.open("wb") as file:
        for frame in frames:
            frame.write_ndjson(file)


TABLES: "dict[str, Callable[[Iterator[pl.DataFrame], Path], None]]" = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _jsonl,
}
