"""Hidden units as a picture (Yuan et al. 2019, figure 2): what they look for in the plane, what they see in the text."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlens.draw.projection import project
from convlens.draw.svg import COLOURS, Box, fit, label, safe, shortened, svg
from convlens.draw.text_layout import Line, lines, middle_of

if TYPE_CHECKING:
    from convlens.units.meaning import TextUnits

WIDTH, PLANE, HEAD, ROW = 760, 340, 34, 38
LETTER, LONGEST = 7.2, 24  # the width of a letter beside a point, and the most letters shown there
DOT = '<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
TARGET = (
    '<path d="M{x:.1f} {y:.1f}m0-10l10 10l-10 10l-10-10z" fill="{colour}"><title>{title}</title></path>'
    '<text x="{x:.1f}" y="{below:.1f}" text-anchor="middle" fill="#fff" font-weight="700">{number}</text>'
)
LINK = (
    '<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{colour}" stroke-dasharray="4 4" opacity=".6"/>'
)
MARK = (
    '<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="{colour}" '
    'fill-opacity=".08" stroke="{colour}" stroke-width="1.5"/>'
)
MONO = (
    'font-family="ui-monospace,monospace" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs" '
    'xml:space="preserve"'
)


def picture(text_units: "TextUnits", projection: str = "tsne") -> str:
    """Units (diamonds) and their nearest words as unit vectors in the plane; below, the words that each unit sees."""
    marks = [unit.field for unit in text_units.units]
    rows = lines(text_units.text, text_units.spans, marks)
    plane = PLANE if text_units.units else 0
    top = HEAD + plane + 24
    height = top + ROW * len(rows)
    places = [middle_of(rows, mark) for mark in marks]
    ends = [(x, float(top + ROW * row - 8)) for row, x in places]
    target, logit = text_units.labels[text_units.target], text_units.logits[text_units.target]
    head = f"predicted {text_units.predicted} · hidden units for {target}, logit {logit:+.4g}"
    parts = [label(10, 20, shortened(head, 100), 'font-weight="600"')]
    parts += _plane(text_units, projection, ends) if text_units.units else []
    for number, line in enumerate(rows):
        parts += _sentence(line, top + ROW * number, marks)
    if not text_units.units:
        parts.append(label(10, height + 12, "no place of this layer adds to the logit"))
    return svg((WIDTH, height + (0 if text_units.units else 24)), head, parts)


def _plane(text_units: "TextUnits", projection: str, ends: list[tuple[float, float]]) -> list[str]:
    """Dashed lines to the fields, then words, then units on top of all."""
    words = _words(text_units)
    means = np.array([unit.mean for unit in text_units.units])
    vectors = np.concatenate([means, *[vector[None] for _, vector in words.values()]])
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    points = fit(
        project(vectors / np.where(lengths > 0, lengths, 1), projection),
        Box(40, HEAD + 20, WIDTH - 200, PLANE - 40),
    )
    targets, rest = points[: len(means)], points[len(means) :]
    links, shown = [], []
    for number, ((x, y), (to_x, to_y), unit) in enumerate(zip(targets, ends, text_units.units, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        links.append(LINK.format(x=x, y=y, to_x=to_x, to_y=to_y, colour=colour))
        title = safe(f"saliency {unit.saliency:+.4g}: {', '.join(unit.words)}")
        shown.append(TARGET.format(x=x, y=y, below=y + 4.5, colour=colour, title=title, number=number + 1))
    taken: list[tuple[float, ...]] = [(x - 12, y - 12, x + 12, y + 12) for x, y in targets]
    dots = []
    for (word, (number, _)), (x, y) in zip(words.items(), rest, strict=True):
        colour, text = COLOURS[number % len(COLOURS)], shortened(word, LONGEST)
        at = _free(x, y, LETTER * len(text), taken)
        dots += [DOT.format(x=x, y=y, colour=colour), label(*at, text, f'fill="{colour}"')]
    return [*links, *dots, *shown]


def _words(text_units: "TextUnits") -> dict[str, tuple[int, NDArray[np.floating[Any]]]]:
    """Each neighbour once, with the first unit it belongs to and its vector."""
    words: dict[str, tuple[int, NDArray[np.floating[Any]]]] = {}
    for number, unit in enumerate(text_units.units):
        for word, vector in zip(unit.words, unit.neighbours.vectors, strict=True):
            words.setdefault(word, (number, vector))
    return words


def _free(x: float, y: float, width: float, taken: list[tuple[float, ...]]) -> tuple[float, float]:
    """Where a label beside a point covers no other, if there is such a place; it is then taken."""
    sides = [(x + 6, y + dy) for dy in (4, -10, 18, -22, 30)] + [
        (x - 6 - width, y + dy) for dy in (4, -10, 18)
    ]
    for left, base in sides:
        box = (left, base - 11, left + width, base + 3)
        free = all(box[0] > t[2] or box[2] < t[0] or box[1] > t[3] or box[3] < t[1] for t in taken)
        if free and left >= 0 and box[2] <= WIDTH:
            break
    else:
        (left, base), box = sides[0], (sides[0][0], sides[0][1] - 11, sides[0][0] + width, sides[0][1] + 3)
    taken.append(box)
    return left, base


def _sentence(line: Line, top: float, marks: list[tuple[int, int]]) -> list[str]:
    """One line of the text, with a frame around the words of each unit's field."""
    parts = []
    for number, (first, last) in enumerate(marks):
        seen = [piece for piece in line if first <= piece.word <= last]
        if seen:
            out = 2 + 2.5 * (number % 3)
            left, right = seen[0].left, seen[-1].left + seen[-1].width
            parts.append(
                MARK.format(
                    x=left - out,
                    y=top - 2 * out / 2,
                    width=right - left + 2 * out,
                    height=20 + 2 * out,
                    colour=COLOURS[number % len(COLOURS)],
                )
            )
    return parts + [label(p.left, top + 15, p.text, MONO.format(length=p.width)) for p in line]
