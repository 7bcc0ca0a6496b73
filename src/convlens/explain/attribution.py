"""What a method gives back for a batch: scores of units and the part no unit owns."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

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


@dataclass(frozen=True)
class Attribution:
    """`scores` (B, U, C), for words (U = T) or filters' n-grams (U = k); `bias` (B, C) is what no unit
    owns, `logits` (B, C) those of the model. `Sums` tells how the three go together."""

    scores: "Tensor"
    bias: "Tensor"
    logits: "Tensor"
