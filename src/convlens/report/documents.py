"""Documents with what each method says of their words, as the page shows them."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from convlens.arrays import Floats
from convlens.explain import METHODS, Attribution, attribute_texts, words_of_windows
from convlens.models import Classifier, Foreign, layered
from convlens.report.data import Document, TokenScores
from convlens.text import UNKNOWN, ManyTokens, Tokens
from convlens.trace import Trace, shared_tracer

WORDS = 3000  # shown of one document; a page with millions of coloured words opens nowhere
CHARACTERS = 30_000
NGRAM = 200  # characters shown of an n-gram beyond the text shown
FEW = 4  # classes for which all methods are shown, and the true one
MANY = 40  # classes from which on slow methods answer for these alone
TOGETHER = 8  # documents whose few classes are scored at once

Attributions = Mapping[str, Attribution]


def score_all(
    classifier: Classifier, tokens: ManyTokens, methods: Sequence[str], truths: Sequence[int] | None = None
) -> dict[str, Attribution]:
    """What each method says of all texts; those that read a trace share what traces them.

    Where classes are many, methods after the first to which each class costs as much answer for those of `few_classes` only.
    """
    attributions: dict[str, Attribution] = {}
    source = shared_tracer(classifier.network, tokens.documents)
    for name in methods:
        slow = METHODS[name].by_class or not METHODS[name].reads_trace(classifier.network)
        narrow = slow and not isinstance(classifier.network, Foreign)
        if attributions and narrow and len(classifier.labels) > MANY:
            first = attributions[methods[0]]
            attributions[name] = _of_few(classifier, list(tokens), name, first, truths)
        else:
            attributions[name] = attribute_texts(classifier, tokens, method=name, source=source)
    return attributions


def _of_few(
    classifier: Classifier,
    tokens: Sequence[Tokens],
    method: str,
    first: Attribution,
    truths: Sequence[int] | None,
) -> Attribution:
    """What a method says of texts for few classes of each, by a head with these alone; zeros for the others."""
    scores, bias, sums = np.zeros_like(first.scores), np.zeros_like(first.bias), METHODS[method].sums
    model = copy.deepcopy(layered(classifier.model, "a head of few classes"))
    head = model.head
    for start in range(0, len(tokens), TOGETHER):
        places = range(start, min(start + TOGETHER, len(tokens)))
        few = (few_classes(first.logits[i], None if truths is None else truths[i]) for i in places)
        classes = sorted({c for of_text in few for c in of_text})
        model.head = nn.Linear(head.in_features, len(classes), bias=head.bias is not None).to(head.weight)
        model.head.load_state_dict({name: values[classes] for name, values in head.state_dict().items()})
        narrow = replace(classifier, model=model, labels=tuple(classifier.labels[c] for c in classes))
        part = attribute_texts(narrow, tokens[start : places.stop], method=method)
        scores[first.offsets[start] : first.offsets[places.stop], classes] = part.scores
        bias[start : places.stop, classes] = part.bias
    return Attribution(first.offsets, first.spans, scores, bias, first.logits, sums=sums)


def show_all(
    tokens: ManyTokens,
    attributions: Attributions,
    numbers: Sequence[int],
    truths: Sequence[int] | None,
    widths: Sequence[int],
) -> Iterator[Document]:
    """The documents as the page shows them: the start of one that is very long."""
    first, *_ = attributions.values()
    none = np.zeros((len(tokens), 0), np.int64)
    traced = first.trace if widths else None
    pooled = none if traced is None else traced.pooled
    firsts, lasts = (
        (none, none)
        if traced is None
        else words_of_windows(traced.documents, traced.positions, np.array(widths))
    )
    for i, document in enumerate(tokens):
        text, spans, is_cut = cut(document)
        truth = None if truths is None else truths[i]
        few = few_classes(first.logits[i], truth)
        held = lasts[i] - firsts[i] + 1  # words in the window of each filter
        positions = np.where(held > 0, firsts[i], -1)
        token_scores = [
            _token_scores(part, i, len(spans), few if number else None)
            for number, part in enumerate(attributions.values())
        ]
        yield Document(
            number=numbers[i],
            text=text,
            spans=spans,
            words=len(document.spans),
            cut=is_cut,
            truth=truth,
            token_scores=tuple(token_scores),
            few=few,
            logits=first.logits[i],
            pooled=pooled[i],
            positions=positions,
            held=dict(enumerate(held.tolist())) if traced is not None and _is_padded(traced) else {},
            hidden=_hidden(document, positions.tolist(), len(spans), held.tolist()),
            unknown=tuple(np.flatnonzero(document.ids[: len(spans)] == UNKNOWN).tolist()),
        )


def few_classes(logits: Floats, truth: int | None) -> tuple[int, ...]:
    """The `FEW` most probable classes, and the true one."""
    likely = np.argsort(-logits, kind="stable")[:FEW].tolist()
    return tuple(sorted({*likely, *([] if truth is None else [truth])}))


def _token_scores(attribution: Attribution, i: int, shown: int, few: tuple[int, ...] | None) -> TokenScores:
    """What a method says of document i, for some of the classes (None: all)."""
    classes = slice(None) if few is None else list(few)
    scores = attribution.scores[attribution.offsets[i] : attribution.offsets[i + 1]][:, classes]
    return TokenScores(
        scores=scores[:shown].copy(),
        rest=scores[shown:].sum(0, dtype=np.float64),
        total=scores.sum(0, dtype=np.float64),
        bias=attribution.bias[i][classes],
    )


def cut(tokens: Tokens) -> tuple[str, tuple[tuple[int, int], ...], bool]:
    """At most `WORDS` words and `CHARACTERS` characters of a text, the spans in it, whether it was cut."""
    if len(tokens.text) <= CHARACTERS and len(tokens.spans) <= WORDS:
        return tokens.text, tuple(tokens.spans), False
    spans = tuple((a, min(b, CHARACTERS)) for a, b in tokens.spans[:WORDS] if a < CHARACTERS)
    end = spans[-1][1] if len(spans) < len(tokens.spans) else CHARACTERS
    return tokens.text[:end], spans, True


def _is_padded(trace: Trace) -> bool:
    return trace.documents is not trace.documents.without_padding


def _hidden(tokens: Tokens, positions: Sequence[int], shown: int, widths: Sequence[int]) -> dict[int, str]:
    """The n-grams of filters, so many words from their positions on, that end after the words shown."""
    if shown == len(tokens.spans):
        return {}
    hidden = {}
    for number, (first, width) in enumerate(zip(positions, widths, strict=True)):
        if first >= 0 and first + width > shown:
            start, end = tokens.spans[first][0], tokens.spans[first + width - 1][1]
            hidden[number] = " ".join(tokens.text[start : min(end, start + 4 * NGRAM)].split())[:NGRAM]
    return hidden
