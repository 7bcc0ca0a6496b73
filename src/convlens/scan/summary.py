"""The reductions of a whole scan: made from the share of each part, in the order of the parts."""

import os
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import polars as pl
from polars.exceptions import PanicException, PolarsError

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.files import replacing_in_place
from convlens.models import Classifier
from convlens.scan.manifest import read_manifest
from convlens.scan.parts import is_whole, lost, parquet, part_file, total_file
from convlens.scan.reductions import REDUCTIONS


@dataclass(frozen=True, eq=False)
class Summary:
    """What a scan with `summary` adds up; the columns are those of `count_classes`, `weigh_words`, `find_winners`.

    `classes`: one row for each label, of the texts predicted to have it. `vocabulary`: one for each word that
    occurs, with `sizes:CLASS` and `importance:CLASS` too. `winners`: the best n-grams of each filter's winning windows.
    """

    classes: pl.DataFrame
    vocabulary: pl.DataFrame
    winners: pl.DataFrame


def write_summary(classifier: Classifier, folder: Path, parts: int) -> None:
    """Merge the shares of all parts; one and the sum are in memory at a time."""
    for kind, reduction in REDUCTIONS.items():
        shares = (_share(folder, kind, i) for i in range(parts))
        total = parquet(reduction.named(classifier, reduce(reduction.merge, shares)))
        with replacing_in_place(total_file(folder, kind)) as place:
            place.write_bytes(total)


def _share(folder: Path, kind: str, number: int) -> pl.DataFrame:
    try:
        return pl.read_parquet(part_file(folder, kind, number), glob=False)
    except (OSError, PolarsError, PanicException):
        raise lost(folder, number) from None


def has_summary(folder: Path) -> bool:
    """Whether all files of the summary are there, to their ends."""
    return all(is_whole(total_file(folder, kind)) for kind in REDUCTIONS)


@checked
def read_summary(folder: str | os.PathLike[str]) -> Summary:
    """The summary of a complete scan that was asked for one; `InputError` where there is none."""
    folder = Path(folder)
    complete = read_manifest(folder).counts is not None
    if not complete or not has_summary(folder):
        hint = "scan again with --summary" if complete else "it is not complete, go on with --resume"
        raise InputError(f"{folder} has no summary: {hint}")
    return Summary(**{kind: pl.read_parquet(total_file(folder, kind), glob=False) for kind in REDUCTIONS})
