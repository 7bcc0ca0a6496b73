"""`convlens attack`: how easily is a decision turned, and when is it certain that it is not?"""

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convlens.attack import ATTACKS, RANDOM, AttackConfig, Attacks, Certificates, CertifyConfig, segments
from convlens.attack import attack as run_attack
from convlens.attack import certify as run_certify
from convlens.cli import options
from convlens.cli.console import err, out, put_json, say
from convlens.cli.reading import Reading, say_rows
from convlens.data import Columns
from convlens.errors import InputError
from convlens.files import TABLES, check_table, check_target, either
from convlens.models import Classifier, load
from convlens.progress import ProgressBar
from convlens.shown import visible

EXAMPLES = 3  # shown of each order
BROKEN = 1  # exit code: the answer is no


def attack(
    model: options.Model,
    data: options.Data,
    text: options.Text = None,
    label: options.Label = None,
    of_label: options.OfLabel = None,
    kind: Annotated[
        str | None, typer.Option("--attack", help=f"One of {', '.join(ATTACKS)} (default: typo).")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(
            help=f"Typos: methods of 'convlens explain', exact, {RANDOM}. Swaps: exact, gradient, {RANDOM}. "
            f"Insertions: possible, natural, {RANDOM}. Several with commas (default: those that fit)."
        ),
    ] = None,
    edits: Annotated[
        int | None,
        typer.Option(help="Most edits of a document (default: 10, and 1 with --certify).", min=1),
    ] = None,
    certify: Annotated[
        bool, typer.Option("--certify", help="Prove that swaps and deletions of words turn no decision.")
    ] = False,
    nearest: Annotated[
        int | None,
        typer.Option(help="Swap a word only for one of so many nearest ones (default: any word).", min=1),
    ] = None,
    beam: Annotated[int | None, typer.Option(help="Swaps followed at every step.", min=1)] = None,
    target: Annotated[
        str | None, typer.Option(help="The label to reach (default: any but the true one).")
    ] = None,
    documents: Annotated[int, typer.Option(help="Documents drawn by the seed (0: all).", min=0)] = 1000,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help=f"A file for what became of every document: {either(list(TABLES))}."
        ),
    ] = None,
    as_json: options.Json = False,
    all_rows: options.AllRows = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
) -> None:
    """Attack the documents that the model has right, or prove that nobody can.

    Rows of DATA that the model was trained on are set aside. Success counts where the model itself reads the changed text and decides otherwise. Exit code 0 after an attack, however
    many succeed. With --certify 1 where any document breaks, 0 where none does.

    Examples:

      convlens attack model test.csv

      convlens attack model mr --order words,sensitivity,random --edits 5 -o attacks.parquet

      convlens attack model mr --attack swap --nearest 10 --beam 4 --documents 100

      convlens attack model mr --attack insertion

      convlens attack model mr --certify --nearest 10
    """
    chosen = {"nearest": nearest, "documents": documents or None, "seed": seed, "edits": edits}
    others = {"attack": kind, "orders": _names(order), "beam": beam, "target": target}
    settings = _settings(certify, {**chosen, **others})
    if output is not None:
        check_table(output)
    classifier = load(model)
    reading = Reading(
        Columns(text, label, max_classes=None), allow_rejects=allow_rejects, whole=all_rows, of_label=of_label
    )
    rows = reading.measured(classifier, data)
    classifier = reading.decision(classifier)
    _check_fits(classifier, settings)
    if output is not None:
        check_target(output, force=force)
    say_rows(rows)
    watch = ProgressBar(err, quiet=quiet)
    results: Attacks | Certificates
    if isinstance(settings, CertifyConfig):
        results = run_certify(classifier, rows.corpus, settings, watch=watch)
    else:
        results = run_attack(classifier, rows.corpus, settings, watch=watch)
    if output is not None:
        results.write(output)
        say(f"wrote {output}")
    if as_json:
        put_json({"data": rows.to_dict(), **results.to_dict()})
    elif output is None:
        out.print(_attacked(results) if isinstance(results, Attacks) else _certified(results))
    if isinstance(results, Certificates) and results.count("broken"):
        raise typer.Exit(BROKEN)


