"""Flat traces and scores of a batch (B, T) as padded tensors, so that rows can be compared with what torch gives."""

from types import SimpleNamespace

import numpy as np
import torch

from convlens.explain import METHODS
from convlens.explain.texts import by_trace
from convlens.text import Documents
from convlens.trace import trace as flat_trace
from convlens.trace import tracer
from convlens.trace.trace import unpadded


def trace(model, ids, **settings) -> SimpleNamespace:
    """`peaks`, `positions`, `pooled`, `slots` and `logits` of word numbers (B, T), by torch unless a backend is named."""
    found = flat_trace(model, ids, slots=True, **{"backend": "torch", **settings})
    names = ("peaks", "positions", "pooled", "slots", "logits")
    return SimpleNamespace(
        ids=ids, flat=found, **{name: torch.from_numpy(getattr(found, name)) for name in names}
    )


def ask(name, model, ids, *, backend="torch", **settings) -> SimpleNamespace:
    """`scores` (B, U, C), `bias` and `logits` (B, C) of a method for word numbers (B, T)."""
    documents = unpadded(ids)
    method = METHODS[name]
    if method.reads_trace(model):
        scored = by_trace(method, tracer(model, documents, backend=backend), documents)
    else:
        scored = method.of_model(model, documents)
    if method.of_ngrams:
        units = np.where(documents.lengths > 0, len(model.config.widths), 0)
        return padded(
            scored,
            Documents(np.zeros(units.sum(), np.int64), np.append(0, units.cumsum())),
            len(model.config.widths),
        )
    return padded(scored, documents, ids.shape[1])


def of_trace(function, model, ids, **settings) -> SimpleNamespace:
    """The same for a function of weights and a trace."""
    found = trace(model, ids).flat
    scores = function(model.weights, found, **settings)
    return SimpleNamespace(scores=rows(scores, found.documents, ids.shape[1]))


def padded(scored, documents, size) -> SimpleNamespace:
    """Flat scores as a tensor with rows of a size."""
    bias, logits = torch.from_numpy(scored.bias), torch.from_numpy(scored.logits)
    return SimpleNamespace(scores=rows(scored.scores, documents, size), bias=bias, logits=logits)


def rows(scores, documents, size) -> torch.Tensor:
    """Flat scores (tokens, C) as (B, size, C), zeros after the end of each document."""
    found = np.zeros((len(documents), size, *scores.shape[1:]), scores.dtype)
    for i in range(len(documents)):
        found[i, : documents.lengths[i]] = scores[documents.starts[i] : documents.starts[i + 1]]
    return torch.from_numpy(found)
