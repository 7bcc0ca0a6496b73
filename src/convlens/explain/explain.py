"""The front door: texts in, explanations out."""

from collections.abc import Sequence

from convlens.explain.explanation import Explanation
from convlens.explain.methods import find_method
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.models import Classifier
from convlens.text import Tokens


def explain(
    classifier: Classifier, text: str, *, method: str = "words", target: str | None = None
) -> Explanation:
    """Why this prediction? Scores the words or n-grams of one text by a method of `METHODS`.

    `target` is the label to show, by default the predicted one; scores are there for every class.
    """
    return explain_all(classifier, [text], method=method, target=target)[0]


def explain_all(
    classifier: Classifier,
    texts: Sequence[str],
    *,
    method: str = "words",
    target: str | None = None,
    backend: str = "auto",
) -> list[Explanation]:
    """`explain` for many texts, traced by a backend of `BACKENDS`."""
    find_method(method, classifier.model)
    number = None if target is None else classifier.target(target)
    tokens = [classifier.tokenizer.encode(text) for text in texts]
    found = attribute_texts(classifier, tokens, method=method, backend=backend)
    targets = found.logits.argmax(1) if number is None else [number] * len(tokens)
    return [
        _explanation(classifier.labels, found, (i, one), int(target), method)
        for i, (one, target) in enumerate(zip(tokens, targets, strict=True))
    ]


def _explanation(
    labels: tuple[str, ...], found: TextsAttribution, text: tuple[int, Tokens], target: int, method: str
) -> Explanation:
    """One text, with its place among the texts, as an `Explanation`."""
    place, tokens = text
    units = slice(found.offsets[place], found.offsets[place + 1])
    return Explanation(
        text=tokens.text,
        spans=tuple((start, end) for start, end in found.spans[units].tolist()),
        scores=found.scores[units],
        bias=found.bias[place],
        logits=found.logits[place],
        labels=labels,
        target=target,
        method=method,
        filters=None if found.filters is None else tuple(found.filters[units].tolist()),
        sums=found.sums,
    )
