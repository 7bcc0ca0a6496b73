"""`convlens reproduce`: the papers' tables and figures, rebuilt."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from convlens.cli import options
from convlens.cli.console import err, out, put_json, say
from convlens.papers import PAPERS, Artifact, ArtifactStore, Paper, Reproduction, find_paper
from convlens.papers import reproduce as rebuild
from convlens.shown import visible

SKIPPED = 1


def reproduce(
    paper: Annotated[
        str | None, typer.Argument(metavar="[PAPER]", help="A paper, or all (none: list them).")
    ] = None,
    exhibits: Annotated[
        list[str] | None, typer.Argument(metavar="[EXHIBIT]...", help="Tables and figures (none: all of it).")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for pages, parts and models.")
    ] = Path("reproduced"),
    seeds: Annotated[int, typer.Option(help="Trainings of each kind, where it is cheap.", min=1)] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few rows and one seed: minutes, not hours.")
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Write tables and verdicts anew, of the parts that are there.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Rebuild the tables and figures of the papers, ours beside theirs.

    What is finished in the folder is kept: a run that was stopped goes on where it was. A data set that is not to be had skips
    its exhibits, with exit code 1.

    Examples:

      convlens reproduce

      convlens reproduce arras2016 figure1 -o pages

      convlens reproduce all --seeds 5 -o pages
    """
    if paper is None:
        _list(as_json)
        return
    chosen = _chosen(paper, exhibits or [])
    store = ArtifactStore(output, quick, seeds, (lambda line: None) if quiet else _tell)
    reproductions = rebuild(store, chosen, list(PAPERS.values()), anew=anew)
    if as_json:
        put_json([_row(reproduction) for reproduction in reproductions])
    else:
        out.print(_table(reproductions))
    say(f"wrote {output / 'index.md'}")
    missing = dict.fromkeys(line for reproduction in reproductions for line in reproduction.skipped)
    for line in missing:
        say(f"convlens: {line}")
    if missing:
        raise typer.Exit(SKIPPED)


def _chosen(paper: str, exhibits: list[str]) -> list[tuple[Paper, Artifact]]:
    papers = list(PAPERS.values()) if paper == "all" and not exhibits else [find_paper(paper)]
    return [(one, artifact) for one in papers for artifact in one.find(exhibits)]


def _tell(line: str) -> None:
    if err.is_terminal:
        say(line)


def _list(as_json: bool) -> None:
    rows = [(p.name, e.name, e.title, ", ".join(e.data)) for p in PAPERS.values() for e in p.artifacts]
    names = ("paper", "exhibit", "title", "data")
    if as_json:
        put_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    out.print(_filled(names, rows))


def _table(reproductions: list[Reproduction]) -> Table:
    rows = [list(map(str, _row(reproduction).values())) for reproduction in reproductions]
    return _filled(("paper", "exhibit", "theirs", "ours", "verdict", "why"), rows)


def _filled(names: tuple[str, ...], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    return table


def _row(reproduction: Reproduction) -> dict[str, str]:
    result = reproduction.result
    cells = (
        ("", "", "skipped", "its data is missing")
        if result is None
        else (result.theirs, result.ours, result.verdict, result.why)
    )
    names = ("paper", "exhibit", "theirs", "ours", "verdict", "why")
    return dict(zip(names, (reproduction.paper.name, reproduction.artifact.name, *cells), strict=True))
