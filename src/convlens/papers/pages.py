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
from convlens.papers.exhibit import Exhibit, Finding, Paper, table
from convlens.papers.lab import Lab
from convlens.version import VERSION


@dataclass(frozen=True, kw_only=True)
class Stored(Finding):
    """A finding, and how it was made."""

    run: dict[str, Any]


def keep(lab: Lab, paper: Paper, exhibit: Exhibit, finding: Finding, run: Mapping[str, Any]) -> None:
    """Store a finding beside the parts, with how it was made."""
    content = json.dumps({**asdict(finding), "run": dict(run)}, indent=1) + "\n"
    write_text(_place(lab.folder, paper, exhibit), content)


def kept(folder: Path, paper: Paper, exhibit: Exhibit) -> tuple[Finding, dict[str, Any]] | None:
    """A finding that was stored, and how it was made."""
    place = _place(folder, paper, exhibit)
    if not place.exists():
        return None
    stored = read_json(place, Stored, "remove it, and the exhibit is made again")
    return stored, stored.run


def write_pages(folder: Path, papers: Iterable[Paper]) -> None:
    """A page for each paper of which something was found, and `index.md`; pictures beside them."""
    rows, seconds = [], 0.0
    for paper in papers:
        found = [(exhibit, kept(folder, paper, exhibit)) for exhibit in paper.exhibits]
        done = [(exhibit, *entry) for exhibit, entry in found if entry is not None]
        if done:
            write_text(folder / f"{paper.name}.md", _page(paper, done))
        for exhibit, finding, run in done:
            seconds += run["seconds"]
            for name, picture in finding.figures.items():
                write_text(folder / f"{paper.name}-{name}", picture)
            rows.append(_row(paper, exhibit, finding))
    head = ("exhibit", "what", "theirs", "ours", "verdict")
    took = f"\nThe times of all exhibits add up to {seconds / 60:,.0f} minutes.\n"
    write_text(
        folder / "index.md", f"# The papers, exhibit by exhibit\n\n{INTRODUCTION}\n{table(head, rows)}{took}"
    )


INTRODUCTION = """Every row is a table or figure of a paper that `convlens reproduce` rebuilt: what the paper tells, what came
out here, and the verdict: *reproduced* where the paper's claim holds here too, or its number within what chance makes, *better* where
ours is beyond that, *differs* where not. The pages say how each was made, and where and why it differs.
"""


def machine(lab: Lab) -> dict[str, Any]:
    """What a finding depends on besides its data."""
    packages = ("torch", "numpy", "numba", "scikit-learn")
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "versions": f"convlens {VERSION}, " + ", ".join(f"{name} {version(name)}" for name in packages),
        "seeds": len(lab.seeds),
        "quick": lab.quick,
    }


def _place(folder: Path, paper: Paper, exhibit: Exhibit) -> Path:
    return folder / "findings" / f"{paper.name}-{exhibit.name}.json"


def _row(paper: Paper, exhibit: Exhibit, finding: Finding) -> Sequence[str]:
    link = f"[{paper.name} {exhibit.name}]({paper.name}.md#{exhibit.name})"
    verdict = f"{finding.verdict}: {finding.why}" if finding.why else finding.verdict
    return link, exhibit.title, finding.theirs, finding.ours, verdict


def _page(paper: Paper, done: Sequence[tuple[Exhibit, Finding, dict[str, Any]]]) -> str:
    notes = "".join(f"- {note}\n" for note in paper.notes)
    told = f"\n## Where the paper is unclear, and where ours is not theirs\n\n{notes}" if notes else ""
    parts = [_section(paper, *one) for one in done]
    return f"# {paper.title}\n\n[All papers](index.md)\n{told}{''.join(parts)}"


def _section(paper: Paper, exhibit: Exhibit, finding: Finding, run: Mapping[str, Any]) -> str:
    quick = " --quick" if run["quick"] else f" --seeds {run['seeds']}"
    told = (
        " A quick run: subsets and short trainings, not to be compared with theirs." if run["quick"] else ""
    )
    why = f" {finding.why[:1].upper()}{finding.why[1:]}." if finding.why else ""
    return (
        f"\n## {exhibit.name}\n\n**{exhibit.title}.** Theirs: {finding.theirs}. Ours: {finding.ours}. "
        f"Verdict: {finding.verdict}.{why}{told}\n\n{finding.body.strip()}\n\n"
        f"`convlens reproduce {paper.name} {exhibit.name}{quick}` on {run['date']}, {run['seconds']:,.0f} s beside "
        "parts that exhibits before it had made; "
        f"{run['machine']}; {run['versions']}.\n"
    )
