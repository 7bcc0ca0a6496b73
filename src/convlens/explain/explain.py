"""The front door: texts in, explanations out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from convlens.arguments import checked
from convlens.explain.explanation import Explanation
from convlens.explain.methods import find_method
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, Tokens

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
    find_method(method, classifier.model)
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
    spans = tuple((start, end) for start, end in found.spans[units].tolist())
    return Explanation(
        text=tokens.text,
        spans=spans,
        scores=found.scores[units],
        bias=found.bias[place],
        logits=found.logits[place],
        labels=labels,
        target=target,
        method=method,
        filters=None if found.filters is None else tuple(found.filters[units].tolist()),
        sums=found.sums,
        known=_known(tokens, spans),
    )


def _known(tokens: Tokens, spans: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    """Whether the vocabulary holds all tokens within each of the spans."""
    before = np.append(0, np.cumsum(tokens.ids == UNKNOWN))
    begins = np.array([start for start, _ in tokens.spans], np.int64)
    edges = before[np.searchsorted(begins, np.array(spans, np.int64).reshape(-1, 2))]
    return tuple((edges[:, 0] == edges[:, 1]).tolist())
