"""What every format is read into: column names, and rows pulled from two of the columns."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from convlens.data.corpus import Reject

SHOWN = 200  # characters of a row kept with its rejection


class Row(NamedTuple):
    """A text and a label as the format gave them; `lines` counts the physical lines they came from."""

    line: int
    text: object
    label: object
    raw: object
    lines: int = 1


Pull = Callable[[int, int | None], Iterator[Row | Reject]]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened source: `pull(text, label)` goes through its rows, taking the columns at these indices.

    Each pull begins anew. `classes` gives the label names of columns that hold indices into a fixed
    list of names; `rows` is how many rows there are, where opening the source has told it, and `path` the file.
    """

    source: str
    names: tuple[str, ...]
    pull: Pull
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    rows: int | None = None
    path: Path | None = None


def reject(line: int, reason: str, raw: object) -> Reject:
    """Set a row aside with the beginning of what it held; what UTF-8 cannot hold is shown as an escape."""
    text = raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False, default=str, skipkeys=True)
    short = text[:SHOWN].rstrip("\r\n")
    return Reject(line, reason, short.encode("utf-8", "backslashreplace").decode("utf-8"))


def on_blank_line(row: Row | Reject) -> bool:
    """Tell the row of a line with nothing on it, which only formats of one text a line have."""
    return isinstance(row, Row) and isinstance(row.raw, str) and not row.raw.strip()


def missing(value: object) -> bool:
    """Tell whether a value is none at all: null, NaN or blank."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))
