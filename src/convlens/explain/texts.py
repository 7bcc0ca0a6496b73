"""The attributions of many texts as flat arrays, one text after another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convlens.explain.methods import CORPUS, OF_NGRAMS, find_method
from convlens.explain.spans import window_spans, word_spans
from convlens.models import Classifier, by_length, pad
from convlens.text import Tokens
from convlens.trace import CorpusTrace, Documents, corpus_table, head_biases, joined
from convlens.trace import trace as trace_batch

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

Scores = NDArray[np.floating[Any]]

NUMBERS = 2**24  # filters x slots x classes of the documents in one batch: bounds memory


@dataclass(frozen=True, eq=False)
class TextsAttribution:
    """Scores of the units (words or filters' n-grams) of many texts, in their order.

    Text i owns the units `offsets[i]` to `offsets[i + 1]`, of `offsets` (texts + 1,). `spans` (units, 2)
    are characters of the unit's text, `scores` (units, C), `bias` (texts, C); `filters` (units,) is None for words.
    `traced` is what the scores were computed from, without slots.
    """

    traced: CorpusTrace

    offsets: NDArray[np.int64]
    spans: NDArray[np.int64]
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]
    filters: NDArray[np.int64] | None = None

    @property
    def logits(self) -> Scores:
        """(texts, C)."""
        return self.traced.logits

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
    classifier: Classifier,
    tokens: Sequence[Tokens],
    *,
    method: str = "words",
    backend: str = "auto",
    table: "SlotTable | None" = None,
) -> TextsAttribution:
    """Trace tokenised texts and split their logits by a method of `METHODS`.

    `backend` of `BACKENDS`: `auto` takes a slot table for many words at once and torch for few, unless a `table`
    is given for all of them.
    """
    find_method(method)
    documents = joined([t.ids for t in tokens])
    table = table or corpus_table(classifier.model, documents, backend=backend)
    if table is None or method not in CORPUS:
        traced, scores, bias = _in_batches(classifier, documents, method)
    else:
        traced, scores = CORPUS[method](table, documents)
        bias = np.where(documents.lengths[:, None] > 0, 0, _array(head_biases(classifier.model)))
    lengths, widths, spans = documents.lengths, np.array(classifier.model.config.widths), word_spans(tokens)
    if method not in OF_NGRAMS:
        return TextsAttribution(traced, documents.starts, spans, scores, bias)
    filters = np.tile(np.arange(len(widths)), int((lengths > 0).sum()))
    spans = window_spans(spans, lengths, traced.positions.astype(np.int64), widths)
    return TextsAttribution(traced, _offsets(documents, method, len(widths)), spans, scores, bias, filters)


def _in_batches(
    classifier: Classifier, documents: Documents, method: str
) -> tuple[CorpusTrace, Scores, Scores]:
    """The trace, scores (units, C) and bias (texts, C), by torch."""
    model, lengths = classifier.model.eval(), documents.lengths
    offsets = _offsets(documents, method, len(model.config.widths))
    kind = _array(model.head.weight[:0]).dtype
    scores = np.zeros((offsets[-1], len(classifier.labels)), kind)
    bias, logits = np.zeros((2, len(documents), len(classifier.labels)), kind)
    peaks = np.zeros((len(documents), len(model.config.widths)), kind)
    positions = np.zeros(peaks.shape, np.int32)
    for places in _batches(classifier, lengths):
        traced = trace_batch(model, pad([documents[i] for i in places]).to(model.embed.weight.device))
        found = find_method(method)(model, traced)
        held = np.arange(found.scores.shape[1]) < np.diff(offsets)[places, None]  # (B, U)
        scores[(offsets[places, None] + np.arange(held.shape[1]))[held]] = _array(found.scores)[held]
        bias[places], logits[places] = _array(found.bias), _array(traced.logits)
        peaks[places], positions[places] = _array(traced.peaks), _array(traced.positions)
    return CorpusTrace(documents, peaks, positions, logits), scores, bias


def _offsets(documents: Documents, method: str, filters: int) -> NDArray[np.int64]:
    """Where the units of each text begin, and where the last ones end."""
    if method not in OF_NGRAMS:
        return documents.starts
    return np.concatenate([[0], np.where(documents.lengths > 0, filters, 0).cumsum()])


def _batches(classifier: Classifier, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of texts of like length, few enough that all their slots fit in memory."""
    config = classifier.model.config
    most = max(NUMBERS // (len(config.widths) * max(config.regions) * len(classifier.labels)), 1)
    for places in by_length(lengths.tolist()):
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _array(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.detach().cpu().numpy()
    return found
