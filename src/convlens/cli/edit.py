"""`convlens edit`: switch filters, words or n-grams off, and see what it costs."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from convlens.cli import options
from convlens.cli.console import out, put_json
from convlens.cli.reading import read_parts
from convlens.cli.saving import save_changed
from convlens.cli.show import frame_table
from convlens.compress import (
    Parts,
    count_matches,
    disable,
    find_pattern,
    renew_thresholds,
    see,
    settings_of,
    three_parts,
    tune_head,
)
from convlens.data import Columns
from convlens.models import Classifier, Metrics, TextCNN, check_model_target, load, measure, one_layer


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
        str | None, typer.Option(help="Test DATA (default: its own, or the tenth that fit held out).")
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    as_json: options.Json = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
) -> None:
    """Switch off filters, words or n-grams, measure on the test rows what it costs, and save the changed model.

    DATA is what the model was trained on: matches are counted in all of it, accuracies are those of its test rows.
    A word that is off keeps its place and says nothing; so do the words of an n-gram, where it occurs.

    Examples:

      convlens edit model mr --disable filter:17

      convlens edit model ag_news --disable word:reuters --disable "ngram:associated press" --tune -o fairer
    """
    if output is not None:
        check_model_target(output, force=force)
    classifier = load(model)
    patterns = [find_pattern(classifier, spec) for spec in switched_off]
    if tune:
        one_layer(classifier.model, "tuning the head alone")
    parts = three_parts(
        read_parts(classifier, data, test, Columns(text, label), allow_rejects=allow_rejects),
        classifier.record,
    )
    rows = [text for part in (parts.train, parts.validation, parts.test) for text in part.texts]
    counts = count_matches(classifier, patterns, rows)
    found = {"before": measure(classifier, parts.test)}
    changed = disable(classifier, patterns)
    found["after"] = measure(changed, parts.test)
    if tune:
        changed = _tuned(changed, parts)
        found["tuned"] = measure(changed, parts.test)
    matched = [{"pattern": f"{p.kind}:{p.text}", "matches": n} for p, n in zip(patterns, counts, strict=True)]
    _print(found, matched, as_json=as_json)
    if output is not None:
        if isinstance(changed.model, TextCNN):
            renew_thresholds(see(changed, parts.train))
        save_changed(changed, found.popitem()[1], output, force=force)


def _tuned(classifier: Classifier, parts: Parts) -> Classifier:
    """The classifier with a head that went on learning."""
    settings = settings_of(classifier).train
    model = tune_head(see(classifier, parts.train), see(classifier, parts.validation), settings)
    return replace(
        classifier, model=model, record=classifier.record.changed("the head trained on afterwards")
    )


def _print(found: dict[str, Metrics], matched: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        put_json({"disabled": matched, **{name: metrics.to_dict() for name, metrics in found.items()}})
        return
    rows = [
        {
            "": name,
            "accuracy": metrics.accuracy,
            "macro F1": metrics.macro_f1,
            **{
                f"recall of {label}": float(r)
                for label, r in zip(metrics.labels, metrics.recall, strict=True)
            },
        }
        for name, metrics in found.items()
    ]
    out.print(frame_table(pl.DataFrame(matched), "switched off"))
    out.print(frame_table(pl.DataFrame(rows), "test rows"))
