"""The attributions of many texts by torch, in batches of like length."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convlens.explain.methods import Method
from convlens.explain.texts import Scores, ngram_offsets
from convlens.models import Classifier, TextModel, by_length, one_layer, pad
from convlens.trace import ArrayTracer, CorpusTrace, Documents, Trace, batch_of

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

NUMBERS = 2**24  # filters x slots x classes of the documents in one batch: bounds memory


def in_batches(
    classifier: Classifier, documents: Documents, method: Method, source: "SlotTable | ArrayTracer | None"
) -> tuple[CorpusTrace | None, Scores, Scores, Scores]:
    """By torch, but for the trace where there is a source of it: it where the method reads it, scores (units, C), bias and logits (texts, C)."""
    model, lengths = classifier.model.eval(), documents.lengths
    reads = method.reads_trace(model)
    filters = len(one_layer(model, "a trace").config.widths) if reads else 0
    offsets = ngram_offsets(documents, filters) if method.of_ngrams else documents.starts
    kind = _array(model.head.weight[:0]).dtype
    scores = np.zeros((offsets[-1], len(classifier.labels)), kind)
    bias, logits = np.zeros((2, len(documents), len(classifier.labels)), kind)
    peaks, positions = (
        np.zeros((len(documents), filters), kind),
        np.zeros((len(documents), filters), np.int32),
    )
    traced = None if source is None else source.trace(documents)
    for places in _batches(model, method, lengths):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        batch = method.batch(model, ids) if traced is None else batch_of(traced, places, ids)
        attribution = method.of(model, batch)
        inside = np.arange(attribution.scores.shape[1]) < np.diff(offsets)[places, None]  # (B, U)
        scores[(offsets[places, None] + np.arange(inside.shape[1]))[inside]] = _array(attribution.scores)[
            inside
        ]
        bias[places], logits[places] = _array(attribution.bias), _array(attribution.logits)
        if isinstance(batch, Trace):
            peaks[places], positions[places] = _array(batch.peaks), _array(batch.positions)
    if not reads:
        return None, scores, bias, logits
    tensor = one_layer(model, "a trace").gates
    gates = None if tensor is None else _array(tensor)
    return CorpusTrace(documents, peaks, positions, logits, gates=gates), scores, bias, logits


def _batches(model: TextModel, method: Method, lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The places of texts of like length, few enough that all slots of a trace fit in memory."""
    most = max(len(lengths), 1)
    if method.reads_trace(model):
        config = one_layer(model, "a trace").config
        most = max(NUMBERS // (len(config.widths) * max(config.regions) * model.classes), 1)
    for places in by_length(lengths.tolist()):
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _array(values: Tensor) -> NDArray[Any]:
    return np.asarray(values.detach().cpu().numpy())
