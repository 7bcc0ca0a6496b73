"""Traces of many documents: from the slot table where that is faster, by NumPy where there are few, else by torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from convlens.models import Classifier, Weights, check_one_layer, family_name, passed, weights_of
from convlens.trace.choosing import choose, effective, log
from convlens.trace.documents import CorpusTrace, Documents, joined

if TYPE_CHECKING:
    from convlens.models import TextModel
    from convlens.trace.table import SlotTable


@dataclass(frozen=True)
class ArrayTracer:
    """Traces by NumPy, in the number type of the weights: nothing is made before, and torch is not loaded."""

    weights: Weights

    def trace(self, documents: Documents, *, slots: bool = False) -> CorpusTrace:
        """Trace documents; with `slots`, what each slot of a winning window gave."""
        documents.check(len(self.weights.vectors))
        peaks, positions, activations = self.weights.peaks(documents.ids, documents.starts, slots=slots)
        gates = self.weights.gates
        logits = self.weights.head_of(passed(peaks, gates))
        return CorpusTrace(documents, peaks, positions, logits, activations, gates)


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


def trace_documents(
    model: "TextModel | Weights", documents: Documents, *, slots: bool = False, backend: str = "auto"
) -> CorpusTrace:
    """Trace documents by a backend of `BACKENDS`; with `slots`, what each slot of a winning window gave too.

    `auto` takes the table for float32 models on a CPU and documents of 50,000 words and more together, and NumPy for
    fewer words of any model on a CPU.
    """
    source = tracer(model, documents, backend=backend)
    if source is not None:
        return source.trace(documents, slots=slots)
    from convlens.trace.by_torch import trace_by_torch

    return trace_by_torch(model, documents, slots=slots)


def tracer(
    model: "TextModel | Weights", documents: Documents, *, backend: str = "auto"
) -> "SlotTable | ArrayTracer | None":
    """What traces documents: the slot table of their words, or NumPy; None where torch is to do it."""
    check_one_layer(model, "a trace")
    weights = weights_of(model)
    if weights is not None and backend in ("auto", "table") and weights in _WARM:
        return _WARM[weights]
    chosen = choose(model, len(documents.ids), backend)
    if chosen == "torch" or weights is None:
        return None
    if chosen == "numpy":
        return ArrayTracer(weights)
    from convlens.trace.table import SlotTable, words_of

    return SlotTable(weights, words_of(documents, len(weights.vectors)))


def corpus_table(
    model: "TextModel | Weights", documents: Documents, *, backend: str = "auto"
) -> "SlotTable | None":
    """The slot table of the words of documents; None where it is not to trace them."""
    source = tracer(model, documents, backend=backend)
    return None if isinstance(source, ArrayTracer) else source


def shared_table(
    model: "TextModel | Weights", documents: Sequence[NDArray[np.int64]], *, backend: str = "auto"
) -> "tuple[SlotTable | None, str]":
    """The table of documents that are traced some at a time, and the backend for all of their parts.

    It is decided once, by the words of all of them: each part alone may be too small to be worth a table. One
    document alone shares nothing, and whoever traces it decides.
    """
    if family_name(model) != "TextCNN":
        return None, "torch"
    if len(documents) < 2:
        return None, backend
    source = tracer(model, joined(documents), backend=backend)
    if source is None or isinstance(source, ArrayTracer):
        return None, "torch" if source is None else "numpy"
    return source, "table"


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
