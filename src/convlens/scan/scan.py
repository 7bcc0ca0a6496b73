"""The loop: read a batch, explain it, write its part."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from convlens.data import Batch
from convlens.errors import InputError
from convlens.explain import attribute_texts
from convlens.files import check_target, replacing_folder
from convlens.models import Classifier
from convlens.scan.alone import alone
from convlens.scan.config import ScanConfig
from convlens.scan.manifest import Counts, Manifest, check_same, fingerprint, read_manifest
from convlens.scan.parts import foreign, remove_temporary, whole_parts, words_in, write_part
from convlens.scan.tables import tables
from convlens.scan.watch import ScanWatch, default_watch
from convlens.trace import vocabulary_table

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

EXISTING = ("refuse", "resume", "replace")


def scan(
    classifier: Classifier,
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    config: ScanConfig = ScanConfig(),  # noqa: B008 (frozen)
    *,
    existing: str = "refuse",
    watch: ScanWatch | None = None,
) -> Counts:
    """Explain every text of a file into a folder of Parquet parts, in memory that does not grow with it.

    `existing` tells what to do where the folder exists: "refuse", "resume" a scan that was stopped, or
    "replace" a scan. A resumed scan ends with the same bytes as one that was never stopped. Raises
    `InputError` for what cannot be read or explained, before anything is written, and while another process
    scans into the folder.
    """
    source, folder = Path(source), Path(folder)
    if existing not in EXISTING:
        raise InputError(f"unknown {existing!r} for an existing folder: choose one of {', '.join(EXISTING)}")
    if config.target is not None:
        classifier.target(config.target)
    opened = config.open(source)
    begun = fingerprint(classifier, source, config)
    with alone(folder):
        done = _prepare(folder, Manifest(begun), existing)
    if done is not None:
        return done
    counts, table = Counts(), vocabulary_table(classifier.model, config.backend)
    with alone(folder), watch or default_watch() as told:
        told.on_start(opened)
        for batch in opened:
            counts = counts.plus(batch, _part((classifier, table), batch, folder, config, told))
    if fingerprint(classifier, source, config) != begun:
        raise InputError(f"{source} changed while it was read: scan it again, into another folder or --force")
    Manifest(begun, counts).write(folder)
    return counts


def _prepare(folder: Path, manifest: Manifest, existing: str) -> Counts | None:
    """Make the folder, or accept the one to resume; its counts where nothing is left to do."""
    if existing == "resume" and folder.exists():
        begun = read_manifest(folder)
        check_same(folder, begun.fingerprint, manifest.fingerprint)
        remove_temporary(folder)
        if begun.counts is not None and whole_parts(folder) == begun.counts.parts:
            return begun.counts
        manifest.write(folder)
        return None
    if existing == "refuse" and folder.exists():
        raise InputError(f"{folder} exists: --resume to go on with a scan, --force to replace it")
    check_target(folder, force=True)
    if folder.exists():
        _check_replaceable(folder)
    with replacing_folder(folder) as place:
        manifest.write(place)
    return None


def _check_replaceable(folder: Path) -> None:
    read_manifest(folder)
    name = foreign(folder)
    if name is not None:
        raise InputError(
            f"{folder} holds {name}, which no scan wrote, so it is not replaced: give another path"
        )


def _part(
    by: tuple[Classifier, "SlotTable | None"],
    batch: Batch,
    folder: Path,
    config: ScanConfig,
    watch: ScanWatch,
) -> int:
    """Write the part of a batch, unless it is there; return its number of words."""
    there = words_in(folder, batch)
    if there is not None:
        watch.on_skip(batch)
        return there
    classifier, table = by
    tokens = [classifier.tokenizer.encode(text) for text in batch.texts]
    found = attribute_texts(classifier, tokens, method=config.method, table=table, backend=config.backend)
    made = tables(classifier.labels, batch, found, config)
    write_part(folder, batch.number, made)
    watch.on_part(batch, sum(len(t.ids) for t in tokens))
    return len(made.words)
