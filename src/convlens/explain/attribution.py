"""What a method gives back: scores of units, one text after another, and the part no unit owns."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.text import Places
from convlens.trace import Trace

Sums = Literal["exact", "remainder", "approximate", "none"]
"""How the scores of a method and the logits go together; said here once, shown by every `Explanation`.

`exact`: each score and the bias are computed parts of the logit, and the residual, what they miss it by, is the
check. `remainder`: the bias is defined as what the scores leave of the logit, so there is nothing to check.
`approximate`: the scores are estimates, and the bias is the logit they start from, of the document without its words
(the mean logit of the baselines, where a method has several); the convergence delta is what scores and bias exceed
the logit by. A small delta is needed for good estimates, and does not make them exact.
`none`: the scores are no parts of the logit. Where they are not defined, residual
and convergence delta are None (NaN in arrays); without parts the bias is 0.
"""


class Scored(NamedTuple):
    """What a method says of documents: `scores` (units, C) for words, or filters' n-grams, document after document.

    `bias` (D, C) is what no unit owns, `logits` (D, C) those of the model; `trace` that which the method read, if it did,
    without slots; `padding` (D, C), of a model that reads padding, the part of the bias that its windows give; `positions` (D, filters) are
    the first words of the filters' n-grams, where there is no trace to tell them.
    """

    scores: Floats
    bias: Floats
    logits: Floats
    trace: Trace | None = None
    padding: Floats | None = None
    positions: NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class Attribution:
    """Scores of the units (words or filters' n-grams) of many texts, in their order.

    Text i owns the units `offsets[i]` to `offsets[i + 1]`, of `offsets` (texts + 1,). `spans` (units, 2)
    are characters of the unit's text, `scores` (units, C); `bias` (texts, C) is what no unit owns, `logits` (texts, C) those
    of the model. `trace` is that which the method read, if it did, without slots, of documents with padding where the model reads
    any: then `padding` (texts, C) is the part of the bias that windows give for words of padding, and n-grams of padding alone. `filters` (units,) is None for words; `sums`
    tells how scores, bias and logits go together (see `Sums`).
    """

    offsets: NDArray[np.int64]
    spans: Places
    scores: Floats
    bias: Floats
    logits: Floats
    trace: Trace | None = None
    padding: Floats | None = None
    filters: NDArray[np.int64] | None = None
    sums: Sums = "exact"

    @property
    def owners(self) -> NDArray[np.int64]:
        """The text that each unit belongs to: (units,)."""
        return np.repeat(np.arange(len(self.logits)), np.diff(self.offsets))

    @property
    def residual(self) -> NDArray[np.float64]:
        """Largest difference between a logit and its parts, for each text: (texts,); NaN where none is defined."""
        if self.sums != "exact":
            return np.full(len(self.logits), np.nan)
        return np.asarray(np.abs(self._excess).max(1, initial=0))

    @property
    def convergence_delta(self) -> NDArray[np.float64]:
        """What scores and bias of an approximate method exceed the logits by: (texts, C); NaN for other methods."""
        return self._excess if self.sums == "approximate" else np.full(self.logits.shape, np.nan)

    @property
    def _excess(self) -> NDArray[np.float64]:
        return added_up(self.scores, self.offsets, self.bias) - self.logits


def added_up(scores: Floats, offsets: NDArray[np.int64], start: Floats) -> NDArray[np.float64]:
    """`start` (D, C) and the scores (units, C) of each document, summed in float64 as a text may be long: (D, C)."""
    total = start.astype(np.float64)
    filled = np.diff(offsets) > 0
    if filled.any():
        for of_class, sums in zip(
            scores.T, total.T, strict=True
        ):  # numpy copies what it sums in another type
            sums[filled] += np.add.reduceat(of_class, offsets[:-1][filled], 0, np.float64)
    return total
