"""The deletion curves as a picture: one SVG without fonts, scripts or links, for pages and documents."""

from collections.abc import Sequence
from html import escape

import polars as pl

from convlens.evaluate.config import RANDOM

# Okabe and Ito's colours, which differ for every common form of colour blindness; random is grey.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
GREY = "#777777"
WIDTH, HEIGHT, LEFT, TOP, GAP, KEY = 320, 220, 46, 34, 62, 160
TITLES = {
    "correct": "Correct at first: the lower the better",
    "wrong": "Wrong at first: the higher the better",
}


def deletion_chart(curves: pl.DataFrame) -> str:
    """Accuracy over the number of deletions, a panel for each group and a line for each method."""
    methods = curves["method"].unique(maintain_order=True).to_list()
    groups = [group for group in TITLES if group in curves["group"]]
    panels = []
    for i, group in enumerate(groups):
        chosen = curves.filter(pl.col("group") == group)
        lines = [_line(chosen, name, _colour(methods, name)) for name in methods]
        panels.append(
            f'<g transform="translate({LEFT + i * (WIDTH + GAP)},{TOP})">{_axes(chosen, group)}{"".join(lines)}</g>'
        )
    wide = LEFT + len(groups) * (WIDTH + GAP) - GAP + 12
    high = TOP + HEIGHT + 70 + 20 * (-(-len(methods) // _a_row(wide)) - 1)
    key = _key(methods, wide, TOP + HEIGHT + 54)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'font-family="system-ui,sans-serif" font-size="12" fill="#222" role="img" '
        'aria-label="Accuracy over the number of deleted words">'
        f'<rect width="{wide}" height="{high}" fill="#fff"/>{"".join(panels)}{key}</svg>\n'
    )


def _colour(methods: Sequence[str], name: str) -> str:
    others = [method for method in methods if method != RANDOM]
    return GREY if name == RANDOM else COLOURS[others.index(name) % len(COLOURS)]


def _line(curves: pl.DataFrame, name: str, colour: str) -> str:
    chosen = curves.filter(pl.col("method") == name).sort("deletions")
    last = max(int(curves["deletions"].max() or 0), 1)  # type: ignore[arg-type]
    points = " ".join(
        f"{s / last * WIDTH:.1f},{(1 - a) * HEIGHT:.1f}"
        for s, a in chosen["deletions", "accuracy"].iter_rows()
    )
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"><title>{escape(name)}</title>'
        "</polyline>"
    )


def _axes(curves: pl.DataFrame, group: str) -> str:
    """Grid, numbers, and what the panel shows."""
    last = max(int(curves["deletions"].max() or 0), 1)  # type: ignore[arg-type]
    count = int(curves["documents"].max() or 0)  # type: ignore[arg-type]
    parts = [f'<text x="0" y="-14" font-weight="600">{TITLES[group]} ({count:,} documents)</text>']
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        y = (1 - share) * HEIGHT
        parts.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for step in sorted({round(last * i / 5) for i in range(6)}):
        x = step / last * WIDTH
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT + 18}" text-anchor="middle">{step}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT + 36}" text-anchor="middle">words deleted</text>')
    return "".join(parts)


def _key(methods: Sequence[str], wide: int, top: int) -> str:
    """The names beside their colours, as many in a row as there is room for."""
    a_row, parts = _a_row(wide), []
    for i, name in enumerate(methods):
        x, y = LEFT + i % a_row * KEY, top + i // a_row * 20
        parts.append(f'<path d="M{x} {y}h22" stroke="{_colour(methods, name)}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 28}" y="{y + 4}">{escape(name)}</text>')
    return "".join(parts)


def _a_row(wide: int) -> int:
    return max((wide - LEFT) // KEY, 1)
