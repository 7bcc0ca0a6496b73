"""A scan as two lazy frames."""

import os
from pathlib import Path

import polars as pl

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.scan.manifest import read_manifest
from convlens.scan.parts import DOCUMENTS, WORDS, part_file, whole_parts


@checked
def read_scan(
    folder: str | os.PathLike[str], *, incomplete: bool = False
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The documents and the words of a scan; `document` joins them.

    Raises `InputError` for a scan that is not complete, unless `incomplete`: then the parts that are
    whole are given.
    """
    folder = Path(folder)
    counts = read_manifest(folder).counts
    parts = whole_parts(folder)
    if counts is None and not incomplete:
        raise InputError(
            f"{folder} is not complete: go on with --resume, or read its {parts:,} parts as they are"
        )
    if counts is not None and parts < counts.parts:
        raise InputError(f"{folder} lacks part {parts} of {counts.parts}: write it again with --resume")
    if not parts:
        raise InputError(f"{folder} has no part that is whole yet: go on with --resume")
    parts = parts if counts is None else counts.parts
    documents, words = (
        pl.scan_parquet([part_file(folder, kind, i) for i in range(parts)], glob=False)
        for kind in (DOCUMENTS, WORDS)
    )
    return documents, words
