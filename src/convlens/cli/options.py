"""Arguments and options that several commands share, so that they are named and explained once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from convlens.trace import BACKENDS

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that 'convlens fit' wrote.")]
Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A CSV, TSV, JSONL, Parquet or Arrow file, hub:NAME, or a named data set "
        "(mr, imdb, ag_news, 20newsgroups, elec, yelp, demo).",
    ),
]
Texts = Annotated[
    list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts; or --file, or lines on stdin.")
]
File = Annotated[Path | None, typer.Option("--file", "-f", help="Read the texts from a file (as DATA).")]
Text = Annotated[str | None, typer.Option("--text", help="Column with the texts (default: text).")]
Label = Annotated[str | None, typer.Option("--label", help="Column with the labels (default: label).")]
LabelSeparator = Annotated[
    str | None,
    typer.Option(
        help="A text has several labels or none: this mark stands between them (';'), or they are lists."
    ),
]
OfLabel = Annotated[
    str | None, typer.Option("--of-label", help="Of a model of several labels at once: the one to ask about.")
]
Target = Annotated[str | None, typer.Option(help="Label to explain (default: the predicted one).")]
Backend = Annotated[str, typer.Option(help=f"What traces: one of {', '.join(BACKENDS)}.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each text.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
Rejects = Annotated[
    Path | None, typer.Option("--rejects", help="Write rows set aside here (.jsonl or .csv).")
]
AllowRejects = Annotated[
    bool, typer.Option("--allow-rejects", help="Go on even if over 10 % of the rows are set aside.")
]
AllRows = Annotated[
    bool,
    typer.Option(
        "--all-rows", help="Measure rows that the model was trained on too (default: they are set aside)."
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with a run that was killed.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]
Seed = Annotated[int, typer.Option(help="Same seed, same bits.")]


def method() -> Any:
    """The option `--method`: a function, so that commands without it need not load the methods."""
    from convlens.explain import METHODS

    extra = ", ".join(name for name, one in METHODS.items() if one.extra)
    return typer.Option(help=f"One of {', '.join(METHODS)}. {extra} need the extra convlens\\[captum].")
