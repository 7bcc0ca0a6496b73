"""The front door: texts in, explanations out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.explain.attribution import Attribution
from convlens.explain.explanation import Explanation
from convlens.explain.texts import attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, ArrayTuple, Places, Tokens
from convlens.trace import Tracer


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
    source: Tracer | None = None,
) -> list[Explanation]:
    """`explain` for many texts, traced by a backend of `BACKENDS`, or by a `source` of traces that is there already."""
    number = None if target is None else classifier.target(target)
    tokens = classifier.tokenizer.encode_all(texts)
    attribution = attribute_texts(classifier, tokens, method=method, backend=backend, source=source)
    targets = attribution.logits.argmax(1) if number is None else [number] * len(tokens)
    return [
        _explanation(classifier, attribution, (i, of_text), int(target), method)
        for i, (of_text, target) in enumerate(zip(tokens, targets, strict=True))
    ]


def _explanation(
    classifier: Classifier, attribution: Attribution, placed: tuple[int, Tokens], target: int, method: str
) -> Explanation:
    """One text, with its place among the texts, as an `Explanation`."""
    place, tokens = placed
    units = slice(attribution.offsets[place], attribution.offsets[place + 1])
    return Explanation(
        text=tokens.text,
        spans=ArrayTuple(attribution.spans[units]),
        scores=attribution.scores[units],
        bias=attribution.bias[place],
        logits=attribution.logits[place],
        labels=classifier.labels,
        target=target,
        method=method,
        filters=None if attribution.filters is None else tuple(attribution.filters[units].tolist()),
        sums=attribution.sums,
        label_separator=classifier.label_separator,
        padding=None if attribution.padding is None else attribution.padding[place],
        known=ArrayTuple(
            tokens.ids != UNKNOWN if attribution.filters is None else _known(tokens, attribution.spans[units])
        ),
    )


def _known(tokens: Tokens, spans: Places) -> NDArray[np.bool_]:
    """Whether the vocabulary holds all tokens within each of the spans."""
    begins = np.array(tokens.spans).reshape(-1, 2)[:, 0]
    unknown = begins[tokens.ids == UNKNOWN]
    edges = np.searchsorted(unknown, spans)
    return np.asarray(edges[:, 0] == edges[:, 1])
