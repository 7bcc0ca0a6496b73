"""The files of a scan's folder. A part is whole as soon as its documents are there: they come last."""

import re
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from convlens.data import Batch
from convlens.files import replacing_file
from convlens.scan.manifest import NAME
from convlens.scan.tables import Tables

DOCUMENTS, WORDS, REJECTS = "documents", "words", "rejects"
OURS = re.compile(rf"(\.?({DOCUMENTS}|{WORDS}|{REJECTS})-\d+\.parquet|\.?{re.escape(NAME)})(\.\w+)?")
TEMPORARY = re.compile(rf"\.({DOCUMENTS}-|{WORDS}-|{REJECTS}-|{re.escape(NAME)}).*")


def part_file(folder: Path, kind: str, number: int) -> Path:
    """Where part `number` of the documents, words or rejects lies."""
    return folder / f"{kind}-{number:05d}.parquet"


def write_part(folder: Path, number: int, made: Tables) -> None:
    """Write a part, each file beside its place and then renamed; rejects only where there are any."""
    files = {WORDS: made.words, REJECTS: made.rejects, DOCUMENTS: made.documents}
    for kind, frame in files.items():
        if kind != REJECTS or len(frame):
            with replacing_file(part_file(folder, kind, number)) as place:
                frame.write_parquet(place)


def words_in(folder: Path, batch: Batch) -> int | None:
    """How many words the part of this batch holds; None where it is not whole."""
    rows = {kind: _rows(part_file(folder, kind, batch.number)) for kind in (DOCUMENTS, WORDS, REJECTS)}
    whole = rows[DOCUMENTS] == len(batch.texts) and (rows[REJECTS] or 0) == len(batch.rejected)
    return rows[WORDS] if whole else None


def _rows(path: Path) -> int | None:
    """The rows of a Parquet file, from its end; None where it is not there or not whole."""
    try:
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
    except (OSError, PolarsError, PanicException):
        return None


def whole_parts(folder: Path) -> int:
    """How many parts are there without a gap."""
    number = 0
    while all(part_file(folder, kind, number).is_file() for kind in (WORDS, DOCUMENTS)):
        number += 1
    return number


def remove_temporary(folder: Path) -> None:
    """Remove what a killed run was writing."""
    for path in folder.iterdir():
        if TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def foreign(folder: Path) -> str | None:
    """The name of a file that no scan wrote, if there is one."""
    return min((p.name for p in folder.iterdir() if not OURS.fullmatch(p.name)), default=None)
