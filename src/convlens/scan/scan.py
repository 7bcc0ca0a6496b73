"""The loop: take part after part from an engine, write it, count it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.explain import find_method
from convlens.files import check_target, replacing_folder
from convlens.models import Classifier, one_layer
from convlens.scan.alone import alone
from convlens.scan.config import ScanConfig
from convlens.scan.making import Job, Part, parts_here
from convlens.scan.manifest import Counts, Manifest, check_same, fingerprint, read_manifest
from convlens.scan.parts import foreign, remove_temporary, whole_parts, write_part
from convlens.scan.summary import has_summary, write_summary
from convlens.scan.watch import ScanWatch, default_watch

EXISTING = ("refuse", "resume", "replace")


@checked
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

    The engine of `config` tells where: here, or on the machines of a Ray cluster, with the same result.
    `existing` tells what to do where the folder exists: "refuse", "resume" a scan that was stopped, or
    "replace" a scan. A resumed scan ends with the same bytes as one that was never stopped. Raises
    `InputError` for what cannot be read or explained, before anything is written, and while another process
    scans into the folder.
    """
    source, folder = Path(source), Path(folder)
    if existing not in EXISTING:
        raise InputError(f"unknown {existing!r} for an existing folder: choose one of {', '.join(EXISTING)}")
    find_method(config.method, classifier.model)
    if config.summary:
        one_layer(classifier.model, "a summary")
    if config.target is not None:
        classifier.target(config.target)
    opened = config.open(source)
    begun = fingerprint(classifier, source, config)
    with _parts(Job(classifier, source, folder, config)) as parts:
        with alone(folder):
            done = _prepare(folder, Manifest(begun), existing, summary=config.summary)
        if done is not None:
            return done
        counts = Counts()
        with alone(folder), watch or default_watch() as told:
            told.on_start(opened)
            for part in parts:
                _keep(part, folder, told)
                counts = counts.plus(part.batch, part.words)
            if fingerprint(classifier, source, config) != begun:
                raise InputError(
                    f"{source} changed while it was read: scan it again, into another folder or --force"
                )
            if config.summary:
                write_summary(classifier, folder, counts.parts)
            Manifest(begun, counts).write(folder)
    return counts


def _parts(job: Job) -> AbstractContextManager[Iterator[Part]]:
    """The parts by the engine of the job; what Ray lacks is said before anything is written."""
    if job.config.engine == "local":
        return parts_here(job)
    from convlens.scan.on_ray import parts_on_ray

    return parts_on_ray(job)


def _prepare(folder: Path, manifest: Manifest, existing: str, *, summary: bool) -> Counts | None:
    """Make the folder, or accept the one to resume; its counts where nothing is left to do."""
    if existing == "resume" and folder.exists():
        begun = read_manifest(folder)
        check_same(folder, begun.fingerprint, manifest.fingerprint)
        remove_temporary(folder)
        whole = begun.counts is not None and whole_parts(folder) == begun.counts.parts
        if whole and (has_summary(folder) or not summary):
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


def _keep(part: Part, folder: Path, watch: ScanWatch) -> None:
    """Write a part, unless it is there."""
    if part.files is None:
        watch.on_skip(part.batch)
        return
    write_part(folder, part.batch.number, part.files)
    watch.on_part(part.batch, part.tokens)
