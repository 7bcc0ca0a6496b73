"""What was found as Markdown: a page for each paper, and an index of all exhibits."""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from convlens.decoding import read_json
from convlens.files import write_text
from convlens.papers.artifact import Artifact, Paper, Result, table
from convlens.papers.store import ArtifactStore
from convlens.version import VERSION


@dataclass(frozen=True, kw_only=True)
class Stored(Result):
    """A result, and how it was made."""

    run: dict[str, Any]


def keep(
    store: ArtifactStore, paper: Paper, artifact: Artifact, result: Result, run: Mapping[str, Any]
) -> None:
    """Store a result beside the parts, with how it was made."""
    content = json.dumps({**asdict(result), "run": dict(run)}, indent=1) + "\n"
    write_text(_place(store.folder, paper, artifact), content)


def kept(folder: Path, paper: Paper, artifact: Artifact) -> tuple[Result, dict[str, Any]] | None:
    """A result that was stored, and how it was made."""
    place = _place(folder, paper, artifact)
    if not place.exists():
        return None
    stored = read_json(place, Stored, "remove it, and the exhibit is made again")
    return stored, stored.run


def write_pages(folder: Path, papers: Iterable[Paper]) -> None:
    """A page for each paper of which something was found, and `index.md`; pictures beside them."""
    rows, seconds = [], 0.0
    for paper in papers:
        stored = [(artifact, kept(folder, paper, artifact)) for artifact in paper.artifacts]
        done = [(artifact, *entry) for artifact, entry in stored if entry is not None]
        if done:
            write_text(folder / f"{paper.name}.md", _page(paper, done))
        for artifact, result, run in done:
            seconds += run["seconds"]
            for name, picture in result.figures.items():
                write_text(folder / f"{paper.name}-{name}", picture)
            rows.append(_row(paper, artifact, result))
    head = ("exhibit", "what", "theirs", "ours", "verdict")
    took = f"\nThe times of all exhibits add up to {seconds / 60:,.0f} minutes.\n"
    write_text(
        folder / "index.md", f"# The papers, exhibit by exhibit\n\n{INTRODUCTION}\n{table(head, rows)}{took}"
    )


INTRODUCTION = """Every row is a table or figure of a paper that `convlens reproduce` rebuilt: what the paper tells, what came
out here, and the verdict: *reproduced* where the paper's claim holds here too, or its number within what chance makes, *better* where
ours is beyond that, *differs* where not. The pages say how each was made, and where and why it differs.
"""


def machine(store: ArtifactStore) -> dict[str, Any]:
    """What a result depends on besides its data."""
    packages = ("torch", "numpy", "numba", "scikit-learn")
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "versions": f"convlens {VERSION}, " + ", ".join(f"{name} {version(name)}" for name in packages),
        "seeds": len(store.seeds),
        "quick": store.quick,
    }


def _place(folder: Path, paper: Paper, artifact: Artifact) -> Path:
    return folder / "findings" / f"{paper.name}-{artifact.name}.json"


def _row(paper: Paper, artifact: Artifact, result: Result) -> Sequence[str]:
    link = f"[{paper.name} {artifact.name}]({paper.name}.md#{artifact.name})"
    verdict = f"{result.verdict}: {result.why}" if result.why else result.verdict
    return link, artifact.title, result.theirs, result.ours, verdict


def _page(paper: Paper, done: Sequence[tuple[Artifact, Result, dict[str, Any]]]) -> str:
    notes = "".join(f"- {note}\n" for note in paper.notes)
    unclear = f"\n## Where the paper is unclear, and where ours is not theirs\n\n{notes}" if notes else ""
    parts = [_section(paper, *entry) for entry in done]
    return f"# {paper.title}\n\n[All papers](index.md)\n{unclear}{''.join(parts)}"


def _section(paper: Paper, artifact: Artifact, result: Result, run: Mapping[str, Any]) -> str:
    quick = " --quick" if run["quick"] else f" --seeds {run['seeds']}"
    caveat = (
        " A quick run: subsets and short trainings, not to be compared with theirs." if run["quick"] else ""
    )
    why = f" {result.why[:1].upper()}{result.why[1:]}." if result.why else ""
    return (
        f"\n## {artifact.name}\n\n**{artifact.title}.** Theirs: {result.theirs}. Ours: {result.ours}. "
        f"Verdict: {result.verdict}.{why}{caveat}\n\n{result.body.strip()}\n\n"
        f"`convlens reproduce {paper.name} {artifact.name}{quick}` on {run['date']}, {run['seconds']:,.0f} s beside "
        "parts that exhibits before it had made; "
        f"{run['machine']}; {run['versions']}.\n"
    )
