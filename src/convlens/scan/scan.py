"""The loop: take part after part from an engine, write it, count it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.explain import find_method
from convlens.files import (
    beside,
    check_target,
    destination,
    discard,
    failing_clearly,
    move_over,
    recover,
    replacing_folder,
    tidy,
)
from convlens.models import Classifier, one_layer
from convlens.scan.alone import alone
from convlens.scan.config import ScanConfig
from convlens.scan.making import Job, Part, parts_here
from convlens.scan.manifest import Counts, Manifest, check_same, fingerprint, read_manifest
from convlens.scan.parts import check_whole, foreign, lost_part, remove_temporary, write_part
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
    "replace" a scan, which stays until the new one is whole. A resumed scan ends with the same bytes as one that was never
    stopped. Raises `InputError` for what cannot be read or explained, before anything is written, while another process
    scans into the folder, and where parts are lost meanwhile.
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
    begun = Manifest(fingerprint(classifier, source, config))
    place = _place(folder, begun, existing)
    with _parts(Job(classifier, source, place, config)) as parts:
        with alone(folder, place):
            done = _prepare(folder, place, begun, existing)
            if done is not None and (has_summary(place) or not config.summary):
                _finish(place, folder)
                return done
        with alone(folder, place), watch or default_watch() as told:
            told.on_start(opened)
            counts = Counts()
            for part in parts:
                _keep(part, place, told)
                counts = counts.plus(part.batch, part.words)
            if fingerprint(classifier, source, config) != begun.fingerprint:
                raise InputError(
                    f"{source} changed while it was read: scan it again, into another folder or --force"
                )
            if config.summary:
                write_summary(classifier, place, counts.parts)
            check_whole(place, counts)
            Manifest(begun.fingerprint, counts).write(place)
            _finish(place, folder)
    return counts


def begun_anew(folder: Path) -> Path:
    """Where the scan lies that replaces the one in `folder`, until it is whole."""
    return beside(destination(folder), "anew")


def _parts(job: Job) -> AbstractContextManager[Iterator[Part]]:
    """The parts by the engine of the job; what Ray lacks is said before anything is written."""
    if job.config.engine == "local":
        return parts_here(job)
    from convlens.scan.on_ray import parts_on_ray

    return parts_on_ray(job)


def _place(folder: Path, begun: Manifest, existing: str) -> Path:
    """Where the parts are written: beside the scan that is to be replaced, or in the folder itself."""
    recover(folder)
    anew = begun_anew(folder)
    if existing == "replace":
        return anew if folder.exists() else folder
    resumed = existing == "resume" and anew.exists() and read_manifest(anew).fingerprint == begun.fingerprint
    return anew if resumed else folder


def _prepare(folder: Path, place: Path, begun: Manifest, existing: str) -> Counts | None:
    """Make the folder that parts are written to, or accept the one to resume; its counts where it has all parts."""
    if existing == "resume" and place.exists():
        before = read_manifest(place)
        check_same(place, before.fingerprint, begun.fingerprint)
        with failing_clearly(place):
            remove_temporary(place)
        if before.counts is not None and lost_part(place, before.counts) is None:
            return before.counts
        begun.write(place)
        return None
    if existing == "refuse" and folder.exists():
        raise InputError(f"{folder} exists: --resume to go on with a scan, --force to replace it")
    check_target(folder, force=True, folder=True)
    stale = begun_anew(folder)
    for old in (folder, stale):
        if old.exists():
            _check_replaceable(old)
    if stale.exists():
        discard(stale)
    with replacing_folder(place) as new:
        begun.write(new)
    return None


def _finish(place: Path, folder: Path) -> None:
    """Let a whole scan take the place of the one that it replaces, and remove what kills left of that.

    Where both were whole they may have changed places before a kill; one that is not whole may still be wanted.
    """
    anew = begun_anew(folder)
    with failing_clearly(folder):
        tidy(folder)
        if place != folder:
            move_over(place, destination(folder))
        if anew.exists() and (place != folder or read_manifest(anew).counts is not None):
            discard(anew)


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
