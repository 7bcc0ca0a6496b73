"""`convlens explain MODEL --file FILE -o FOLDER`: all texts of a file, into a folder of Parquet."""

import sys
from contextlib import redirect_stdout
from pathlib import Path

from convlens.cli.console import err, say
from convlens.errors import InputError
from convlens.models import load
from convlens.scan import Counts, ScanBar, ScanConfig, begun_anew, scan


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
            return scan(classifier, file, folder, config, existing=existing, watch=bar)
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
