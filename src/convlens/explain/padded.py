"""Methods that ask a model by torch, for documents in batches of like length."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from torch import Tensor

from convlens.arrays import Floats
from convlens.explain.attribution import Scored
from convlens.models import TextModel, by_length, pad
from convlens.text import Documents


class Padded(NamedTuple):
    """What a method says of a batch: `scores` (B, T, C) of its words, 0 for padding, `bias` and `logits` (B, C)."""

    scores: Tensor
    bias: Tensor
    logits: Tensor


def in_batches(
    method: Callable[[TextModel, Tensor], Padded], model: TextModel, documents: Documents
) -> Scored:
    """What a method says of word numbers (B, T), for documents of any length."""
    kind = array_of(model.head.weight[:0]).dtype
    scores = np.zeros((len(documents.ids), model.classes), kind)
    bias, logits = np.zeros((2, len(documents), model.classes), kind)
    lengths = documents.lengths
    for places in by_length(lengths.tolist()):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        batch = method(model.eval(), ids)
        inside = np.arange(ids.shape[1]) < lengths[places, None]  # (B, T)
        rows = documents.starts[places, None] + np.arange(ids.shape[1])
        scores[rows[inside]] = array_of(batch.scores)[inside]
        bias[places], logits[places] = array_of(batch.bias), array_of(batch.logits)
    return Scored(scores, bias, logits)


def array_of(values: Tensor) -> Floats:
    """A tensor as an array: in float32 where it is in less."""
    values = values.detach()
    return np.asarray((values if values.dtype.itemsize >= 4 else values.float()).cpu().numpy())
