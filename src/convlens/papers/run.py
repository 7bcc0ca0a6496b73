"""Exhibits rebuilt one after the other, those that are finished left alone, and the pages written."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from convlens.papers.exhibit import Exhibit, Finding, Paper
from convlens.papers.lab import Lab
from convlens.papers.pages import keep, kept, machine, write_pages


@dataclass(frozen=True)
class Outcome:
    """What became of an exhibit: a finding, or the reasons why it was skipped."""

    paper: Paper
    exhibit: Exhibit
    finding: Finding | None
    skipped: tuple[str, ...] = ()


def reproduce(
    lab: Lab, chosen: Sequence[tuple[Paper, Exhibit]], papers: Sequence[Paper], *, anew: bool = False
) -> list[Outcome]:
    """Rebuild exhibits into the folder of a `Lab`; the pages are those of all `papers` that it holds.

    Exhibits that are there stay, or are made `anew` of the parts that are there; their seconds add up.
    """
    outcomes = []
    for paper, exhibit in chosen:
        outcomes.append(_one(lab, paper, exhibit, anew=anew))
        write_pages(lab.folder, papers)
    return outcomes


def _one(lab: Lab, paper: Paper, exhibit: Exhibit, *, anew: bool) -> Outcome:
    if (found := kept(lab.folder, paper, exhibit)) and not anew:
        return Outcome(paper, exhibit, found[0])
    if missing := lab.missing(exhibit.data):
        return Outcome(paper, exhibit, None, tuple(missing))
    lab.tell(f"{paper.name} {exhibit.name}: {exhibit.title}")
    begin = time.perf_counter()
    finding = exhibit.make(lab)
    before = found[1]["seconds"] if found else 0.0
    run = {**machine(lab), "date": str(date.today()), "seconds": before + time.perf_counter() - begin}
    keep(lab, paper, exhibit, finding, run)
    return Outcome(paper, exhibit, finding)
