"""Metrics as tables for people."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convlens.models import Baseline, LabelMetrics, Metrics
from convlens.shown import visible

FEW = 8  # classes that have a column each
MOST = 40  # that have a row each


def metrics_table(metrics: Metrics | LabelMetrics, baseline: Baseline | None = None) -> RenderableType:
    """Accuracy beside what is simpler, F1, and the confusion matrix, or of several labels a row for each."""
    simpler = Text()
    if baseline is not None:
        name = visible(baseline.told)
        simpler = Text(f"{name}: {baseline.metrics.accuracy:.2%}, macro F1 {baseline.metrics.macro_f1:.2%}\n")
    if isinstance(metrics, LabelMetrics):
        return Group(_head_of_sets(metrics) + simpler, per_class(metrics, metrics.truly))
    head = Text(
        f"test accuracy {metrics.accuracy:.2%}  (always the commonest class: {metrics.baseline:.2%})\n"
        f"macro F1      {metrics.macro_f1:.2%}\n"
        f"documents     {metrics.rows:,}\n"
    )
    head += simpler
    return Group(
        head,
        _confusion(metrics) if len(metrics.labels) <= FEW else per_class(metrics, metrics.confusion.sum(1)),
    )


def _head_of_sets(metrics: LabelMetrics) -> Text:
    return Text(
        f"exactly right   {metrics.accuracy:.2%}  (always the commonest set of labels: {metrics.baseline:.2%})\n"
        f"labels right    {metrics.hamming:.2%}\n"
        f"micro, macro F1 {metrics.micro_f1:.2%}, {metrics.macro_f1:.2%}\n"
        f"documents       {metrics.rows:,}\n"
    )


def frame_table(frame: pl.DataFrame, title: str) -> Table:
    """Any frame: numbers to the right, shares and scores with three digits, nothing for nulls."""
    table = Table(box=None, pad_edge=False, title=Text(title), title_justify="left")
    for name, kind in frame.schema.items():
        shown = Text(visible(name.replace("_", " ")))
        table.add_column(shown, justify="left" if kind == pl.String else "right")
    for row in frame.iter_rows():
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: object) -> Text:
    if isinstance(value, float):
        return Text(f"{value:.4g}")
    return Text("" if value is None else f"{value:,}" if isinstance(value, int) else visible(str(value)))


def _confusion(metrics: Metrics) -> Table:
    table = Table(box=None, pad_edge=False, title="true \\ predicted", title_justify="left")
    table.add_column("")
    for label in metrics.labels:
        table.add_column(Text(visible(label)), justify="right")
    for label, row in zip(metrics.labels, metrics.confusion.tolist(), strict=True):
        table.add_row(Text(visible(label)), *(f"{n:,}" for n in row))
    return table


def per_class(metrics: Metrics | LabelMetrics, documents: NDArray[np.int64]) -> RenderableType:
    """Precision, recall and F1 of each class, of so many documents (C,)."""
    table = Table(box=None, pad_edge=False)
    for name in ("class", "precision", "recall", "F1", "documents"):
        table.add_column(name, justify="left" if name == "class" else "right")
    columns = metrics.precision, metrics.recall, metrics.f1, documents
    rows = list(zip(metrics.labels, *columns, strict=True))
    for label, precision, recall, f1, count in (rows[i] for i in metrics.largest(MOST)):
        table.add_row(Text(visible(label)), f"{precision:.2%}", f"{recall:.2%}", f"{f1:.2%}", f"{count:,}")
    if len(rows) <= MOST:
        return table
    return Group(table, Text(f"\nthe {MOST} largest of {len(rows):,} classes; --json has all", "dim"))
