"""`convlens prune`: fewer n-grams, fewer filters or fewer words, and what it costs."""

from pathlib import Path
from typing import Annotated, Any

import typer

from convlens.cli import options
from convlens.cli.console import err, out, put_json, say
from convlens.cli.reading import Reading, say_rows
from convlens.cli.saving import save_changed
from convlens.cli.show import frame_table
from convlens.compress import Pruned, by_features, by_gates, by_words, three_parts
from convlens.data import Columns, Splits
from convlens.errors import InputError
from convlens.filters import IMPORTANCES
from convlens.models import Bar, Classifier, Measured, Notices, check_model_target, load, measure, one_layer
from convlens.text import read_vectors


def prune(
    model: options.Model,
    data: options.Data,
    thresholds: Annotated[
        str | None,
        typer.Option(
            help="Purities such as 0.75, or 0.5,0.6,0.7; auto: a threshold of its own for each filter."
        ),
    ] = None,
    filters: Annotated[
        str | None,
        typer.Option(
            help="Drop the filters that never give a feature with more variance than this epsilon; auto: the "
            "largest that keeps the accuracy; off: those that thresholds or an edit switched off."
        ),
    ] = None,
    words: Annotated[
        str | None,
        typer.Option(help="Keep the most important share of the words and train anew: 5%, or 80%,50%,10%."),
    ] = None,
    by: Annotated[
        str,
        typer.Option(
            help=f"Importance of words: one of {', '.join(IMPORTANCES)} (printed is the old name of the first)."
        ),
    ] = "evidence",
    vectors: Annotated[
        Path | None, typer.Option(help="With --words: the word vectors the model began with.")
    ] = None,
    test: Annotated[
        str | None, typer.Option(help="Test DATA (default: rows that the model was not trained on).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the pruned model.")
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    as_json: options.Json = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Find out what a model can do without, and save it without that.

    DATA is what the model was trained on: thresholds are found on its training rows, what is chosen is chosen by the
    rows that the fit held out to decide when to stop, and the accuracies are those
    of the rows that fit tested it on, or of all that it was not trained on.

    Examples:

      convlens prune model mr --thresholds 0.5,0.6,0.7,0.8,0.9

      convlens prune model mr --thresholds auto -o gated

      convlens prune model ag_news --filters auto -o small --json

      convlens prune model imdb --words 5% -o fewer
    """
    chosen = {"thresholds": thresholds, "filters": filters, "words": words}
    if sum(value is not None for value in chosen.values()) != 1:
        raise InputError("say what to prune: give one of --thresholds, --filters and --words")
    numbers = _numbers(thresholds, filters, words)
    if output is not None and len(numbers) > 1:
        raise InputError(f"{len(numbers)} values give as many models: give one of them to save it with -o")
    classifier = load(model)
    if words is None:
        one_layer(classifier.model, "pruning by thresholds or filters")
    reading = Reading(
        Columns(text, label, max_classes=None), allow_rejects=allow_rejects, whole=all_rows, of_label=of_label
    )
    rows = reading.fit_data(classifier, data, test).check_train()
    classifier = reading.decision(classifier)
    pretrained = None if vectors is None else read_vectors(vectors)
    if output is not None:
        check_model_target(output, force=force)
    if words is not None:
        watch = Notices(err) if quiet else Bar(err)
        pruned = by_words(classifier, rows.splits, numbers, by=by, vectors=pretrained, watch=watch)
    else:
        pruned = _arithmetic(classifier, rows.splits, thresholds, numbers)
    say_rows(rows.measured)
    _print(pruned, rows.measured, as_json=as_json)
    if output is not None:
        save_changed(pruned.classifier, measure(pruned.classifier, rows.splits.test), output, force=force)


def _arithmetic(
    classifier: Classifier, splits: Splits, thresholds: str | None, numbers: list[float | str]
) -> Pruned:
    parts = three_parts(splits, classifier.record, classifier.trained_on)
    if thresholds is not None:
        return by_gates(classifier, parts, numbers)
    return by_features(classifier, parts, numbers[0])


def _numbers(thresholds: str | None, filters: str | None, words: str | None) -> list[Any]:
    """The values of the option that was given."""
    if thresholds is not None:
        return ["auto"] if thresholds == "auto" else _listed("--thresholds", thresholds)
    if filters is not None:
        named = filters in ("auto", "off")
        numbers = [filters] if named else _listed("--filters", filters)
        if len(numbers) > 1:
            raise InputError(f"--filters takes one epsilon, auto or off, got {filters!r}")
        return numbers
    return _listed("--words", (words or "").replace("%", ""))


def _listed(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{option} takes numbers separated by commas, got {text!r}") from None


def _print(pruned: Pruned, measured: Measured, *, as_json: bool) -> None:
    if as_json:
        tables = {name: table.to_dicts() for name, table in pruned.tables.items()}
        put_json({"data": measured.to_dict(), **tables})
        return
    for name, table in pruned.tables.items():
        out.print(frame_table(table, name.replace("_", " ")))
    say(pruned.sentence)
