"""Rows that were set aside, written where people can look at them and mend them."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from convlens.data.corpus import Corpus
from convlens.errors import InputError
from convlens.files import check_target, write_text

SUFFIXES = (".jsonl", ".ndjson", ".csv")
COLUMNS = ("source", "line", "reason", "row")


def check_rejects(path: Path) -> None:
    """Refuse a path that rejected rows cannot be written to; an older file there is replaced."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"rejected rows are written as .jsonl or .csv, got {str(path)!r}: name it with one of these"
        )
    check_target(path, force=True)


def write_rejects(corpora: Sequence[Corpus], path: Path) -> None:
    """Write the rejected rows of all corpora to a .jsonl or .csv file, whole or not at all."""
    rows = [(c.source, r.line, r.reason, r.row) for c in corpora for r in c.rejected]
    check_rejects(path)
    if path.suffix.lower() != ".csv":
        lines = (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows)
        write_text(path, "".join(line + "\n" for line in lines))
    else:
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
        write_text(path, file.getvalue())
