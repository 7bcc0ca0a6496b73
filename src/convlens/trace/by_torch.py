"""Traces of many documents by torch's convolution: on any device, in any number type; the reference."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.models import Reading, TextCNN, TextModel, Weights, by_length, one_layer, pad
from convlens.models.families import from_weights
from convlens.text import PAD, Documents, PaddedDocuments
from convlens.trace.flat import Trace


@torch.no_grad()
def trace_by_torch(model: TextModel | Weights, documents: Documents, *, slots: bool = False) -> Trace:
    """Trace documents in batches of like length, on the model's device; with `slots`, those of winning windows."""
    model = from_weights(model) if isinstance(model, Weights) else one_layer(model, "a trace").eval()
    documents.check(model.embed.num_embeddings)
    texts = documents.texts if isinstance(documents, PaddedDocuments) else documents
    weight, widths = model.embed.weight, model.config.widths
    kind = torch.float64 if weight.dtype == torch.float64 else torch.float32
    dtype = np.float64 if kind == torch.float64 else np.float32
    peaks = np.zeros((len(documents), len(widths)), dtype=dtype)
    positions = np.full(peaks.shape, -1, dtype=np.int32)
    logits = np.zeros((len(documents), model.classes), dtype=dtype)
    activations = np.zeros((*peaks.shape, max(model.config.regions)), dtype=dtype) if slots else None
    for places in by_length(texts.lengths.tolist()):
        ids = pad([texts[i] for i in places]).to(weight.device)
        lengths = (ids != PAD).sum(1)
        of_batch, starts = model.peaks_of(ids, lengths)
        peaks[places], positions[places] = of_batch.to("cpu", kind), starts.cpu()
        logits[places] = model.decide(of_batch).to("cpu", kind)
        if activations is not None:
            activations[places] = _slot_activations(model, ids, lengths, starts).to("cpu", kind)
    gates = None if model.gates is None else model.gates.to("cpu", kind).numpy()
    reading = Reading(model.config.padding, model.config.regions, model.embed.num_embeddings)
    return Trace(
        reading.padded(documents), peaks, positions, logits, activations, gates, model.config.activation
    )


def _slot_activations(model: TextCNN, ids: Tensor, lengths: Tensor, positions: Tensor) -> Tensor:
    """What each word of the winning windows at `positions` (B, k) gives each filter: (B, k, N), see `Trace`."""
    widest = max(model.config.regions)
    x, lengths = model.padded(model.embed(ids), lengths)
    windows = model.windows(x, positions)  # each (B, F, n, d)
    slots = [
        F.pad((window * conv.weight.transpose(1, 2)).sum(3), (0, widest - window.shape[2]))
        for conv, window in zip(model.convolutions, windows, strict=True)
    ]
    inside = torch.arange(widest, device=ids.device) < (lengths[:, None] - positions)[:, :, None]
    return torch.cat(slots, 1).masked_fill(~inside | (positions < 0)[:, :, None], 0)
