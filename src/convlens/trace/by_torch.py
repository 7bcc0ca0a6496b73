"""Traces of many documents by torch's convolution: on any device, in any number type; the reference."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.models import TextModel, Weights, by_length, one_layer, pad
from convlens.models.families import from_weights
from convlens.text import PAD
from convlens.trace.documents import CorpusTrace, Documents
from convlens.trace.trace import Trace, slot_activations, trace


def batch_of(traced: CorpusTrace, places: NDArray[np.int64], ids: Tensor) -> Trace:
    """The trace of some of the documents, whose word numbers are `ids` (B, T), as a batch."""
    peaks, positions, logits = (
        torch.from_numpy(array[places]) for array in (traced.peaks, traced.positions, traced.logits)
    )
    gates = None if traced.gates is None else torch.from_numpy(traced.gates)
    return Trace(ids, (ids != PAD).sum(1), peaks, positions.long(), logits, gates)


@torch.no_grad()
def trace_by_torch(model: TextModel | Weights, documents: Documents, *, slots: bool = False) -> CorpusTrace:
    """Trace documents in batches of like length, on the model's device; with `slots`, those of winning windows."""
    model = from_weights(model) if isinstance(model, Weights) else one_layer(model, "a trace").eval()
    documents.check(model.embed.num_embeddings)
    weight, widths = model.embed.weight, model.config.widths
    dtype = np.float64 if weight.dtype == torch.float64 else np.float32
    peaks = np.zeros((len(documents), len(widths)), dtype=dtype)
    positions = np.full(peaks.shape, -1, dtype=np.int32)
    logits = np.zeros((len(documents), model.head.out_features), dtype=dtype)
    activations = np.zeros((*peaks.shape, max(model.config.regions)), dtype=dtype) if slots else None
    for places in by_length(documents.lengths.tolist()):
        batch = trace(model, pad([documents[i] for i in places]).to(weight.device))
        peaks[places], positions[places] = batch.peaks.cpu().numpy(), batch.positions.cpu().numpy()
        logits[places] = batch.logits.cpu().numpy()
        if activations is not None:
            activations[places] = slot_activations(model, batch).cpu().numpy()
    gates = None if model.gates is None else model.gates.cpu().numpy()
    return CorpusTrace(documents, peaks, positions, logits, activations, gates)
