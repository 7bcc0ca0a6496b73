"""What a pass over documents leaves: the winning value and window of every filter, and the logits."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.models import ACTIVATIONS, passed
from convlens.text import Documents


@dataclass(frozen=True, eq=False)
class Trace:
    """`documents` as a one-layer text CNN sees them, whatever traced them and in whatever number type.

    `peaks` (D, k) the greatest value of each filter, bias included, before the ReLU; `positions` (D, k) the first word of
    the window it came from, counted from the document's first (-1 in an empty document); `logits` (D, C); `slots` (D, k, N),
    where they were asked for, what each word of the winning windows gives each filter, N the widest region; `gates` (k,) those
    of the model, where it has any, and `activation` its own.

    Slot j of a window at i is `<w_f[j], x[i + j]>` (Jacovi et al. 2018), and 0 beyond the region or the document. Slots plus
    bias sum to `peaks`.
    """

    documents: Documents
    peaks: Floats
    positions: NDArray[np.int32]
    logits: Floats
    slots: Floats | None = None
    gates: Floats | None = None
    activation: str = "relu"

    def __post_init__(self) -> None:
        if self.peaks.shape != self.positions.shape or len(self.peaks) != len(self.documents):
            raise InputError(
                f"peaks {self.peaks.shape} and positions {self.positions.shape} are (documents, filters), got "
                f"{len(self.documents)} documents: give a row for each document, and a column for each filter"
            )

    def part(self, first: int, last: int) -> "Trace":
        """The trace of documents `first` to `last` (exclusive)."""
        rows = slice(first, last)
        slots = None if self.slots is None else self.slots[rows]
        documents = self.documents.part(first, last)
        return replace(
            self,
            documents=documents,
            peaks=self.peaks[rows],
            positions=self.positions[rows],
            logits=self.logits[rows],
            slots=slots,
        )

    @cached_property
    def pooled(self) -> Floats:
        """Pooled features as the head reads them, after the ReLU or the gates: (D, k)."""
        return passed(self.peaks, self.gates, self.activation)

    @property
    def ratios(self) -> Floats:
        """`r` of each peak z, so that its pooled value is `a(0) + r z`: 0 or 1 for the ReLU and gates, (D, k)."""
        if self.activation == "relu":
            return np.asarray(self.pooled > 0, self.peaks.dtype)
        return ACTIVATIONS[self.activation].ratio(self.peaks)

    @property
    def slopes(self) -> Floats:
        """How fast each pooled value grows with its peak: (D, k)."""
        if self.activation == "relu":
            return np.asarray(self.pooled > 0, self.peaks.dtype)
        return ACTIVATIONS[self.activation].slope(self.peaks)

    @property
    def rest(self) -> Floats:
        """`a(0)`: what a filter gives whose peak is 0."""
        return passed(np.zeros((), self.peaks.dtype), None, self.activation)
