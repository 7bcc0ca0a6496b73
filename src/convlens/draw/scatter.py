"""Documents as points, coloured by group, in panels of one scale (Arras et al. 2016, figure 3)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.draw.svg import COLOURS, Box, fit, label, shortened, svg
from convlens.errors import InputError

PANEL, GAP, LEGEND, COLUMNS = 260, 24, 26, 4
CLOUD = '<path d="{d}" stroke="{colour}" stroke-width="{size}" stroke-linecap="round" opacity=".6"/>'
# 20 Newsgroups by top level, which the paper counts as five without naming them: misc.forsale stays by itself.
MERGED = {"alt": "religion", "soc": "religion", "talk.religion": "religion", "talk.politics": "politics"}


def group(label_name: str) -> str:
    """The top level of a label with dots, as of a newsgroup; others are their own group."""
    levels = label_name.split(".")
    if len(levels) == 1:
        return label_name
    return MERGED.get(".".join(levels[:2]), MERGED.get(levels[0], levels[0]))


@checked
def scatter(panels: Mapping[str, NDArray[np.float64]], groups: Sequence[str]) -> str:
    """An SVG of panels of points (documents, 2) by name, all on one equal scale; `groups` colours the documents."""
    names = sorted(set(groups))
    if len(names) > len(COLOURS):
        raise InputError(f"{len(names)} groups have no {len(names)} colours: merge them to {len(COLOURS)}")
    for name, points in panels.items():
        if points.shape != (len(groups), 2):
            raise InputError(
                f"the panel {name!r} has points of shape {points.shape}, expected ({len(groups)}, 2)"
            )
    columns = min(COLUMNS, max(len(panels), 1))
    rows = -(-len(panels) // columns)
    centred = {name: points - _middle(points) for name, points in panels.items()}
    ruler = np.concatenate([*centred.values(), *(-points for points in centred.values()), np.zeros((0, 2))])
    parts = _legend(names, groups)
    for number, (name, points) in enumerate(centred.items()):
        row, column = divmod(number, columns)
        left, top = GAP + column * (PANEL + GAP), LEGEND + GAP + row * (PANEL + 2 * GAP)
        parts.append(label(left, top + 12, shortened(name, 36), 'font-weight="600"'))
        placed = fit(points, Box(left, top + GAP, PANEL, PANEL), within=ruler)
        parts += _clouds(placed, names, groups)
    width = max(GAP + columns * (PANEL + GAP), 560)
    return svg((width, LEGEND + GAP + rows * (PANEL + 2 * GAP)), "documents in the plane, by group", parts)


def _middle(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((points.min(0) + points.max(0)) / 2 if len(points) else np.zeros(2))


def _legend(names: Sequence[str], groups: Sequence[str]) -> list[str]:
    """A dot, the name and the number of documents of each group."""
    parts, left = [], float(GAP)
    for colour, name in zip(COLOURS, names, strict=False):
        text = f"{shortened(name, 24)} ({groups.count(name):,})"
        parts += [
            CLOUD.format(d=f"M{left:.1f} 18h0", colour=colour, size=9),
            label(left + 10, 22, text),
        ]
        left += 28 + 7.2 * len(text)
    return parts


def _clouds(points: NDArray[np.float64], names: Sequence[str], groups: Sequence[str]) -> list[str]:
    """One path of dots for each group, which keeps pictures of thousands of documents small."""
    of_group = np.array(groups)
    parts = []
    for colour, name in zip(COLOURS, names, strict=False):
        dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points[of_group == name])
        parts.append(CLOUD.format(d=dots, colour=colour, size=4))
    return parts
