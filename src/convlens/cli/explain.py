"""`convlens explain`: why this prediction?"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from convlens.cli import options
from convlens.cli.console import out, put, say
from convlens.cli.reading import read_texts
from convlens.errors import InputError
from convlens.explain import METHODS, Explanation, explain_all, find_method
from convlens.files import check_target, replacing_file, write_text
from convlens.models import load

AT_ONCE = 256  # texts explained before the first is printed
PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>ConvLens explanations</title><style>body{{margin:2em auto;max-width:48em;padding:0 1em}}"
    ".convlens+.convlens{{margin-top:2em}}</style>{fragments}\n"
)


def explain(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    method: Annotated[str, typer.Option(help=f"One of {', '.join(METHODS)}.")] = "words",
    target: Annotated[str | None, typer.Option(help="Label to explain (default: the predicted one).")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each text.")
    ] = False,
    html: Annotated[Path | None, typer.Option(help="Write the heatmaps to this page.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the scores to a .parquet or .csv file.")
    ] = None,
    force: options.Force = False,
) -> None:
    """Split the logits of each text exactly into its words or n-grams.

    Examples:

      convlens explain model "What a good movie"

      convlens explain model "What a good movie" --json | jq .scores

      convlens explain model --file new.csv --method ngrams -o scores.parquet
    """
    find_method(method)
    for path in (html, output):
        if path is not None:
            check_target(path, force=force)
    write = None if output is None else _writer(output)
    classifier = load(model)
    found = read_texts(texts, file, text)
    batches = (found[i : i + AT_ONCE] for i in range(0, len(found), AT_ONCE))
    explanations = (e for b in batches for e in explain_all(classifier, b, method=method, target=target))
    kept = _print(explanations, as_json=as_json, keep=bool(html or output))
    if html is not None:
        write_text(html, PAGE.format(fragments="\n".join(e.to_html() for e in kept)))
        say(f"wrote {html}")
    if write is not None and output is not None:
        with replacing_file(output) as place:
            write(_frame(kept), place)
        say(f"wrote {output}")


def _print(explanations: Iterator[Explanation], *, as_json: bool, keep: bool) -> Sequence[Explanation]:
    """Print each as it comes, or keep them for files; JSON is printed in both cases."""
    kept = []
    for number, explanation in enumerate(explanations):
        if as_json:
            put(explanation.to_json())
        elif not keep:
            out.print(*([""] if number else []), explanation, sep="\n")
        if keep:
            kept.append(explanation)
    return kept


def _frame(explanations: Sequence[Explanation]) -> pl.DataFrame:
    """The tokens of all texts, each with the number of its text."""
    frames = [e.to_frame().insert_column(0, pl.lit(i).alias("document")) for i, e in enumerate(explanations)]
    return pl.concat(frames)


def _writer(path: Path) -> Callable[[pl.DataFrame, Path], None]:
    if path.suffix not in WRITERS:
        raise InputError(f"cannot write {path}: expected a name that ends in {' or '.join(WRITERS)}")
    return WRITERS[path.suffix]


def _parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _csv(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path)


WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {".parquet": _parquet, ".csv": _csv}
