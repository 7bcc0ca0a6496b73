"""What an evaluation found: tables, and how they become data."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from convlens.errors import InputError
from convlens.evaluate.chart import deletion_chart
from convlens.evaluate.config import EvaluateConfig
from convlens.files import check_target, replacing_folder

WHOLE = "evaluation.json"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How faithful `methods` are to a model, on `documents` of which the model has `correct` right.

    `available` documents were long enough. The tables: `ranking` of the methods by the share of documents whose
    decision their deletions turn, `curves` and `areas` of word deletion for each group, `erasure` with
    comprehensiveness and sufficiency, `agreement` of every two methods, `sanity` by stage of randomisation.
    """

    methods: tuple[str, ...]
    documents: int
    available: int
    correct: int
    ranking: pl.DataFrame
    curves: pl.DataFrame
    areas: pl.DataFrame
    erasure: pl.DataFrame
    agreement: pl.DataFrame
    sanity: pl.DataFrame
    config: EvaluateConfig

    @property
    def wrong(self) -> int:
        """Documents that the intact model has wrong."""
        return self.documents - self.correct

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by their names."""
        names = ("ranking", "curves", "areas", "erasure", "agreement", "sanity")
        return {name: getattr(self, name) for name in names}

    def curve(self, method: str, group: str) -> list[float]:
        """Accuracy after 0, 1, ... deletions; empty where the group is."""
        chosen = self.curves.filter((pl.col("method") == method) & (pl.col("group") == group))
        return chosen.sort("deletions")["accuracy"].to_list()

    def to_dict(self) -> dict[str, Any]:
        """JSON values; the curves stand with their areas, and what is not defined is None."""
        areas = [{**row, "curve": self.curve(row["method"], row["group"])} for row in _rows(self.areas)]
        return {
            "documents": self.documents,
            "available": self.available,
            "correct": self.correct,
            "wrong": self.wrong,
            "methods": list(self.methods),
            "ranking": list(_rows(self.ranking)),
            "deletion": areas,
            "erasure": list(_rows(self.erasure)),
            "agreement": list(_rows(self.agreement)),
            "sanity": list(_rows(self.sanity)),
            "settings": asdict(self.config),
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII."""
        return json.dumps(self.to_dict(), allow_nan=False)

    def write(self, folder: Path) -> None:
        """Every table as Parquet, all of it as `evaluation.json`, the curves as `deletion.svg`: whole or absent."""
        with replacing_folder(folder) as place:
            for name, table in self.tables.items():
                table.write_parquet(place / f"{name}.parquet")
            (place / "deletion.svg").write_text(deletion_chart(self.curves), encoding="utf-8")
            (place / WHOLE).write_text(self.to_json() + "\n", encoding="utf-8")


def check_evaluation_target(folder: Path, *, force: bool) -> None:
    """Refuse a path that cannot be written, and a folder that is no evaluation even with `force`."""
    check_target(folder, force=force, folder=True)
    if folder.exists() and any(folder.iterdir()) and not (folder / WHOLE).is_file():
        raise InputError(f"{folder} is no folder of an evaluation, so it is not replaced: give another path")


def _rows(table: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.iter_rows(named=True):
        yield {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in row.items()}
