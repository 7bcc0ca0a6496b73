"""The global view of Xu & Du 2020 (eq. 13): how the loss changes without a word's row of matrix B."""

import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.words import words
from convlens.models import TextCNN
from convlens.trace import Trace

MOST = 5.0


@torch.no_grad()
def leave_one_out(model: TextCNN, trace: Trace) -> Attribution:
    """`(H(o - B[i], y) - H(o, y)) / H(o, y)` of word i for each class y as the label, clipped to [-5, 5].

    Scores (B, T, C) are shares of the cross entropy H, not parts of the logits: positive where the loss
    grows without the word, which so speaks for the class. 0 for words in no winning window, and padding.
    """
    scores = loss_changes(words(model, trace).scores, trace.logits[:, None])
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)


def loss_changes(shares: Tensor, logits: Tensor) -> Tensor:
    """Eq. 13 for rows of matrix B and the logits of their documents, both (..., C)."""
    shares, wide = shares.double(), logits.double().expand_as(shares)
    loss = _cross_entropies(wide)
    change = (_cross_entropies(wide - shares) - loss) / loss.clamp(min=torch.finfo(loss.dtype).tiny)
    return change.clamp(-MOST, MOST).to(logits.dtype)


def _cross_entropies(logits: Tensor) -> Tensor:
    """`-log softmax(logits)[y]` of every class y: (..., C), precise where it is near 0 too.

    The other classes of each are those before and those after it, so that all are summed up in two passes.
    """
    logits = logits - logits.amax(-1, keepdim=True)
    before = F.pad(logits[..., :-1], (1, 0), value=-torch.inf).logcumsumexp(-1)
    after = F.pad(logits[..., 1:].flip(-1), (1, 0), value=-torch.inf).logcumsumexp(-1).flip(-1)
    gap = torch.logaddexp(before, after) - logits
    return torch.where(gap < 0, gap.exp().log1p(), gap + (-gap.abs()).exp().log1p())
