"""The front door: texts in, explanations out."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

import numpy as np

from convlens.errors import InputError
from convlens.explain.attribution import Attribution
from convlens.explain.explanation import Explanation
from convlens.explain.ngrams import ngrams
from convlens.explain.words import words
from convlens.models import Classifier, TextCNN, by_length, pad
from convlens.text import Tokens
from convlens.trace import Trace, trace

Method = Callable[[TextCNN, Trace], Attribution]
METHODS: dict[str, Method] = {"words": words, "ngrams": ngrams}
OF_NGRAMS = {"ngrams"}  # methods whose units are the filters' n-grams, not words


def explain(
    classifier: Classifier, text: str, *, method: str = "words", target: str | None = None
) -> Explanation:
    """Why this prediction? Splits the logits of one text by a method of `METHODS`.

    `target` is the label to show, by default the predicted one; scores are there for every class.
    """
    return explain_all(classifier, [text], method=method, target=target)[0]


def explain_all(
    classifier: Classifier, texts: Sequence[str], *, method: str = "words", target: str | None = None
) -> list[Explanation]:
    """`explain` for many texts, in batches of like length."""
    attribute = find_method(method)
    number = None if target is None else classifier.target(target)
    tokens = [classifier.tokenizer.encode(text) for text in texts]
    found: dict[int, Explanation] = {}
    classifier.model.eval()
    device = classifier.model.embed.weight.device
    for places in by_length([len(t.ids) for t in tokens]):
        traced = trace(classifier.model, pad([tokens[i].ids for i in places]).to(device))
        attribution = attribute(classifier.model, traced)
        for row, place in enumerate(places):
            found[place] = _explanation(classifier, tokens[place], (traced, attribution), row, method, number)
    return [found[i] for i in range(len(tokens))]


def find_method(name: str) -> Method:
    """A method of `METHODS`; `InputError` lists them and suggests the nearest."""
    if name in METHODS:
        return METHODS[name]
    near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InputError(f"unknown method {name!r}: {hint}the methods are {', '.join(METHODS)}")


def _explanation(
    classifier: Classifier,
    tokens: Tokens,
    batch: tuple[Trace, Attribution],
    row: int,
    method: str,
    target: int | None,
) -> Explanation:
    """Row `row` of a batch as an `Explanation`."""
    traced, attribution = batch
    scores = attribution.scores[row].cpu().numpy()
    logits = traced.logits[row].cpu().numpy()
    spans, filters = tokens.spans, None
    if method in OF_NGRAMS:
        spans = ngram_spans(tokens, traced.positions[row].tolist(), classifier.model.config.widths)
        filters = tuple(range(len(spans)))
    return Explanation(
        text=tokens.text,
        spans=spans,
        scores=scores[: len(spans)],
        bias=attribution.bias[row].cpu().numpy(),
        logits=logits,
        labels=classifier.labels,
        target=int(np.argmax(logits)) if target is None else target,
        method=method,
        filters=filters,
    )


def ngram_spans(
    tokens: Tokens, positions: Sequence[int], widths: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Characters from the first to the last word of each filter's window; none in an empty text."""
    last = len(tokens.spans) - 1
    return tuple(
        (tokens.spans[i][0], tokens.spans[min(i + n - 1, last)][1])
        for i, n in zip(positions, widths, strict=True)
        if i >= 0
    )
