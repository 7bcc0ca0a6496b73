"""`convlens evaluate`: how far can the explanations be trusted?"""

from math import isnan
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convlens.cli import options
from convlens.cli.console import err, out, put_json, say
from convlens.cli.reading import Reading, say_rows
from convlens.data import Columns
from convlens.evaluate import EXACT, RANDOM, EvaluateConfig, Evaluation, check_evaluation_target
from convlens.evaluate import evaluate as measure
from convlens.explain import METHODS
from convlens.files import TABLES, check_target, either, write_table
from convlens.models import load
from convlens.progress import ProgressBar

NAMES = [name for name, method in METHODS.items() if not method.of_ngrams]


def evaluate(
    model: options.Model,
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    methods: Annotated[
        str | None,
        typer.Option(
            help=f"Some of {', '.join((*NAMES, EXACT, RANDOM))} (default: those that take few passes, and {RANDOM})."
        ),
    ] = None,
    documents: Annotated[
        int, typer.Option(help="Most documents, spread evenly over the data (0: all).", min=0)
    ] = 1000,
    deletions: Annotated[int, typer.Option(help="Most words deleted from each.")] = EvaluateConfig.deletions,
    min_words: Annotated[
        int, typer.Option(help="Words that a document must have.")
    ] = EvaluateConfig.min_words,
    sanity: Annotated[
        int, typer.Option(help="Documents scored again by randomised models (0: none).")
    ] = EvaluateConfig.sanity,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=f"Folder for all tables, or a file for the curves: {either(list(TABLES))}."
        ),
    ] = None,
    as_json: options.Json = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
) -> None:
    """Measure how faithful explanations are: delete the words that they name and see whether the decision turns.

    Also: ERASER's comprehensiveness and sufficiency, agreement between methods, and the randomisation check. Rows of DATA that
    the model was trained on are set aside.

    Examples:

      convlens evaluate model test.csv

      convlens evaluate model mr --methods words,sensitivity,random --json

      convlens evaluate model 20newsgroups --min-words 100 --deletions 50 -o evaluation
    """
    config = EvaluateConfig(
        methods=None if methods is None else tuple(name.strip() for name in methods.split(",")),
        documents=documents or None,
        deletions=deletions,
        min_words=min_words,
        sanity=sanity,
        seed=seed,
    )
    classifier = load(model)
    reading = Reading(
        Columns(text, label, max_classes=None), allow_rejects=allow_rejects, whole=all_rows, of_label=of_label
    )
    rows = reading.measured(classifier, data)
    classifier = reading.decision(classifier)
    config.chosen(classifier.model)
    if output is not None:
        _check_output(output, force=force)
    say_rows(rows)
    evaluation = measure(classifier, rows.corpus, config, watch=ProgressBar(err, quiet=quiet))
    if as_json:
        put_json({"data": rows.to_dict(), **evaluation.to_dict()})
    elif output is None:
        out.print(_shown(evaluation))
    if output is not None:
        _write(evaluation, output)
        say(f"wrote {output}")


def _check_output(output: Path, *, force: bool) -> None:
    if output.suffix.lower() in TABLES:
        check_target(output, force=force)
    else:
        check_evaluation_target(output, force=force)


def _write(evaluation: Evaluation, output: Path) -> None:
    if output.suffix.lower() in TABLES:
        write_table(evaluation.curves, output)
    else:
        evaluation.write(output)


def _shown(evaluation: Evaluation) -> RenderableType:
    """The tables, each under a line that says what it tells."""
    head = (
        f"{evaluation.documents:,} of {evaluation.available:,} documents with at least "
        f"{evaluation.config.min_words:,} words, {evaluation.correct:,} of them classified correctly\n"
    )
    lost = evaluation.erasure.select("method", "comprehensiveness", "sufficiency")
    tables = {
        "probability lost without the best words, and with nothing else": lost,
        "agreement of methods": evaluation.agreement,
        "correlation of scores before and after randomising weights": evaluation.sanity,
    }
    filled = [part for title, table in tables.items() if len(table) for part in ("", _filled(title, table))]
    return Group(Text(head), _deletion(evaluation), *filled)


def _deletion(evaluation: Evaluation) -> Table:
    """The methods, best first, with their areas in each group."""
    areas = {(row["method"], row["group"]): row for row in evaluation.areas.iter_rows(named=True)}
    groups = list(dict.fromkeys(group for _, group in areas))
    table = _table(
        f"word deletion: means over 1 to {evaluation.config.deletions} deletions, at most the words of a document, with 95 % intervals"
    )
    table.add_column("method")
    for name in ("decisions turned", *(f"accuracy where {group} at first" for group in groups)):
        table.add_column(name, justify="right")
    for row in evaluation.ranking.iter_rows(named=True):
        name = row["method"]
        table.add_row(
            name, _ranged(row, "turned"), *(_ranged(areas[name, group], "area") for group in groups)
        )
    return table


def _filled(title: str, frame: pl.DataFrame) -> Table:
    table = _table(title)
    for name, kind in frame.schema.items():
        table.add_column(name.replace("_", " "), justify="left" if kind == pl.String else "right")
    for row in frame.iter_rows():
        table.add_row(*(cell if isinstance(cell, str) else _number(cell) for cell in row))
    return table


def _table(title: str) -> Table:
    return Table(box=None, pad_edge=False, title=title, title_justify="left")


def _ranged(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1%} [{row['low']:.1%}, {row['high']:.1%}]"


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.3f}"
