"""The exact logits after every swap of one word: read from the slot table, no gradient, no forward pass."""

from collections.abc import Sequence

import numpy as np

from convlens.arrays import Floats, Ints
from convlens.attack.swapping import ByTable, Plain
from convlens.errors import InputError
from convlens.models import TextModel, one_layer
from convlens.text import UNKNOWN, Documents
from convlens.trace import region_slots, trace_by_torch, vocabulary_table

NUMBERS = 2**24  # sums of candidates at a time: bounds memory


class Swaps:
    """All swaps of a one-layer model; `backend` of `BACKENDS`, `auto` takes the kernel where it works and its table fits."""

    def __init__(self, model: TextModel, *, backend: str = "auto") -> None:
        self.model = one_layer(model, "a swap").eval()
        if self.model.gates is not None:
            raise InputError(
                "swaps and certificates are computed for the ReLU, and the filters of this model have gates in its place: "
                "attack it by insertions, or by typos in another order than exact"
            )
        table = vocabulary_table(self.model, backend) if self.model.config.plain else None
        self.backend = Plain(self.model) if table is None else ByTable(table)
        self.head: Floats = self.model.head_weights.cpu().numpy()  # (C, k)
        self.bias: Floats = self.model.head_biases.cpu().numpy()
        self._extremes: dict[int, tuple[Floats, Floats]] = {}

    def logits(self, ids: Ints, candidates: Ints) -> Floats:
        """Logits (L, M, C) of a document (L,) with each word replaced by each of its `candidates` (L or 1, M)."""
        return self._sums(self.backend.around(ids), candidates, self.head, self.bias)

    def margins(self, ids: Ints, candidates: Ints, label: int, target: int | None = None) -> Floats:
        """How far each swap stays from what an attack is after: (L, M), below 0 where it gets there.

        That is the logit of the true class less the greatest other, or with a target the greatest other less the target's.
        """
        head, bias = self.differences(label, target)
        reduce = np.min if target is None else np.max
        rows = max(NUMBERS // max(candidates.shape[1] * len(bias), 1), 1)
        margins = np.empty((len(ids), candidates.shape[1]), self.head.dtype)
        around = self.backend.around(ids)
        for first in range(0, len(ids), rows):
            part = slice(first, first + rows)
            of_rows = candidates if len(candidates) == 1 else candidates[part]
            margins[part] = reduce(self._sums([a[part] for a in around], of_rows, head, bias), axis=2)
        return margins

    def read(self, documents: Documents) -> Floats:
        """Logits (documents, C) of documents as they are."""
        table = self.backend.table if isinstance(self.backend, ByTable) else None
        trace = trace_by_torch(self.model, documents) if table is None else table.trace(documents)
        return trace.logits

    def extremes(self, region: int) -> tuple[Floats, Floats]:
        """The least and the greatest that any word gives the slots of a region's filters: (n, F) each."""
        if region not in self._extremes:
            slots = region_slots(self.model, region, np.arange(UNKNOWN, self.model.embed.num_embeddings))
            self._extremes[region] = slots.min(0), slots.max(0)
        return self._extremes[region]

    def differences(self, label: int, target: int | None = None) -> tuple[Floats, Floats]:
        """Rows `w_y - w_c` (C - 1, k) and `b_y - b_c` (C - 1,) for each c but the class y; with a target t, `w_c - w_t`."""
        own, sign = (label, 1) if target is None else (target, -1)
        others = np.arange(len(self.bias)) != own
        return sign * (self.head[own] - self.head[others]), sign * (self.bias[own] - self.bias[others])

    def _sums(self, around: Sequence[Floats], candidates: Ints, head: Floats, bias: Floats) -> Floats:
        """`head` (R, k) times the pooled values, plus `bias` (R,): (L, M, R)."""
        out = np.empty((len(around[0]), candidates.shape[1], len(head)), self.head.dtype)
        out[:] = bias
        self.backend.add(around, candidates, head, out)
        return out
