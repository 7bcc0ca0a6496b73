"""Rows that were set aside, written where people can look at them and mend them."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from convlens.data.corpus import Corpus
from convlens.errors import InputError
from convlens.files import write_text

COLUMNS = ("source", "line", "reason", "row")


def write_rejects(corpora: Sequence[Corpus], path: Path) -> None:
    """Write the rejected rows of all corpora to a .jsonl or .csv file, whole or not at all."""
    rows = [(c.source, r.line, r.reason, r.row) for c in corpora for r in c.rejected]
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        lines = (json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows)
        write_text(path, "".join(line + "\n" for line in lines))
    elif suffix == ".csv":
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
        write_text(path, file.getvalue())
    else:
        raise InputError(
            f"rejected rows are written as .jsonl or .csv, got {str(path)!r}: name it with one of these"
        )
