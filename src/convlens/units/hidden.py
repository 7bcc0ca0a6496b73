"""What hidden units detect in texts (Yuan et al. 2019): the places that count, and the words they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import check_settings, checked
from convlens.errors import InputError
from convlens.models import Classifier, layered
from convlens.text import Tokens
from convlens.units.fields import Field, fields
from convlens.units.meaning import TextUnits, UnitMeaning
from convlens.units.neighbours import Neighbours, nearest_words
from convlens.units.optimise import Ascent, Goal, Optimum, optimise
from convlens.units.saliency import TextSaliency, each_saliency


@dataclass(frozen=True)
class UnitConfig:
    """The `top` places of layer `layer` (1 is next to the words), and how many `neighbours` say what each detects."""

    layer: int = 1
    top: int = 3
    neighbours: int = 5
    ascent: Ascent = field(default_factory=Ascent)

    def __post_init__(self) -> None:
        check_settings(self)
        for name in ("layer", "top", "neighbours"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, got {getattr(self, name)}")


@dataclass(frozen=True, eq=False)
class _Place:
    """A salient place: its number in the layer, the words it sees, its saliency and activation."""

    field: Field
    number: int
    words: tuple[int, int]
    saliency: float
    activation: NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class _Text:
    """A text and its most salient places; all that is kept of its saliency."""

    tokens: Tokens
    logits: NDArray[np.floating[Any]]
    target: int
    places: tuple[_Place, ...]


@checked
def hidden_units(
    classifier: Classifier,
    texts: Sequence[str],
    *,
    target: str | None = None,
    config: UnitConfig | None = None,
) -> list[TextUnits]:
    """The most salient places of a layer for the label `target` (default: the predicted), and their meanings.

    Places with saliency 0, on which the class does not depend, are left out. All places of all texts are
    optimised at once, and no answer depends on what it is optimised beside.
    """
    config = config or UnitConfig()
    _check_layer(classifier, config.layer)
    salient = each_saliency(classifier, texts, target=target)
    by_text = {i: _kept(one, config) for i, one in salient}
    ordered = [by_text[i] for i in range(len(texts))]
    goals = [_goal(text, place) for text in ordered for place in text.places]
    optima = optimise(classifier.model, goals, config.ascent)
    means = np.array([o.mean for o in optima]).reshape(len(optima), classifier.model.embed.embedding_dim)
    near = nearest_words(classifier, means, config.neighbours)
    answers = zip(optima, near, strict=True)
    return [_units(classifier.labels, text, [next(answers) for _ in text.places]) for text in ordered]


def _check_layer(classifier: Classifier, layer: int) -> None:
    layers = fields(layered(classifier.model, "a hidden unit").config)[-1].layer
    if layer > layers:
        held = "one hidden layer" if layers == 1 else f"{layers} hidden layers"
        raise InputError(f"there is no layer {layer}: the model has {held}, numbered from the words up")


def _kept(one: TextSaliency, config: UnitConfig) -> _Text:
    """The places of the layer with the greatest saliency, the first on ties."""
    places = [
        _Place(layer.field, i, (first, last), score, layer.activations[i].copy())
        for layer in one.layers
        if layer.field.layer == config.layer
        for i, ((first, last), score) in enumerate(
            zip(layer.words.tolist(), layer.scores.tolist(), strict=True)
        )
        if score != 0
    ]
    best = sorted(places, key=lambda place: -place.saliency)[: config.top]
    return _Text(one.tokens, one.logits, one.target, tuple(best))


def _goal(text: _Text, place: _Place) -> Goal:
    first, last = place.words
    return Goal(place.field, last - first + 1, place.activation, text.tokens.ids, place.number)


def _units(labels: tuple[str, ...], text: _Text, answers: Sequence[tuple[Optimum, Neighbours]]) -> TextUnits:
    spans = text.tokens.spans
    units = tuple(
        UnitMeaning(
            layer=place.field.layer,
            location=place.number,
            width=place.field.width,
            field=place.words,
            span=(spans[place.words[0]][0], spans[place.words[1]][1]),
            saliency=place.saliency,
            activation=place.activation,
            neighbours=near,
            mean=optimum.mean,
            before=optimum.before,
            after=optimum.after,
        )
        for place, (optimum, near) in zip(text.places, answers, strict=True)
    )
    return TextUnits(text.tokens.text, spans, text.logits, labels, text.target, units)
