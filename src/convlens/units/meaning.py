"""What hidden units have detected in a text: the values, and how they become data."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType

from convlens.units.neighbours import Neighbours
from convlens.units.picture import picture
from convlens.units.terminal import render_units


@dataclass(frozen=True, eq=False)
class UnitMeaning:
    """One place of a layer: what it adds to the logit, and the words nearest to the input that it looks for.

    `field` is the first and last word it sees, `width` how many it can see, `span` their characters in the
    text; `activation` (F,) its values; `mean` (d,) that of the optimised input's words; `before` and `after` the
    objective at the random start and at the end.
    """

    layer: int
    location: int
    width: int
    field: tuple[int, int]
    span: tuple[int, int]
    saliency: float
    activation: NDArray[np.floating[Any]]
    neighbours: Neighbours
    mean: NDArray[np.floating[Any]]
    before: float
    after: float

    @property
    def words(self) -> tuple[str, ...]:
        """The nearest words of the vocabulary, nearest first."""
        return self.neighbours.words


@dataclass(frozen=True, eq=False)
class TextUnits:
    """The units of one text, the most salient first; none where no place contributes, as in an empty text.

    `spans` are the characters of the text's words; `target` is the class whose logit the units add to.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    logits: NDArray[np.floating[Any]]
    labels: tuple[str, ...]
    target: int
    units: tuple[UnitMeaning, ...]

    @property
    def predicted(self) -> str:
        """The label with the largest logit."""
        return self.labels[int(self.logits.argmax())]

    @property
    def words(self) -> tuple[str, ...]:
        """The nearest words of all units, one unit after the other: the sentence of the matching rate."""
        return tuple(word for unit in self.units for word in unit.words)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; `field` is the first and last word, `start` and `end` are characters."""
        return {
            "text": self.text,
            "labels": list(self.labels),
            "logits": self.logits.tolist(),
            "predicted": self.predicted,
            "target": self.labels[self.target],
            "units": [_unit(self.text, unit) for unit in self.units],
        }

    json_values = to_dict  # these are few

    def to_json(self) -> str:
        """One line of JSON in ASCII, whatever the text holds."""
        return json.dumps(self.to_dict())

    def to_html(self, projection: str = "tsne") -> str:
        """A self-contained fragment: units and their words in the plane, and their fields in the text."""
        return picture(self, projection)

    _repr_html_ = to_html

    def __rich__(self) -> RenderableType:
        return render_units(self)


def _unit(text: str, unit: UnitMeaning) -> dict[str, Any]:
    start, end = unit.span
    near = unit.neighbours
    return {
        "layer": unit.layer,
        "location": unit.location,
        "width": unit.width,
        "field": list(unit.field),
        "start": start,
        "end": end,
        "text": text[start:end],
        "saliency": unit.saliency,
        "activation": unit.activation.tolist(),
        "neighbours": [{"word": w, "cosine": c} for w, c in zip(near.words, near.cosines, strict=True)],
        "objective": {"before": unit.before, "after": unit.after},
    }
