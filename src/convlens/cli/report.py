"""`convlens report`: one page that shows what a model decides and why."""

from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.console import err, say
from convlens.cli.reading import Reading, say_rows
from convlens.data import Columns
from convlens.errors import InputError
from convlens.evaluate import evaluate as measure
from convlens.files import check_target, write_text
from convlens.models import load
from convlens.progress import ProgressBar
from convlens.report import report as build


def report(
    model: options.Model,
    data: options.Data,
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("report.html"),
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    documents: Annotated[int, typer.Option(help="Most documents to show.", min=1)] = 1000,
    evaluate: Annotated[
        bool,
        typer.Option("--evaluate", help="Measure the methods too, as 'convlens evaluate' does by default."),
    ] = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Write one self-contained HTML page: metrics, documents with reasons, words by importance, cards of filters, maps.

    DATA are texts that the model was not trained on: rows that it was trained on are known again and set aside.
    With --evaluate it shows how far the reasons can be trusted as well, which takes a minute or more and needs labels.

    Examples:

      convlens report model test.csv -o report.html

      convlens report model mr -o report.html --documents 5000

      convlens report model test.csv -o report.html --evaluate
    """
    classifier = load(model)
    reading = Reading(
        Columns(text, label, max_classes=None),
        labelled=False,
        allow_rejects=allow_rejects,
        whole=all_rows,
        of_label=of_label,
    )
    rows = reading.measured(classifier, data)
    classifier = reading.decision(classifier)
    corpus = rows.corpus.saying(rows.account) if rows.account else rows.corpus
    if evaluate and corpus.labels is None:
        raise InputError(
            f"{corpus.source} has no labels, which --evaluate needs: give a file with labels, or leave it out"
        )
    check_target(output, force=force)
    say_rows(rows)
    evaluation = measure(classifier, corpus, watch=ProgressBar(err, quiet=quiet)) if evaluate else None
    page = build(classifier, corpus, documents=documents, evaluation=evaluation)
    write_text(output, page)
    say(f"wrote {output} ({len(page.encode()) / 1e6:.1f} MB): open it in a browser")