def _names(order: str | None) -> tuple[str, ...] | None:
    return None if order is None else tuple(name.strip() for name in order.split(","))


def _settings(certify: bool, options: dict[str, Any]) -> AttackConfig | CertifyConfig:
    """The settings from the options that were given; those of attacks go with no certificate."""
    wanted = {name: value for name, value in options.items() if value is not None or name == "documents"}
    if not certify:
        return AttackConfig(**wanted)
    if odd := [name for name in ("attack", "orders", "beam", "target") if name in wanted]:
        raise InputError(
            f"--{odd[0].removesuffix('s')} goes with attacks, not with --certify, which tries all swaps and deletions: "
            "leave one of them out"
        )
    return CertifyConfig(**wanted)


def _check_fits(classifier: Classifier, settings: AttackConfig | CertifyConfig) -> None:
    """Refuse orders and labels that the model does not have."""
    if isinstance(settings, AttackConfig):
        settings.chosen(classifier.model)
        if settings.target is not None:
            classifier.target(settings.target)


def _attacked(attacks: Attacks) -> RenderableType:
    """The orders, and some documents that each turned with the fewest edits."""
    head = (
        f"{attacks.documents:,} documents drawn, {attacks.attackable:,} attackable: classified correctly"
        + ("" if attacks.config.target is None else " and not of the target class")
        + f"; up to {attacks.config.edits:,} edits each\n"
    )
    table = _table("order", "turned", "of them", "mean edits", "ms a document", "unrealised edits")
    for row in attacks.totals.iter_rows(named=True):
        edits = "" if row["mean_edits"] is None else f"{row['mean_edits']:.2f}"
        table.add_row(
            row["order"],
            f"{row['success_rate']:.1%}",
            f"{row['successes']:,}",
            edits,
            f"{row['milliseconds_per_document']:.2f}",
            f"{row['unrealised']:,}",
        )
    parts = [
        part
        for order in attacks.totals["order"]
        for part in _examples(order, attacks.rows.filter("success", order=order))
    ]
    return Group(Text(head), table, *parts)


def _certified(certificates: Certificates) -> RenderableType:
    """How many documents have which verdict, and some that break."""
    config = certificates.config
    words = "any word" if config.nearest is None else f"one of its {config.nearest:,} nearest words"
    several = "one edit" if config.edits == 1 else f"up to {config.edits:,} edits"
    head = (
        f"{certificates.documents:,} documents drawn, {certificates.attackable:,} classified correctly; "
        f"{several} of each: a word deleted, or swapped for {words}\n"
    )
    table = _table("verdict", "documents", "share")
    for verdict in ("certified", "broken", "unknown"):
        count = certificates.count(verdict)
        table.add_row(verdict, f"{count:,}", f"{count / max(certificates.attackable, 1):.1%}")
    time = Text(f"\n{1000 * certificates.seconds / max(certificates.attackable, 1):.2f} ms a document")
    return Group(Text(head), table, time, *_examples("broken", certificates.rows.filter(verdict="broken")))


def _examples(title: str, rows: pl.DataFrame) -> list[Text]:
    """Documents turned with the fewest edits, changed words marked."""
    shown = rows.sort("edits", "document").head(EXAMPLES)
    head = [Text(f"\n{title}:")] if len(shown) else []
    return [*head, *(_example(row) for row in shown.iter_rows(named=True))]


def _example(row: dict[str, Any]) -> Text:
    line = Text(f"  {visible(row['label'])} -> {visible(row['became'])}: ", style="dim")
    for was, now in segments(row["text"], row["changes"]):
        if was == now:
            line.append(visible(was), style="not dim")
            continue
        line.append("[", style="not dim")
        line.append(visible(was), style="red not dim")
        line.append(" -> " if was and now else "+" if now else " -> (gone)")
        line.append(visible(now.strip()), style="green bold not dim")
        line.append("]" if was else "] ", style="not dim")
    return line


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
