"""Files as corpora: the suffix tells the format."""

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from convlens.arguments import checked
from convlens.data.building import build, header
from convlens.data.columnar import arrow_table, parquet_table
from convlens.data.columns import Columns, choose, show
from convlens.data.corpus import Corpus
from convlens.data.delimited import csv_table, tsv_table
from convlens.data.jsonl import json_table, jsonl_table
from convlens.data.plain import plain_table
from convlens.data.sniff import PACKED, head, suffix_of
from convlens.data.tables import Table
from convlens.errors import InputError

FORMATS: dict[str, Callable[[Path], Table]] = {
    ".csv": csv_table,
    ".tsv": tsv_table,
    ".tab": tsv_table,
    ".jsonl": jsonl_table,
    ".ndjson": jsonl_table,
    ".json": json_table,
    ".parquet": parquet_table,
    ".pq": parquet_table,
    ".arrow": arrow_table,
    ".feather": arrow_table,
    ".ipc": arrow_table,
    ".txt": plain_table,
}


@checked
def read(
    path: str | os.PathLike[str],
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    text: str | None = None,
    label: str | None = None,
    labelled: bool = True,
    allow_rejects: bool = False,
) -> Corpus:
    """Read a corpus from a CSV, TSV, JSONL, JSON, Parquet, Arrow or text file, compressed or not.

    `text` and `label` name columns, as `columns` does.
    Rows without text or label, and rows that cannot be read, are kept in `rejected`. Without `labelled`
    a label column is not needed, and used where every row has a label. Raises `InputError` for anything
    that cannot be used, and for more than a tenth of the rows rejected unless `allow_rejects`.
    """
    path = Path(path)
    columns = replace(columns, text=text or columns.text, label=label or columns.label)
    table = open_table(path, labelled=labelled)
    corpus = build(table, columns, labelled=labelled, allow_rejects=allow_rejects)
    names = (show(table.names[index]) for index in choose(header(table), columns, labelled=labelled).parts)
    return corpus.saying(
        *(
            f"{corpus.source}: taking all rows, whatever column {name} says: open_data keeps parts"
            for name in names
        )
    )


def open_table(
    path: Path, *, labelled: bool, formats: Mapping[str, Callable[[Path], Table]] = FORMATS
) -> Table:
    """Open a file by its suffix; raise `InputError` for one that is missing, damaged or of an unknown format."""
    head(path)
    suffix = suffix_of(path)
    if suffix not in FORMATS:
        raise InputError(_unknown_suffix(path))
    if suffix == ".txt" and labelled:
        raise InputError(
            f"{path} is plain text, one text a line without labels: labels need a CSV or JSONL file"
        )
    return replace(formats[suffix](path), path=path)


def _unknown_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in (".xls", ".xlsx", ".ods"):
        hint = "save the sheet as CSV (UTF-8)"
    elif suffix in PACKED:
        hint = f"name it by what is in it too, such as {path.stem}.csv{suffix}"
    else:
        near = difflib.get_close_matches(suffix, FORMATS, n=1)
        hint = f"did you mean {near[0]}?" if near else "give the file the suffix of its format"
    return f"{path} has the suffix {suffix or 'none'!r}, known are {' '.join(FORMATS)}: {hint}"
