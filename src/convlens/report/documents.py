"""Documents with the exact split of their logits, as the page shows them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from convlens.explain import attribute_texts, ngram_spans
from convlens.models import Classifier, family_of
from convlens.report.data import Document, Scores
from convlens.text import Tokens

WORDS = 3000  # shown of one document; a page with millions of coloured words opens nowhere
CHARACTERS = 30_000
NGRAM = 200  # characters shown of an n-gram beyond the text shown


@dataclass(frozen=True, eq=False)
class Split:
    """A document's tokens, scores (T, C), bias and logits (C,), pooled values, positions (k,)."""

    tokens: Tokens
    scores: Scores
    bias: Scores
    logits: Scores
    pooled: Scores
    positions: Scores


def split_texts(classifier: Classifier, texts: Sequence[str]) -> Iterator[Split]:
    """Split the logits of every text over its words, by its family's method; a deep model has no filters."""
    tokens = classifier.tokenizer.encode_all(texts)
    found = attribute_texts(classifier, tokens, method=family_of(classifier.model).method)
    none = np.zeros((len(tokens), 0), np.int32)
    peaks, positions = (none, none) if found.traced is None else (found.traced.peaks, found.traced.positions)
    pooled = np.maximum(peaks, 0)
    for i, one in enumerate(tokens):
        scores = found.scores[found.offsets[i] : found.offsets[i + 1]]
        yield Split(one, scores, found.bias[i], found.logits[i], pooled[i], positions[i])


def show(split: Split, *, number: int, truth: int | None, widths: Sequence[int]) -> Document:
    """The document as the page shows it: the start of it where it is very long."""
    text, spans, is_cut = cut(split.tokens)
    total = split.scores.sum(0, dtype=np.float64)
    return Document(
        number=number,
        text=text,
        spans=spans,
        words=len(split.tokens.spans),
        cut=is_cut,
        truth=truth,
        scores=split.scores[: len(spans)].copy(),
        rest=split.scores[len(spans) :].sum(0, dtype=np.float64),
        bias=split.bias,
        logits=split.logits,
        residual=total + split.bias - split.logits,
        pooled=split.pooled,
        positions=split.positions.astype(np.int64),
        hidden=_hidden(split, len(spans), widths),
    )


def cut(tokens: Tokens) -> tuple[str, tuple[tuple[int, int], ...], bool]:
    """At most `WORDS` words and `CHARACTERS` characters of a text, the spans in it, whether it was cut."""
    if len(tokens.text) <= CHARACTERS and len(tokens.spans) <= WORDS:
        return tokens.text, tokens.spans, False
    spans = tuple((a, min(b, CHARACTERS)) for a, b in tokens.spans[:WORDS] if a < CHARACTERS)
    end = spans[-1][1] if len(spans) < len(tokens.spans) else CHARACTERS
    return tokens.text[:end], spans, True


def _hidden(split: Split, shown: int, widths: Sequence[int]) -> dict[int, str]:
    """The n-grams of filters that end after the words shown."""
    if shown == len(split.tokens.spans):
        return {}
    spans = ngram_spans(split.tokens, split.positions.tolist(), widths)
    return {
        number: " ".join(split.tokens.text[start : min(end, start + 4 * NGRAM)].split())[:NGRAM]
        for number, (start, end) in enumerate(spans)
        if split.positions[number] + widths[number] > shown
    }
