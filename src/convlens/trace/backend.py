"""Traces of many documents: from the slot table where that is faster, else by torch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.models import TextCNN, TextModel, by_length, one_layer, pad
from convlens.text import PAD
from convlens.trace.choosing import choose, effective, log
from convlens.trace.documents import CorpusTrace, Documents, joined
from convlens.trace.trace import Trace, slot_activations, trace

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


def trace_documents(
    model: TextModel, documents: Documents, *, slots: bool = False, backend: str = "auto"
) -> CorpusTrace:
    """Trace documents by a backend of `BACKENDS`; with `slots`, what each slot of a winning window gave too.

    `auto` takes the table for float32 models on a CPU and documents of 50,000 words and more together.
    """
    table = corpus_table(model, documents, backend=backend)
    if table is None:
        return trace_by_torch(one_layer(model, "a trace").eval(), documents, slots=slots)
    return table.trace(documents, slots=slots)


def corpus_table(model: TextModel, documents: Documents, *, backend: str = "auto") -> "SlotTable | None":
    """The slot table of the words of documents; None where torch is to trace them."""
    model = one_layer(model, "a trace")
    if choose(model, len(documents.ids), backend) == "torch":
        return None
    from convlens.trace.table import SlotTable, words_of

    return SlotTable(model.eval(), words_of(documents, model.embed.num_embeddings))


def shared_table(
    model: TextModel, documents: Sequence[NDArray[np.int64]], *, backend: str = "auto"
) -> "tuple[SlotTable | None, str]":
    """The table of documents that are traced some at a time, and the backend for all of their parts.

    It is decided once, by the words of all of them: each part alone may be too small to be worth a table. One
    document alone shares nothing, and whoever traces it decides.
    """
    if not isinstance(model, TextCNN):
        return None, "torch"
    if len(documents) < 2:
        return None, backend
    table = corpus_table(model, joined(documents), backend=backend)
    return table, "torch" if table is None else "table"


def vocabulary_table(model: TextModel, backend: str = "auto") -> "SlotTable | None":
    """The slot table of the whole vocabulary; None where torch is to trace, and where it is too large to be kept."""
    if not isinstance(model, TextCNN) or effective(model, backend) == "torch":
        return None
    from convlens.trace.table import BUDGET, SlotTable, table_bytes

    if table_bytes(model, model.embed.num_embeddings) > BUDGET:
        return None
    log.info("tracing by table, one for the whole vocabulary of %d", model.embed.num_embeddings)
    return SlotTable(model.eval())


def batch_of(traced: CorpusTrace, places: NDArray[np.int64], ids: Tensor) -> Trace:
    """The trace of some of the documents, whose word numbers are `ids` (B, T), as a batch."""
    peaks, positions, logits = (
        torch.from_numpy(array[places]) for array in (traced.peaks, traced.positions, traced.logits)
    )
    return Trace(ids, (ids != PAD).sum(1), peaks, positions.long(), logits, traced.gates)


@torch.no_grad()
def trace_by_torch(model: TextCNN, documents: Documents, *, slots: bool = False) -> CorpusTrace:
    """The same by torch's convolution, in batches of like length, on the model's device."""
    documents.check(model.embed.num_embeddings)
    weight, widths = model.embed.weight, model.config.widths
    dtype = np.float64 if weight.dtype == torch.float64 else np.float32
    peaks = np.zeros((len(documents), len(widths)), dtype=dtype)
    positions = np.full(peaks.shape, -1, dtype=np.int32)
    logits = np.zeros((len(documents), model.head.out_features), dtype=dtype)
    given = np.zeros((*peaks.shape, max(model.config.regions)), dtype=dtype) if slots else None
    for places in by_length(documents.lengths.tolist()):
        found = trace(model, pad([documents[i] for i in places]).to(weight.device))
        peaks[places], positions[places] = found.peaks.cpu().numpy(), found.positions.cpu().numpy()
        logits[places] = found.logits.cpu().numpy()
        if given is not None:
            given[places] = slot_activations(model, found).cpu().numpy()
    return CorpusTrace(documents, peaks, positions, logits, given, model.gates)
