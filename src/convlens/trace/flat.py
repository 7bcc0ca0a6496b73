"""What a pass over documents leaves: the winning value and window of every filter, and the logits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.models import passed
from convlens.text import Documents


@dataclass(frozen=True, eq=False)
class Trace:
    """`documents` as a one-layer text CNN sees them, whatever traced them and in whatever number type.

    `peaks` (D, k) the greatest value of each filter, bias included, before the ReLU; `positions` (D, k) the first word of
    the window it came from, counted from the document's first (-1 in an empty document); `logits` (D, C); `slots` (D, k, N),
    where they were asked for, what each word of the winning windows gives each filter, N the widest region; `gates` (k,) those
    of the model, where it has any.

    Slot j of a window at i is `<w_f[j], x[i + j]>` (Jacovi et al. 2018), and 0 beyond the region or the document. Slots plus
    bias sum to `peaks`.
    """

    documents: Documents
    peaks: Floats
    positions: NDArray[np.int32]
    logits: Floats
    slots: Floats | None = None
    gates: Floats | None = None

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
        return Trace(documents, self.peaks[rows], self.positions[rows], self.logits[rows], slots, self.gates)

    @property
    def pooled(self) -> Floats:
        """Pooled features as the head reads them, after the ReLU or the gates: (D, k)."""
        return passed(self.peaks, self.gates)
