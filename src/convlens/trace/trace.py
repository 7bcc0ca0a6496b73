"""Traces of documents: from the slot table where that is faster, by NumPy where there are few, else by torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked, described
from convlens.errors import InputError
from convlens.models import (
    FAMILIES,
    Classifier,
    Weights,
    arrays_of,
    check_one_layer,
    family_name,
    weights_of,
)
from convlens.text import PAD, Documents, starts
from convlens.trace.backends import choose, effective, log
from convlens.trace.flat import Trace

if TYPE_CHECKING:
    from convlens.models import TextModel
    from convlens.trace.table import SlotTable


class Tracer(Protocol):
    """What traces documents by a model with these `weights`."""

    @property
    def weights(self) -> Weights:
        """The model as arrays."""

    def trace(self, documents: Documents, *, slots: bool = False) -> Trace:
        """Trace documents; with `slots`, what each slot of a winning window gave."""


@dataclass(frozen=True)
class ArrayTracer:
    """Traces by NumPy, in the number type of the weights: nothing is made before, and torch is not loaded."""

    weights: Weights

    def trace(self, documents: Documents, *, slots: bool = False) -> Trace:
        """See `Tracer`."""
        documents.check(len(self.weights.vectors))
        documents = self.weights.reading.padded(documents)
        peaks, positions, activations = self.weights.peaks(documents, slots=slots)
        weights = self.weights
        logits = weights.head_of(weights.pooled(peaks))
        return Trace(
            documents, peaks, positions, logits, activations, weights.gates, weights.config.activation
        )


@dataclass(frozen=True)
class TorchTracer:
    """Traces by torch's convolution: on any device, in any number type; the reference."""

    model: "TextModel | Weights"

    @property
    def weights(self) -> Weights:
        """The model as arrays, copies where it is on another device."""
        return arrays_of(self.model)

    def trace(self, documents: Documents, *, slots: bool = False) -> Trace:
        """See `Tracer`."""
        from convlens.trace.by_torch import trace_by_torch

        return trace_by_torch(self.model, documents, slots=slots)


_WARM: "WeakKeyDictionary[Weights, SlotTable]" = WeakKeyDictionary()


def warm(classifier: Classifier, *, budget: int = 2**28) -> bool:
    """Make the slot table of the whole vocabulary now and keep it: from then on texts of any length are traced from it.

    It is dropped when the weights change. Gives False, and keeps nothing, where it takes more than `budget` bytes, where
    there is no table (deep models, models in float64 or on a GPU, no working Numba), and where it is kept already.
    """
    network = classifier.network
    if family_name(network) != "TextCNN" or effective(network, "auto") != "table":
        return False
    from convlens.trace.table import SlotTable, table_bytes

    weights = weights_of(network)
    if weights is None or weights in _WARM or table_bytes(weights, len(weights.vectors)) > budget:
        return False
    _WARM[weights] = SlotTable(weights, budget=budget)
    return True


@checked
def trace(
    model: "Classifier | TextModel | Weights",
    documents: "Documents | Sequence[Sequence[int]]",
    *,
    slots: bool = False,
    backend: str = "auto",
) -> Trace:
    """Trace documents by a backend of `BACKENDS`; with `slots`, what each slot of a winning window gave too.

    Documents are `Documents`, or word numbers (B, T) as a model takes them, an array or a tensor, padded with 0 at the end.
    `auto` takes the table for float32 models on a CPU and documents of 50,000 words and more together, and NumPy for
    fewer words of any model on a CPU. Raises `InputError` for a deep model, which has no trace.
    """
    if isinstance(model, Classifier):
        model = model.network
    if family_name(model) not in FAMILIES:
        raise InputError(
            f"model must be a TextCNN, got {described(model)}: a classifier has one as its .model"
        )
    if not isinstance(documents, Documents):
        documents = unpadded(documents)
    return tracer(model, documents, backend=backend).trace(documents, slots=slots)


def trace_texts(
    classifier: Classifier, texts: Sequence[str], *, slots: bool = False, backend: str = "auto"
) -> Trace:
    """`trace` of raw texts."""
    documents = classifier.tokenizer.documents(texts)
    return tracer(classifier.network, documents, backend=backend).trace(documents, slots=slots)


def unpadded(ids: Any) -> Documents:
    """Documents of word numbers (B, T), padded at the end: of an array or a tensor."""
    try:
        rows: NDArray[Any] = np.asarray(ids.cpu() if hasattr(ids, "cpu") else ids)
    except ValueError:
        raise InputError(
            "ids must be whole numbers (B, T), got rows that differ in length: pad them with 0"
        ) from None
    if rows.ndim != 2 or rows.dtype.kind != "i":
        raise InputError(f"ids must be whole numbers (B, T), got {rows.dtype} of shape {rows.shape}")
    words = rows != PAD
    if (words[:, 1:] & ~words[:, :-1]).any():
        raise InputError(f"ids have padding ({PAD}) before a word: it may stand at a document's end only")
    return Documents(rows[words].astype(np.int64), starts(words.sum(1)))


def tracer(model: "TextModel | Weights", documents: Documents, *, backend: str = "auto") -> Tracer:
    """What is to trace documents, or parts of them: the slot table of their words, NumPy, or torch."""
    check_one_layer(model, "a trace")
    weights = weights_of(model)
    if weights is not None and backend in ("auto", "table") and weights in _WARM:
        return _WARM[weights]
    chosen = choose(model, len(documents.ids), backend)
    if chosen == "torch" or weights is None:
        return TorchTracer(model)
    if chosen == "numpy":
        return ArrayTracer(weights)
    from convlens.trace.table import SlotTable, words_of

    return SlotTable(weights, words_of(weights.reading.padded(documents), len(weights.vectors)))


def shared_tracer(
    model: "TextModel | Weights", documents: Documents, *, backend: str = "auto"
) -> Tracer | None:
    """What traces documents that are asked about some at a time, as a part may be too small to be worth a table.

    None for a deep model, which has no trace.
    """
    return tracer(model, documents, backend=backend) if family_name(model) == "TextCNN" else None


def vocabulary_table(model: "TextModel | Weights", backend: str = "auto") -> "SlotTable | None":
    """The slot table of the whole vocabulary; None where it is not to trace, and where it is too large to be kept."""
    if family_name(model) != "TextCNN" or effective(model, backend) != "table":
        return None
    from convlens.trace.table import BUDGET, SlotTable, table_bytes

    weights = weights_of(model)
    assert weights is not None
    words = len(weights.vectors)
    if table_bytes(weights, words) > BUDGET:
        return None
    log.info("tracing by table, one for the whole vocabulary of %d", words)
    return SlotTable(weights)


def table_of(source: Tracer) -> "SlotTable | None":
    """The slot table, where that is what traces."""
    return None if isinstance(source, ArrayTracer | TorchTracer) else source  # type: ignore[return-value]
