"""What a method gives back for a batch: scores of units and the part no unit owns."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Attribution:
    """`scores` (B, U, C) in logits, for words (U = T) or filters' n-grams (U = k); `bias` (B, C) is
    what no unit owns. For an exact method scores and bias sum to the logits."""

    scores: Tensor
    bias: Tensor
