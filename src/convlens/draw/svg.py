"""What pictures of points in a plane share: colours that everybody tells apart, the frame, safe text."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.files import printable

# Okabe and Ito's colours, which differ for every common form of colour blindness; dark enough on white.
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#5b5b5b", "#000000")
FRAME = (
    '<svg class="convlens" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
    'aria-label="{title}" style="max-width:{width:.0f}px;width:100%;background:#fff" '
    'font-family="system-ui,sans-serif" font-size="13">{body}</svg>'
)


@dataclass(frozen=True)
class Box:
    """A rectangle of the picture."""

    left: float
    top: float
    width: float
    height: float


def fit(points: NDArray[np.float64], box: Box, *, within: NDArray[np.float64] | None = None) -> Any:
    """Points (n, 2) moved into a box, both axes on one scale, which is that of `within` (default: the points)."""
    ruler = points if within is None or not len(within) else within
    if not len(ruler):
        return points
    low, high = ruler.min(0), ruler.max(0)
    rooms = zip((box.width, box.height), high - low, strict=True)
    scale = min((room / span for room, span in rooms if span > 0), default=1.0)
    middle = np.array([box.left + box.width / 2, box.top + box.height / 2])
    return middle + (points - (low + high) / 2) * [scale, -scale]


def svg(size: tuple[float, float], title: str, parts: Sequence[str]) -> str:
    """A whole picture, which loads nothing."""
    return FRAME.format(width=size[0], height=size[1], title=safe(title), body="\n".join(parts))


def label(x: float, y: float, text: str, attributes: str = "") -> str:
    """A line of text that begins at a point."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{safe(text)}</text>'


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def safe(text: str) -> str:
    """Text as SVG and HTML can hold it."""
    clean = "".join(c if c.isprintable() or c == " " else "\ufffd" for c in printable(text))
    return escape(clean)
