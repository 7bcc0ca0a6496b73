"""Artifacts rebuilt one after the other, those that are finished left alone, and the pages written."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from convlens.papers.artifact import Artifact, Paper, Result
from convlens.papers.pages import keep, kept, machine, write_pages
from convlens.papers.store import ArtifactStore


@dataclass(frozen=True)
class Reproduction:
    """What became of an artifact: a result, or the reasons why it was skipped."""

    paper: Paper
    artifact: Artifact
    result: Result | None
    skipped: tuple[str, ...] = ()


def reproduce(
    store: ArtifactStore,
    chosen: Sequence[tuple[Paper, Artifact]],
    papers: Sequence[Paper],
    *,
    anew: bool = False,
) -> list[Reproduction]:
    """Rebuild artifacts into the folder of an `ArtifactStore`; the pages are those of all `papers` that it holds.

    Artifacts that are there stay, or are made `anew` of the parts that are there; their seconds add up.
    """
    reproductions = []
    for paper, artifact in chosen:
        reproductions.append(_one(store, paper, artifact, anew=anew))
        write_pages(store.folder, papers)
    return reproductions


def _one(store: ArtifactStore, paper: Paper, artifact: Artifact, *, anew: bool) -> Reproduction:
    if (stored := kept(store.folder, paper, artifact)) and not anew:
        return Reproduction(paper, artifact, stored[0])
    if missing := store.missing(artifact.data):
        return Reproduction(paper, artifact, None, tuple(missing))
    store.tell(f"{paper.name} {artifact.name}: {artifact.title}")
    begin = time.perf_counter()
    result = artifact.make(store)
    before = stored[1]["seconds"] if stored else 0.0
    run = {**machine(store), "date": str(date.today()), "seconds": before + time.perf_counter() - begin}
    keep(store, paper, artifact, result, run)
    return Reproduction(paper, artifact, result)
