"""The front door: texts in, explanations out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.explain.explanation import Explanation
from convlens.explain.methods import find_method
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, ArrayTuple, Places, Tokens

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


@checked
def explain(
    classifier: Classifier, text: str, *, method: str = "words", target: str | None = None
) -> Explanation:
    """Why this prediction? Scores the words or n-grams of one text by a method of `METHODS`.

    `target` is the label to show, by default the predicted one; scores are there for every class.
    """
    return explain_all(classifier, [text], method=method, target=target)[0]


@checked
def explain_all(
    classifier: Classifier,
    texts: Sequence[str],
    *,
    method: str = "words",
    target: str | None = None,
    backend: str = "auto",
    table: "SlotTable | None" = None,
) -> list[Explanation]:
    """`explain` for many texts, traced by a backend of `BACKENDS`, or from a `table` that is there already."""
    find_method(method, classifier.network)
    number = None if target is None else classifier.target(target)
    tokens = classifier.tokenizer.encode_all(texts)
    found = attribute_texts(classifier, tokens, method=method, backend=backend, table=table)
    targets = found.logits.argmax(1) if number is None else [number] * len(tokens)
    return [
        _explanation(classifier.labels, found, (i, one), int(target), method)
        for i, (one, target) in enumerate(zip(tokens, targets, strict=True))
    ]


def _explanation(
    labels: tuple[str, ...], found: TextsAttribution, placed: tuple[int, Tokens], target: int, method: str
) -> Explanation:
    """One text, with its place among the texts, as an `Explanation`."""
    place, tokens = placed
    units = slice(found.offsets[place], found.offsets[place + 1])
    return Explanation(
        text=tokens.text,
        spans=ArrayTuple(found.spans[units]),
        scores=found.scores[units],
        bias=found.bias[place],
        logits=found.logits[place],
        labels=labels,
        target=target,
        method=method,
        filters=None if found.filters is None else tuple(found.filters[units].tolist()),
        sums=found.sums,
        known=ArrayTuple(
            tokens.ids != UNKNOWN if found.filters is None else _known(tokens, found.spans[units])
        ),
    )


def _known(tokens: Tokens, spans: Places) -> NDArray[np.bool_]:
    """Whether the vocabulary holds all tokens within each of the spans."""
    begins = np.array(tokens.spans).reshape(-1, 2)[:, 0]
    unknown = begins[tokens.ids == UNKNOWN]
    edges = np.searchsorted(unknown, spans)
    return np.asarray(edges[:, 0] == edges[:, 1])
