"""Hidden units in a terminal: one row for each place, its words in the text and the words it stands for."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convlens.shown import visible

if TYPE_CHECKING:
    from convlens.units.meaning import TextUnits


def render_units(text_units: "TextUnits") -> RenderableType:
    """Prediction, then saliency, receptive field and nearest words of each unit."""
    target = text_units.labels[text_units.target]
    head = Text.assemble(
        "predicted ",
        (visible(text_units.predicted), "bold"),
        " · hidden units for ",
        (visible(target), "bold"),
        f", logit {text_units.logits[text_units.target]:+.4f}",
    )
    if not text_units.units:
        return Group(head, "no place of this layer adds to the logit")
    table = Table(box=None, pad_edge=False)
    table.add_column("saliency", justify="right")
    for name in ("sees", "stands for"):
        table.add_column(name, overflow="fold")
    for unit in text_units.units:
        start, end = unit.span
        row = Text(visible(text_units.text[start:end])), Text(visible(", ".join(unit.words)))
        table.add_row(f"{unit.saliency:+.4f}", *row)
    return Group(head, table)
