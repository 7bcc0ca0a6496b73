"""`convlens scan`: why each prediction of a file of any size?"""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.console import err, say
from convlens.errors import InputError
from convlens.files import TABLES, either
from convlens.models import load
from convlens.scan import ENGINES, Counts, ScanBar, ScanConfig, begun_anew
from convlens.scan import scan as write_scan


def scan(
    model: options.Model,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The texts: CSV, TSV, JSONL, Parquet, Arrow, or lines.")
    ],
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder for the scores.")],
    text: options.Text = None,
    method: Annotated[str, options.method()] = "words",
    target: Annotated[str | None, typer.Option(help="Label to explain (default: all of them).")] = None,
    top: Annotated[int | None, typer.Option(help="Strongest words kept of each text (default: all).")] = None,
    backend: options.Backend = "auto",
    summary: Annotated[
        bool, typer.Option("--summary", help="Add up words, filters and classes over the whole file too.")
    ] = False,
    engine: Annotated[
        str, typer.Option(help=f"One of {', '.join(ENGINES)}; ray takes more machines.")
    ] = "local",
    address: Annotated[
        str | None, typer.Option(help="With --engine ray: the cluster (default: a Ray started here).")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="With --engine ray: how many, of one core each (default: all cores).")
    ] = None,
    resume: options.Resume = False,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Explain every text of a file of any size, piece by piece, into a folder of Parquet.

    Memory does not grow with the file, but for a CSV, which is read whole.
    After a kill --resume goes on to the same bytes, with any engine. In Python convlens.read_scan reads the folder.

    Examples:

      convlens scan model big.parquet -o scan

      convlens scan model big.parquet -o scan --top 20 --resume

      convlens scan model big.parquet -o scan --summary --engine ray
    """
    if folder.suffix.lower() in TABLES:
        raise InputError(
            f"{folder} is named as a table, and a scan writes a folder: give a name without {folder.suffix}, "
            "or call 'convlens explain MODEL --file FILE' for a table"
        )
    existing = existing_folder(resume=resume, force=force)
    config = ScanConfig(
        *(method, target, top, text),
        backend=backend,
        summary=summary,
        engine=engine,
        address=address,
        workers=workers,
    )
    counts = scan_file(model, file, folder, config, existing=existing, quiet=quiet)
    tell(counts, file, folder, allow_rejects=allow_rejects)


def check_source(file: Path | None, folder: Path, *, other: bool) -> Path:
    """The --file of `convlens explain`, where its --output is the folder of a scan; `other` are options that a scan has not."""
    if file is None or other:
        raise InputError(
            f"{folder} does not end in {either(list(TABLES))}, so it is the folder of a scan, which takes a file "
            "and no TEXT, --html or --json: name a table, or call 'convlens scan MODEL FILE -o FOLDER'"
        )
    return file


def scan_file(
    model: Path, file: Path, folder: Path, config: ScanConfig, *, existing: str, quiet: bool
) -> Counts:
    """Scan a file."""
    classifier = load(model)
    if existing == "resume" and not folder.exists() and not begun_anew(folder).exists():
        say(f"nothing to resume for {folder}: starting from the beginning")
    try:
        bar = ScanBar(err, quiet=quiet)
        with redirect_stdout(sys.stderr):  # Ray tells of dead workers on stdout
            return write_scan(classifier, file, folder, config, existing=existing, watch=bar)
    except KeyboardInterrupt:
        hint = "" if not folder.exists() else ": go on with the same command and --resume"
        if existing == "replace" and begun_anew(folder).exists():
            hint = f", {folder} is as it was: go on with --resume in the place of --force"
        raise KeyboardInterrupt(f"interrupted{hint}") from None


def existing_folder(*, resume: bool, force: bool) -> str:
    """What to do where the folder exists."""
    if resume and force:
        raise InputError("both --resume and --force were given: go on with the scan, or replace it")
    return "resume" if resume else "replace" if force else "refuse"


def tell(counts: Counts, file: Path, folder: Path, *, allow_rejects: bool) -> None:
    """Say what came of a scan; `InputError` where too few of its rows could be used."""
    rows = counts.documents + counts.rejected
    aside = f"{file.name}: set aside {counts.rejected:,} of {rows:,} rows, the first in {counts.first}"
    if not counts.documents:
        raise InputError(f"{aside}; none can be used, {folder} lists them")
    if counts.rejected:
        say(f"{aside}; {folder} lists them")
    say(f"wrote {folder} ({counts.documents:,} documents, {counts.words:,} scored, {counts.parts:,} parts)")
    if counts.doubtful and not allow_rejects:
        raise InputError(
            f"over a tenth of {file.name} is set aside, all else is in {folder}: mend the file and scan it with "
            "--force, or accept the scan with --allow-rejects and --resume"
        )
