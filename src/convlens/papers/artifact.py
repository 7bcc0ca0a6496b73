"""A table or figure of a paper (an exhibit, where people read of it), and the result of rebuilding it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError
from convlens.papers.store import ArtifactStore

REPRODUCED, BETTER, DIFFERS = "reproduced", "better", "differs"


@dataclass(frozen=True)
class Result:
    """`theirs` and `ours` in a few words for the index, the verdict on them, and the artifact as Markdown.

    `figures` are pictures by file name, SVG text, which `body` shows. `why` says what a verdict rests on, and must
    where it is `differs`.
    """

    theirs: str
    ours: str
    verdict: str
    body: str
    why: str = ""
    figures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.verdict not in (REPRODUCED, BETTER, DIFFERS):
            raise ValueError(f"no verdict: {self.verdict}")


@dataclass(frozen=True)
class Artifact:
    """`make` rebuilds it from the data sets `data`; word vectors of so many numbers are `glove-50`, `glove-100`."""

    name: str
    title: str
    data: tuple[str, ...]
    make: Callable[[ArtifactStore], Result]


@dataclass(frozen=True)
class Paper:
    """`notes` tell where the paper is unclear or wrong, and what was done."""

    name: str
    title: str
    artifacts: tuple[Artifact, ...]
    notes: tuple[str, ...] = ()

    def find(self, names: Sequence[str]) -> list[Artifact]:
        """Artifacts by their names, all without names."""
        known = {artifact.name: artifact for artifact in self.artifacts}
        for name in names:
            if name not in known:
                raise InputError(
                    f"{self.name} has no exhibit {name!r}: it has {', '.join(sorted(known, key=_natural))}"
                )
        return [known[name] for name in names] if names else list(self.artifacts)


def judged(ours: float, theirs: float, within: float) -> str:
    """The verdict on a number that should be high: as theirs `within` so much, or better, or not."""
    if ours > theirs + within:
        return BETTER
    return REPRODUCED if ours >= theirs - within else DIFFERS


def margin(accuracies: Sequence[float], rows: int) -> float:
    """How far apart two accuracies on the same number of rows must be to differ: 1.96 standard errors, binomial."""
    mean = float(np.mean(accuracies))
    return 1.96 * float(np.sqrt(2 * mean * (1 - mean) / rows))


def spread(values: Sequence[float] | NDArray[np.float64], digits: int = 2, *, percent: bool = True) -> str:
    """Mean, and with several values their standard deviation."""
    scaled = np.asarray(values, float) * (100 if percent else 1)
    sign = " %" if percent else ""
    if len(scaled) < 2:
        return f"{scaled.mean():.{digits}f}{sign}"
    return f"{scaled.mean():.{digits}f} ± {scaled.std(ddof=1):.{digits}f}{sign}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers to the right. What texts hold cannot break it."""
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(head))]
    lines = [head, ["--:" if number else "---" for number in right], *rows]
    return "".join(f"| {' | '.join(_cell(value) for value in line)} |\n" for line in lines)


def code(text: str) -> str:
    """Any text as it stands, inside Markdown."""
    most = max((len(run) for run in re.findall("`+", text)), default=0)
    fence, room = "`" * (most + 1), " " if most else ""
    return f"{fence}{room}{' '.join(text.split())}{room}{fence}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or bool(re.match(r"[-+]?\d[\d,. ±%]*$", str(value)))


def _cell(value: object) -> str:
    shown = (
        f"{value:,.3f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
    return shown.replace("|", "\\|").replace("\n", " ")


def _natural(name: str) -> list[tuple[bool, int, str]]:
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)]
