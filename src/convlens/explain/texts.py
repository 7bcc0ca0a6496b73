"""The attributions of many texts as flat arrays, one text after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.methods import OF_NGRAMS, Method, find_method
from convlens.explain.spans import window_spans, word_spans
from convlens.models import Classifier, by_length, pad
from convlens.text import Tokens
from convlens.trace import Trace, trace

NUMBERS = 2**24  # filters x slots x classes of the documents in one batch: bounds memory


@dataclass(frozen=True, eq=False)
class TextsAttribution:
    """Scores of the units (words or filters' n-grams) of many texts, in their order.

    Text i owns the units `offsets[i]` to `offsets[i + 1]`, of `offsets` (texts + 1,). `spans` (units, 2)
    are characters of the unit's text, `scores` (units, C); `bias` and `logits` (texts, C); `filters`
    (units,) is None for words.
    """

    offsets: NDArray[np.int64]
    spans: NDArray[np.int64]
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]
    logits: NDArray[np.floating[Any]]
    filters: NDArray[np.int64] | None = None

    @property
    def owners(self) -> NDArray[np.int64]:
        """The text that each unit belongs to: (units,)."""
        return np.repeat(np.arange(len(self.logits)), np.diff(self.offsets))

    @property
    def residual(self) -> NDArray[np.float64]:
        """Largest difference between a logit and its parts, for each text: (texts,)."""
        total = self.bias.astype(np.float64)
        filled = np.diff(self.offsets) > 0
        if filled.any():
            total[filled] += np.add.reduceat(self.scores, self.offsets[:-1][filled], 0, np.float64)
        return np.asarray(np.abs(total - self.logits).max(1, initial=0))


def attribute_texts(
    classifier: Classifier, tokens: Sequence[Tokens], *, method: str = "words"
) -> TextsAttribution:
    """Trace tokenised texts in batches of like length and split their logits by a method of `METHODS`."""
    attribute = find_method(method)
    lengths = np.array([len(t.ids) for t in tokens], dtype=np.int64)
    widths = np.array(classifier.model.config.widths)
    of_ngrams = method in OF_NGRAMS
    units = np.where(lengths > 0, len(widths), 0) if of_ngrams else lengths
    offsets = np.concatenate([[0], units.cumsum()])
    kind = _array(classifier.model.head.weight[:0]).dtype
    scores = np.zeros((offsets[-1], len(classifier.labels)), kind)
    bias, logits = np.zeros((2, len(tokens), len(classifier.labels)), kind)
    positions = np.zeros((len(tokens), len(widths)), np.int64)
    for places in _batches(classifier, lengths):
        traced, found = _attributed(classifier, [tokens[i].ids for i in places], attribute)
        held = np.arange(found.scores.shape[1]) < units[places, None]  # (B, U)
        scores[(offsets[places, None] + np.arange(held.shape[1]))[held]] = _array(found.scores)[held]
        bias[places], logits[places] = _array(found.bias), _array(traced.logits)
        positions[places] = _array(traced.positions)
    spans = word_spans(tokens)
    if not of_ngrams:
        return TextsAttribution(offsets, spans, scores, bias, logits)
    filters = np.tile(np.arange(len(widths)), int((lengths > 0).sum()))
    spans = window_spans(spans, lengths, positions, widths)
    return TextsAttribution(offsets, spans, scores, bias, logits, filters)


def _attributed(
    classifier: Classifier, documents: Sequence[NDArray[np.int64]], attribute: Method
) -> tuple[Trace, Attribution]:
    """The one place where a backend is called: documents as word numbers in, trace and attribution out."""
    model = classifier.model.eval()
    traced = trace(model, pad(documents).to(model.embed.weight.device))
    return traced, attribute(model, traced)


def _batches(classifier: Classifier, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of texts of like length, few enough that all their slots fit in memory."""
    config = classifier.model.config
    most = max(NUMBERS // (len(config.widths) * max(config.regions) * len(classifier.labels)), 1)
    for places in by_length(lengths.tolist()):
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _array(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.detach().cpu().numpy()
    return found
