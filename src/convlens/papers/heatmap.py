"""One text coloured by the scores of its words, a row of them for each class: SVG without fonts or scripts."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from convlens.draw.colours import shade
from convlens.files import printable

WIDE, LETTER, LINE = 860, 7.3, 22  # a line, a letter of the monospaced font, and a line's height


def heatmap(words: Sequence[str], scores: Mapping[str, NDArray[np.floating]]) -> str:
    """The words under the name of each class, coloured by its scores (T,), which are scaled to its strongest."""
    parts, top = [], 8.0
    for name, values in scores.items():
        parts.append(f'<text x="8" y="{top + 14}" font-weight="600">{escape(printable(name))}</text>')
        top = _rows(words, values, top + LINE, parts) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {top:.0f}" width="{WIDE}" height="{top:.0f}" '
        f'font-family="monospace" font-size="12" fill="#111"><rect width="{WIDE}" height="{top:.0f}" fill="#fff"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _rows(words: Sequence[str], values: NDArray[np.floating], top: float, parts: list[str]) -> float:
    """Add the words from `top` on; where they end."""
    most, x = float(np.abs(values).max(initial=0)) or 1.0, 8.0
    for word, value in zip(words, values.tolist(), strict=True):
        shown = printable(" ".join(word.split()))
        width = LETTER * len(shown) + 4
        if x + width > WIDE and x > 8:
            x, top = 8.0, top + LINE
        colour, strength = shade(value, most)
        parts.append(
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{LINE - 4}" '
            f'fill="rgb{colour}" fill-opacity="{strength * 0.7:.2f}"/>'
            f'<text x="{x + 2:.1f}" y="{top + 13:.1f}" textLength="{width - 4:.1f}">{escape(shown)}'
            f"<title>{value:+.3f}</title></text>"
        )
        x += width + 3
    return top + LINE
