"""Pictures for the pages: SVG from matplotlib, the same bytes for the same numbers."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from convlens.errors import InputError

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito


def lines(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x: str,
    y: str,
    *,
    logarithmic: bool = False,
) -> str:
    """Named curves, each (x, y)."""

    def draw(axes: Any) -> None:
        for (name, (across, up)), colour in zip(curves.items(), COLOURS * 9, strict=False):
            axes.plot(across, up, label=name, color=colour, marker="." if len(across) < 40 else None)
        if logarithmic:
            axes.set_xscale("log")
        axes.legend(frameon=False)

    return _drawn(draw, x, y)


def bars(heights: Mapping[str, float], y: str, x: str = "") -> str:
    """A bar for each name."""

    def draw(axes: Any) -> None:
        axes.bar(range(len(heights)), list(heights.values()), color=COLOURS[0])
        step = max(len(heights) // 30, 1)
        axes.set_xticks(
            range(0, len(heights), step), list(heights)[::step], rotation=90 if len(heights) > 8 else 0
        )

    return _drawn(draw, x, y)


def points(groups: Mapping[str, tuple[Sequence[float], Sequence[float]]], x: str = "", y: str = "") -> str:
    """Named groups of points, each (x, y)."""

    def draw(axes: Any) -> None:
        for (name, (across, up)), colour in zip(groups.items(), COLOURS * 9, strict=False):
            axes.scatter(across, up, s=6, label=name, color=colour, linewidths=0, rasterized=True)
        axes.legend(frameon=False, markerscale=2)

    return _drawn(draw, x, y)


def _drawn(draw: Callable[[Any], None], x: str, y: str) -> str:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("pictures need matplotlib: pip install convlens[papers]") from None
    content = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "convlens", "font.family": "sans-serif"}):
        figure = Figure(figsize=(6.4, 4), layout="constrained", dpi=110)
        axes = figure.subplots()
        draw(axes)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(content, format="svg", metadata={"Date": None})
    return content.getvalue()
