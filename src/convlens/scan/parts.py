"""The files of a scan's folder. A part is whole as soon as its documents are there: they come last."""

import io
import re
from collections.abc import Collection
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from convlens.data import Batch
from convlens.errors import InputError
from convlens.files import AT_ONCE, Pieces, replacing_in_place, sink_parquet
from convlens.scan.manifest import NAME, Counts
from convlens.scan.reductions import REDUCTIONS
from convlens.scan.tables import Tables

DOCUMENTS, WORDS, REJECTS = "documents", "words", "rejects"
TOTAL = "|".join(REDUCTIONS)
KINDS = f"{DOCUMENTS}|{WORDS}|{REJECTS}|{TOTAL}"
FILES = rf"(({KINDS})-\d+|({TOTAL}))\.parquet|{re.escape(NAME)}"
OURS = re.compile(rf"\.?({FILES})(\.\w+)*")
TEMPORARY = re.compile(rf"\.({FILES}).*")


def part_file(folder: Path, kind: str, number: int) -> Path:
    """Where part `number` of the documents, words or rejects lies."""
    return folder / f"{kind}-{number:05d}.parquet"


def total_file(folder: Path, kind: str) -> Path:
    """Where the sum of all parts of a reduction lies."""
    return folder / f"{kind}.parquet"


def packed(made: Tables, reduced: dict[str, pl.DataFrame]) -> dict[str, bytes]:
    """The files of a part by their kind, documents last; rejects only where there are any."""
    rejects = {REJECTS: made.rejects} if len(made.rejects) else {}
    frames = {**rejects, **reduced, DOCUMENTS: made.documents}
    return {WORDS: parquet_of(made.pieces)} | {kind: parquet(frame) for kind, frame in frames.items()}


def parquet(frame: pl.DataFrame) -> bytes:
    """A frame as the content of a Parquet file."""
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue()


def parquet_of(pieces: Pieces[pl.DataFrame]) -> bytes:
    """The same of a table in pieces, one or two of which are in memory at a time."""
    if len(pieces) <= AT_ONCE:
        return parquet(next(iter(pieces)))

    content = io.BytesIO()
    sink_parquet(iter(pieces), pieces.make(0, 0).schema, content, rows=AT_ONCE)
    return content.getvalue()


def write_part(folder: Path, number: int, files: dict[str, bytes]) -> None:
    """Write a part in the order of `packed`, each file beside its place and then renamed."""
    for kind, content in files.items():
        with replacing_in_place(part_file(folder, kind, number)) as place:
            place.write_bytes(content)


def words_in(folder: Path, batch: Batch, reduced: Collection[str] = ()) -> int | None:
    """How many words the part of this batch holds; None where it, or one of `reduced`, is not whole."""
    rows = {kind: _rows(part_file(folder, kind, batch.number)) for kind in (DOCUMENTS, WORDS, REJECTS)}
    whole = rows[DOCUMENTS] == len(batch.texts) and (rows[REJECTS] or 0) == len(batch.rejected)
    if not whole or any(_rows(part_file(folder, kind, batch.number)) is None for kind in reduced):
        return None
    return rows[WORDS]


def _rows(path: Path) -> int | None:
    """The rows of a Parquet file, from its end; None where it is not there or not whole."""
    try:
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (OSError, PolarsError, PanicException):
        return None


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there, to its end."""
    return _rows(path) is not None


def whole_parts(folder: Path) -> int:
    """How many parts are there without a gap, each to its end."""
    number = 0
    while all(is_whole(part_file(folder, kind, number)) for kind in (WORDS, DOCUMENTS)):
        number += 1
    return number


def lost_part(folder: Path, counts: Counts) -> int | None:
    """The first part that is not there or cut off, or any whose rows are not those that were counted; else None."""
    totals = dict.fromkeys((DOCUMENTS, WORDS, REJECTS), 0)
    for number in range(counts.parts):
        for kind in totals:
            rows = _rows(part_file(folder, kind, number))
            if rows is None and kind != REJECTS:
                return number
            totals[kind] += rows or 0
    whole = totals == {DOCUMENTS: counts.documents, WORDS: counts.words, REJECTS: counts.rejected}
    return None if whole else counts.parts - 1


def check_whole(folder: Path, counts: Counts) -> None:
    """Raise `InputError` where a part was lost while others were written."""
    number = lost_part(folder, counts)
    if number is not None:
        raise lost(folder, number)


def lost(folder: Path, number: int) -> InputError:
    """That a part has gone."""
    return InputError(
        f"{folder} lost part {number:,} while it was written, or the part was changed: write it again with --resume"
    )


def remove_temporary(folder: Path) -> None:
    """Remove what a killed run was writing."""
    for path in folder.iterdir():
        if TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def foreign(folder: Path) -> str | None:
    """The name of a file that no scan wrote, if there is one."""
    return min((p.name for p in folder.iterdir() if not OURS.fullmatch(p.name)), default=None)
