"""The attributions of many texts as flat arrays, one text after another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlens.explain.attribution import Sums
from convlens.explain.methods import find_method
from convlens.explain.spans import window_spans
from convlens.models import Classifier, TextCNNConfig, Weights
from convlens.text import Places, Tokens, together
from convlens.trace import ArrayTracer, CorpusTrace, Documents, tracer

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class TextsAttribution:
    """Scores of the units (words or filters' n-grams) of many texts, in their order.

    Text i owns the units `offsets[i]` to `offsets[i + 1]`, of `offsets` (texts + 1,). `spans` (units, 2)
    are characters of the unit's text, `scores` (units, C); `bias` and `logits` (texts, C). `traced` is the trace
    that a method with `traced` reads, without slots. `filters` (units,) is None for words; `sums` tells how
    scores, bias and logits go together (see `Sums`).
    """

    offsets: NDArray[np.int64]
    spans: Places
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]
    logits: NDArray[np.floating[Any]]
    traced: CorpusTrace | None = None
    filters: NDArray[np.int64] | None = None
    sums: Sums = "exact"

    @property
    def owners(self) -> NDArray[np.int64]:
        """The text that each unit belongs to: (units,)."""
        return np.repeat(np.arange(len(self.logits)), np.diff(self.offsets))

    @property
    def residual(self) -> NDArray[np.float64]:
        """Largest difference between a logit and its parts, for each text: (texts,); NaN where none is defined."""
        if self.sums != "exact":
            return np.full(len(self.logits), np.nan)
        return np.asarray(np.abs(self._excess).max(1, initial=0))

    @property
    def convergence_delta(self) -> NDArray[np.float64]:
        """What scores and bias of an approximate method exceed the logits by: (texts, C); NaN for other methods."""
        return self._excess if self.sums == "approximate" else np.full(self.logits.shape, np.nan)

    @property
    def _excess(self) -> NDArray[np.float64]:
        total = self.bias.astype(np.float64)
        filled = np.diff(self.offsets) > 0
        if filled.any():
            for scores, sums in zip(
                self.scores.T, total.T, strict=True
            ):  # numpy copies what it sums in another type
                sums[filled] += np.add.reduceat(scores, self.offsets[:-1][filled], 0, np.float64)
        return np.asarray(total - self.logits)


def attribute_texts(
    classifier: Classifier,
    tokens: Iterable[Tokens],
    *,
    method: str = "words",
    backend: str = "auto",
    table: "SlotTable | None" = None,
) -> TextsAttribution:
    """Score the words or n-grams of tokenised texts by a method of `METHODS`.

    `backend` of `BACKENDS`: for a method that reads traces `auto` takes a slot table for many words at once and
    torch for few, unless a `table` is given for all of them.
    """
    network = classifier.network
    chosen = find_method(method, network)
    flat = together(tokens)
    documents, spans = Documents(flat.ids, flat.starts), flat.spans
    source: SlotTable | ArrayTracer | None = None
    if chosen.reads_trace(network):
        source = table or tracer(network, documents, backend=backend)
    if source is None or chosen.corpus is None or (chosen.by_table and isinstance(source, ArrayTracer)):
        from convlens.explain.batches import in_batches

        traced, scores, bias, logits = in_batches(classifier, documents, chosen, source)
    else:
        traced, scores = chosen.corpus(source, documents)
        logits = traced.logits
        bias = _bias(source.weights, documents, scores, logits, chosen.sums)
    if traced is None or not chosen.of_ngrams:
        return TextsAttribution(documents.starts, spans, scores, bias, logits, traced, None, chosen.sums)
    assert isinstance(network.config, TextCNNConfig)  # none else has a trace
    widths, lengths = np.array(network.config.widths), documents.lengths
    filters = np.tile(np.arange(len(widths)), int((lengths > 0).sum()))
    spans = window_spans(spans, lengths, traced.positions.astype(np.int64), widths)
    offsets = ngram_offsets(documents, len(widths))
    return TextsAttribution(offsets, spans, scores, bias, logits, traced, filters, chosen.sums)


def _bias(weights: Weights, documents: Documents, scores: Scores, logits: Scores, sums: Sums) -> Scores:
    """What no unit owns, of methods that leave exact parts to the words of all documents but empty ones: (texts, C)."""
    if sums == "none":
        return np.zeros_like(logits)
    filled = documents.lengths > 0
    if sums == "exact":
        return np.where(filled[:, None], 0, weights.head_biases)
    left = logits.astype(np.float64)  # else the sum over a long text loses more than its parts
    if filled.any():
        left[filled] -= np.add.reduceat(scores, documents.starts[:-1][filled], 0, np.float64)
    return left.astype(logits.dtype)


def ngram_offsets(documents: Documents, filters: int) -> NDArray[np.int64]:
    """Where the n-grams of each text begin, and where the last ones end."""
    return np.concatenate([[0], np.where(documents.lengths > 0, filters, 0).cumsum()])
