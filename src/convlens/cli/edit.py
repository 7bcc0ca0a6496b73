"""`convlens edit`: switch filters, words or n-grams off, and see what it costs."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from convlens.cli import options
from convlens.cli.console import out, put_json
from convlens.cli.reading import Reading, say_rows
from convlens.cli.saving import save_changed
from convlens.cli.show import FEW, frame_table
from convlens.compress import (
    Parts,
    count_matches,
    disable,
    find_pattern,
    renew_thresholds,
    settings_of,
    three_parts,
    trace_labelled,
    tune_head,
)
from convlens.data import Columns
from convlens.models import (
    Classifier,
    Measured,
    Metrics,
    TextCNN,
    check_model_target,
    load,
    measure,
    one_layer,
)


def edit(
    model: options.Model,
    data: options.Data,
    switched_off: Annotated[
        list[str],
        typer.Option(
            "--disable", help="filter:17, word:foo or ngram:'two words'; once for each.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the changed model.")
    ] = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Train the head on afterwards, on the training rows.")
    ] = False,
    test: Annotated[
        str | None, typer.Option(help="Test DATA (default: rows that the model was not trained on).")
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    as_json: options.Json = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
) -> None:
    """Switch off filters, words or n-grams, measure on the test rows what it costs, and save the changed model.

    DATA is what the model was trained on: matches are counted in all of it, accuracies are those of the rows that fit tested it
    on, or of all that it was not trained on.
    A word that is off keeps its place and says nothing; so do the words of an n-gram, where it occurs.

    Examples:

      convlens edit model mr --disable filter:17

      convlens edit model ag_news --disable word:reuters --disable "ngram:associated press" --tune -o fairer
    """
    classifier = load(model)
    patterns = [find_pattern(classifier, spec) for spec in switched_off]
    if tune:
        one_layer(classifier.model, "tuning the head alone")
    reading = Reading(
        Columns(text, label, max_classes=None), allow_rejects=allow_rejects, whole=all_rows, of_label=of_label
    )
    rows = reading.fit_data(classifier, data, test)
    classifier = reading.decision(classifier)
    if tune or output is not None:
        parts = three_parts(rows.check_train().splits, classifier.record, classifier.trained_on)
    counts = count_matches(classifier, patterns, rows.texts)
    if output is not None:
        check_model_target(output, force=force)
    say_rows(rows.measured)
    stages = {"before": measure(classifier, rows.splits.test)}
    changed = disable(classifier, patterns)
    stages["after"] = measure(changed, rows.splits.test)
    if tune:
        changed = _tuned(changed, parts)
        stages["tuned"] = measure(changed, rows.splits.test)
    matched = [{"pattern": f"{p.kind}:{p.text}", "matches": n} for p, n in zip(patterns, counts, strict=True)]
    _print(stages, matched, rows.measured, as_json=as_json)
    if output is not None:
        if isinstance(changed.model, TextCNN):
            renew_thresholds(trace_labelled(changed, parts.train))
        save_changed(changed, stages.popitem()[1], output, force=force)


def _tuned(classifier: Classifier, parts: Parts) -> Classifier:
    """The classifier with a head that went on learning."""
    settings = settings_of(classifier).train
    model = tune_head(
        trace_labelled(classifier, parts.train), trace_labelled(classifier, parts.validation), settings
    )
    return replace(
        classifier, model=model, record=classifier.record.changed("the head trained on afterwards")
    )


def _print(
    stages: dict[str, Metrics], matched: list[dict[str, Any]], measured: Measured, *, as_json: bool
) -> None:
    if as_json:
        metrics_by_name = {name: metrics.to_dict() for name, metrics in stages.items()}
        put_json({"data": measured.to_dict(), "disabled": matched, **metrics_by_name})
        return
    rows = [
        {
            "": name,
            "accuracy": metrics.accuracy,
            "macro F1": metrics.macro_f1,
            **_recalls(metrics),
        }
        for name, metrics in stages.items()
    ]
    out.print(frame_table(pl.DataFrame(matched), "switched off"))
    out.print(frame_table(pl.DataFrame(rows), "test rows"))


def _recalls(metrics: Metrics) -> dict[str, float]:
    """The recall of each class, where all have room beside each other."""
    names = [f"recall of {label}" for label in metrics.labels] if len(metrics.labels) <= FEW else []
    return dict(zip(names, metrics.recall.tolist(), strict=False))
