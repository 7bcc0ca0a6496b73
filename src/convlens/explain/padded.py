"""Methods that ask a model by torch, for documents in batches of like length."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from convlens.arrays import Floats
from convlens.explain.attribution import Scored
from convlens.models import TextModel, by_length, layered, pad
from convlens.text import Documents


class Padded(NamedTuple):
    """What a method says of a batch: `scores` (B, T, C) of its words, 0 for padding, `bias` and `logits` (B, C).

    Of methods of n-grams `scores` (B, filters, C), 0 for empty documents, and their first words `positions` (B, filters).
    """

    scores: Tensor
    bias: Tensor
    logits: Tensor
    positions: Tensor | None = None


Asked = Callable[[TextModel, Tensor], Padded]


def in_batches(method: Asked, model: TextModel, documents: Documents) -> Scored:
    """What a method says of word numbers (B, T), for documents of any length."""
    kind = _kind(model)
    scores = np.zeros((len(documents.ids), model.classes), kind)
    bias, logits = np.zeros((2, len(documents), model.classes), kind)
    lengths = documents.lengths
    for places, ids, batch in _batches(method, model, documents):
        inside = np.arange(ids.shape[1]) < lengths[places, None]  # (B, T)
        rows = documents.starts[places, None] + np.arange(ids.shape[1])
        scores[rows[inside]] = array_of(batch.scores)[inside]
        bias[places], logits[places] = array_of(batch.bias), array_of(batch.logits)
    return Scored(scores, bias, logits)


def ngrams_in_batches(method: Asked, model: TextModel, documents: Documents) -> Scored:
    """What a method says of the n-grams of word numbers (B, T), a row for each filter, but of empty documents."""
    kind, filters = _kind(model), len(layered(model, "an n-gram").config.widths)
    scores = np.zeros((len(documents), filters, model.classes), kind)
    positions = np.zeros((len(documents), filters), np.int64)
    bias, logits = np.zeros((2, len(documents), model.classes), kind)
    for places, _, batch in _batches(method, model, documents):
        assert batch.positions is not None
        scores[places], positions[places] = array_of(batch.scores), batch.positions.cpu().numpy()
        bias[places], logits[places] = array_of(batch.bias), array_of(batch.logits)
    of_ngrams = scores[documents.lengths > 0].reshape(-1, model.classes)
    return Scored(of_ngrams, bias, logits, positions=positions)


def _batches(
    method: Asked, model: TextModel, documents: Documents
) -> Iterator[tuple[NDArray[np.int64], Tensor, Padded]]:
    """Which documents a batch holds, their word numbers (B, T) and the answer."""
    for places in by_length(documents.lengths.tolist()):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        yield places, ids, method(model.eval(), ids)


def _kind(model: TextModel) -> np.dtype[Any]:
    return array_of(model.embed.weight[:0]).dtype


def array_of(values: Tensor) -> Floats:
    """A tensor as an array: in float32 where it is in less."""
    values = values.detach()
    return np.asarray((values if values.dtype.itemsize >= 4 else values.float()).cpu().numpy())
