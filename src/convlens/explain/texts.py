"""The attributions of many texts as flat arrays, one text after another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convlens.explain.attribution import Sums
from convlens.explain.methods import Method, find_method
from convlens.explain.spans import window_spans
from convlens.models import Classifier, TextCNN, TextModel, by_length, one_layer, pad
from convlens.text import Places, Tokens, together
from convlens.trace import CorpusTrace, Documents, Trace, batch_of, corpus_table, head_biases

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

Scores = NDArray[np.floating[Any]]

NUMBERS = 2**24  # filters x slots x classes of the documents in one batch: bounds memory


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
    chosen = find_method(method, classifier.model)
    flat = together(tokens)
    documents, spans = Documents(flat.ids, flat.starts), flat.spans
    table = table if chosen.reads_trace(classifier.model) else None
    if table is None and chosen.reads_trace(classifier.model):
        table = corpus_table(classifier.model, documents, backend=backend)
    if table is None or chosen.corpus is None:
        traced, scores, bias, logits = _in_batches(classifier, documents, chosen, table)
    else:
        traced, scores = chosen.corpus(table, documents)
        logits = traced.logits
        bias = _bias(table.model, documents, scores, logits, chosen.sums)
    if traced is None or not chosen.of_ngrams:
        return TextsAttribution(documents.starts, spans, scores, bias, logits, traced, None, chosen.sums)
    widths, lengths = np.array(one_layer(classifier.model, "n-grams").config.widths), documents.lengths
    filters = np.tile(np.arange(len(widths)), int((lengths > 0).sum()))
    spans = window_spans(spans, lengths, traced.positions.astype(np.int64), widths)
    offsets = _offsets(documents, len(widths))
    return TextsAttribution(offsets, spans, scores, bias, logits, traced, filters, chosen.sums)


def _bias(model: TextCNN, documents: Documents, scores: Scores, logits: Scores, sums: Sums) -> Scores:
    """What no unit owns, of methods that leave exact parts to the words of all documents but empty ones: (texts, C)."""
    if sums == "none":
        return np.zeros_like(logits)
    filled = documents.lengths > 0
    if sums == "exact":
        return np.where(filled[:, None], 0, _array(head_biases(model)))
    left = logits.astype(np.float64)  # else the sum over a long text loses more than its parts
    if filled.any():
        left[filled] -= np.add.reduceat(scores, documents.starts[:-1][filled], 0, np.float64)
    return left.astype(logits.dtype)


def _in_batches(
    classifier: Classifier, documents: Documents, method: Method, table: "SlotTable | None"
) -> tuple[CorpusTrace | None, Scores, Scores, Scores]:
    """By torch, but for the trace where there is a table: it where the method reads it, scores (units, C), bias and logits (texts, C)."""
    model, lengths = classifier.model.eval(), documents.lengths
    reads = method.reads_trace(model)
    filters = len(one_layer(model, "a trace").config.widths) if reads else 0
    offsets = _offsets(documents, filters) if method.of_ngrams else documents.starts
    kind = _array(model.head.weight[:0]).dtype
    scores = np.zeros((offsets[-1], len(classifier.labels)), kind)
    bias, logits = np.zeros((2, len(documents), len(classifier.labels)), kind)
    peaks, positions = (
        np.zeros((len(documents), filters), kind),
        np.zeros((len(documents), filters), np.int32),
    )
    traced = None if table is None else table.trace(documents)
    for places in _batches(model, method, lengths):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        batch = method.batch(model, ids) if traced is None else batch_of(traced, places, ids)
        found = method.of(model, batch)
        held = np.arange(found.scores.shape[1]) < np.diff(offsets)[places, None]  # (B, U)
        scores[(offsets[places, None] + np.arange(held.shape[1]))[held]] = _array(found.scores)[held]
        bias[places], logits[places] = _array(found.bias), _array(found.logits)
        if isinstance(batch, Trace):
            peaks[places], positions[places] = _array(batch.peaks), _array(batch.positions)
    if not reads:
        return None, scores, bias, logits
    gates = one_layer(model, "a trace").gates
    return CorpusTrace(documents, peaks, positions, logits, gates=gates), scores, bias, logits


def _offsets(documents: Documents, filters: int) -> NDArray[np.int64]:
    """Where the n-grams of each text begin, and where the last ones end."""
    return np.concatenate([[0], np.where(documents.lengths > 0, filters, 0).cumsum()])


def _batches(model: TextModel, method: Method, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of texts of like length, few enough that all slots of a trace fit in memory."""
    most = max(len(lengths), 1)
    if method.reads_trace(model):
        config = one_layer(model, "a trace").config
        most = max(NUMBERS // (len(config.widths) * max(config.regions) * model.classes), 1)
    for places in by_length(lengths.tolist()):
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _array(values: Tensor) -> NDArray[Any]:
    found: NDArray[Any] = values.detach().cpu().numpy()
    return found
