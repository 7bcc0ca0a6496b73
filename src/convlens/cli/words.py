"""`convlens words`: which words matter to the whole model?"""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from convlens.cli import options
from convlens.cli.console import out, put_json, say
from convlens.cli.reading import read_test
from convlens.cli.show import frame_table
from convlens.data import Columns
from convlens.errors import InputError
from convlens.files import TABLES, check_table, check_target, either, write_table
from convlens.filters import IMPORTANCES, evidence_table, word_table
from convlens.models import load


def words(
    model: options.Model,
    data: Annotated[
        str | None, typer.Argument(metavar="[DATA]", help="Texts to take evidence from, as for fit.")
    ] = None,
    text: options.Text = None,
    label: options.Label = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What orders the words: equation-1 (of the IMDb filter paper; printed is its old name), slots, or with "
            "DATA evidence (the default there), a class or a column."
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="Rows of the table and of --json (0: all).", min=0)] = 20,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=f"A file for all words: {either(list(TABLES))}.")
    ] = None,
    as_json: options.Json = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
) -> None:
    """Rank the words by their importance to the whole model.

    Without DATA by the weights alone: equation-1 is a weighted l1 norm of the word's vector, slots sums what the word
    gives each slot of each filter. With DATA also by evidence: how much the word moves the logits of a
    document, on average, for each class; strength is that of one occurrence, adds the same with its sign.

    Examples:

      convlens words model

      convlens words model mr --by positive --top 50

      convlens words model reviews.csv -o words.parquet
    """
    if output is not None:
        check_table(output)
    classifier = load(model)
    order = by or ("evidence" if data else "equation-1")
    if order in classifier.labels:
        order = f"evidence:{order}"
    if data is None and order not in (*IMPORTANCES[:2], "printed"):
        raise InputError(
            f"cannot order words by {by!r} without DATA: choose equation-1 or slots, or give DATA"
        )
    columns = Columns(text, label, max_classes=None)
    corpus = None
    if data is not None:
        corpus = read_test(data, columns, labelled=False, allow_rejects=allow_rejects)
    if output is not None:
        check_target(output, force=force)
    frame = (
        evidence_table(classifier, corpus.texts, order)
        if corpus is not None
        else word_table(classifier, order)
    )
    if output is not None:
        write_table(frame, output)
        say(f"wrote {output}: {len(frame):,} words")
    shown = frame.head(top) if top else frame
    if as_json:
        put_json(shown.to_dicts())
    elif output is None:
        out.print(frame_table(_narrow(shown), f"{len(frame):,} words by {order}"))


def _narrow(frame: pl.DataFrame) -> pl.DataFrame:
    """What fits on a screen: with evidence the class that a word adds most to, in the place of a column for each."""
    adds = [name for name in frame.columns if name.startswith("adds:")]
    if not adds:
        return frame
    best = frame.select(adds).to_numpy().argmax(1)
    speaks = pl.Series("speaks for", [adds[i].removeprefix("adds:") for i in best], pl.String)
    return frame.select("rank", "word", "printed", "slots", "occurrences", "evidence", "strength", speaks)
