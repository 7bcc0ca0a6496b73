"""Tables as files, in the format that the end of their name says."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from convlens.errors import InputError
from convlens.files.failures import shortened
from convlens.files.replacing import replacing_file


def write_table(frame: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet, CSV or lines of JSON, whole or absent; CSV holds lists and structs as JSON."""
    check_table(path)
    with replacing_file(path) as place:
        TABLES[path.suffix.lower()](frame, place)


def check_table(path: Path, suffixes: Sequence[str] | None = None) -> None:
    """Refuse a file that does not end in one of `suffixes` (default: of `TABLES`), before work that takes long."""
    endings = list(suffixes or TABLES)
    if path.suffix.lower() not in endings:
        raise InputError(f"cannot write {shortened(path)}: name a file that ends in {either(endings)}")


def either(suffixes: Sequence[str]) -> str:
    """Some endings as a sentence says them."""
    return " or ".join(filter(None, [", ".join(suffixes[:-1]), suffixes[-1]]))


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _csv(frame: pl.DataFrame, path: Path) -> None:
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    flat = [pl.Series(name, map(_cell, frame[name].to_list()), pl.String) for name in nested]
    frame.with_columns(flat).write_csv(path)


def _cell(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _jsonl(frame: pl.DataFrame, path: Path) -> None:
    frame.write_ndjson(path)


TABLES: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".jsonl": _jsonl,
}
