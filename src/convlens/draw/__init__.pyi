from .colours import shade
from .projection import PROJECTIONS, project
from .scatter import group, scatter
from .svg import COLOURS, Box, fit, label, safe, shortened, svg
from .text_layout import Line, lines, middle_of

__all__ = [
    "COLOURS",
    "PROJECTIONS",
    "Box",
    "Line",
    "fit",
    "group",
    "label",
    "lines",
    "middle_of",
    "project",
    "safe",
    "scatter",
    "shade",
    "shortened",
    "svg",
]
