"""What an evaluation found, as the page's template reads it."""

from math import isnan
from typing import Any

import polars as pl

from convlens.evaluate import Evaluation, deletion_chart

NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'  # a page of HTML knows it, and the page names no address


def trust(evaluation: Evaluation | None) -> dict[str, Any] | None:
    """Charts of word deletion, a panel each, and the tables as rows of text."""
    if evaluation is None:
        return None
    groups = evaluation.areas["group"].unique(maintain_order=True).to_list()
    areas = {(row["method"], row["group"]): row for row in evaluation.areas.iter_rows(named=True)}
    return {
        "found": evaluation,
        "groups": groups,
        "charts": [
            deletion_chart(evaluation.curves.filter(pl.col("group") == name)).replace(NAMESPACE, "")
            for name in groups
        ],
        "ranking": [
            [
                row["method"],
                _ranged(row, "turned"),
                *(_ranged(areas[row["method"], name], "area") for name in groups),
            ]
            for row in evaluation.ranking.iter_rows(named=True)
        ],
        "tables": [
            (title, table.columns, _rows(table)) for title, table in _tables(evaluation).items() if len(table)
        ],
    }


def _tables(evaluation: Evaluation) -> dict[str, pl.DataFrame]:
    order = ["spearman", "method", "other"]
    return {
        "Agreement of methods": evaluation.agreement.sort(
            order, descending=[True, False, False], nulls_last=True
        ),
        "Probability lost without the best words, and with nothing else": evaluation.erasure.select(
            "method", "comprehensiveness", "sufficiency"
        ),
        "Correlation of scores before and after randomising the weights, with signs / without": _by_stage(
            evaluation.sanity
        ),
    }


def _by_stage(sanity: pl.DataFrame) -> pl.DataFrame:
    """A row for each method, a column for each stage of randomisation."""
    both = pl.concat_str(
        *(pl.col(name).map_elements(_number, pl.String) for name in ("spearman", "spearman_absolute")),
        separator=" / ",
    )
    cells = sanity.select("stage", "method", both.alias("both"))
    return cells.pivot("stage", index="method", values="both", sort_columns=False)


def _rows(table: pl.DataFrame) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else _number(cell) for cell in row] for row in table.iter_rows()]


def _ranged(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1%} [{row['low']:.1%}, {row['high']:.1%}]"


def _number(value: float) -> str:
    return "–" if isnan(value) else f"{value:.3f}".replace("-", "−")
