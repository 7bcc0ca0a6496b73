"""`convlens test`: how often a saved model is right on rows that are new to it."""

from typing import Annotated

import typer
from rich.console import Group
from rich.table import Table
from rich.text import Text

from convlens.cli import options
from convlens.cli.console import out, put_json, say
from convlens.cli.reading import Reading, say_rows
from convlens.cli.show import metrics_table, per_class
from convlens.data import Columns
from convlens.errors import InputError
from convlens.models import Calibration, LabelMetrics, Metrics, calibrate, load, measure, measure_sets
from convlens.shown import suggestion

TOO_LOW = 1


def test(
    model: options.Model,
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    at_least: Annotated[
        list[str] | None,
        typer.Option(help="accuracy=0.8, macro_f1=0.7, ...: exit code 1 where it is lower; may be repeated."),
    ] = None,
    as_json: options.Json = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
) -> None:
    """Measure how often a model is right: accuracy, F1, each class, and whether its probabilities can be trusted.

    Rows of DATA that the model was trained on are set aside; of a data set with test rows of its own these are measured.

    Examples:

      convlens test model new.csv

      convlens test model new.csv --label topic --at-least accuracy=0.85 --at-least macro_f1=0.8

      convlens test model mr --json
    """
    gates = [_gate(one) for one in at_least or ()]
    classifier = load(model)
    columns = Columns(text, label, max_classes=None)
    sets = classifier.multilabel and of_label is None
    reading = Reading(columns, allow_rejects=allow_rejects, whole=all_rows, of_label=of_label, sets=sets)
    rows = reading.measured(classifier, data)
    classifier = reading.decision(classifier)
    say_rows(rows)
    metrics = (measure_sets if sets else measure)(classifier, rows.corpus)
    calibration = calibrate(classifier, rows.corpus)
    values = metrics.to_dict()
    for name, _ in gates:
        if not isinstance(values.get(name), float):
            known = [key for key, value in values.items() if isinstance(value, float)]
            raise InputError(
                f"--at-least {name}: {suggestion(name, known)}the measures are {', '.join(known)}"
            )
    if as_json:
        put_json(
            {"data": rows.to_dict(), **values, **_classes(metrics), "calibration": calibration.to_dict()}
        )
    else:
        out.print(_shown(metrics, calibration))
    low = [(name, least) for name, least in gates if values[name] < least]
    for name, least in low:
        say(f"{name} is {values[name]:.4f}, and at least {least:g} was asked for")
    if low:
        raise typer.Exit(TOO_LOW)


def _gate(option: str) -> tuple[str, float]:
    """A measure and its least value."""
    name, _, value = option.partition("=")
    try:
        least = float(value)
    except ValueError:
        least = -1
    if not 0 <= least <= 1:
        raise InputError(
            f"--at-least is NAME=SHARE with a share from 0 to 1, as accuracy=0.8, got {option!r}"
        )
    return name.strip(), least


def _classes(metrics: Metrics | LabelMetrics) -> dict[str, object]:
    """Each class of one label a text; of several labels they are in the metrics."""
    if isinstance(metrics, LabelMetrics):
        return {}
    names = ("precision", "recall", "f1", "rows")
    columns = (metrics.precision, metrics.recall, metrics.f1, metrics.confusion.sum(1))
    each = zip(*(column.tolist() for column in columns), strict=True)
    return {"per_class": [dict(zip(names, values, strict=True)) for values in each]}


def _shown(metrics: Metrics | LabelMetrics, calibration: Calibration) -> Group:
    classes = (
        [] if isinstance(metrics, LabelMetrics) else [Text(""), per_class(metrics, metrics.confusion.sum(1))]
    )
    head = Text(
        f"\ncalibration error {calibration.expected_error:.2%}  (log loss {calibration.log_loss:.4f}, Brier score {calibration.brier:.4f})\n"
    )
    return Group(metrics_table(metrics), *classes, head, _bins(calibration))


def _bins(calibration: Calibration) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("said to be", "on average", "are right", "answers"):
        table.add_column(name, justify="right")
    width = 100 // len(calibration.counts)
    columns = (calibration.probability, calibration.right, calibration.counts)
    for place, (probability, right, count) in enumerate(zip(*columns, strict=True)):
        if count:
            bounds = f"{place * width}-{(place + 1) * width} %"
            table.add_row(bounds, f"{probability:.1%}", f"{right:.1%}", f"{count:,}")
    return table
