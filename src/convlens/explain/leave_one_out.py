"""The global view of Xu & Du 2020 (eq. 13): how the loss changes without a word's row of matrix B."""

import torch
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
    columns = []
    for label in range(shares.shape[-1]):
        loss = _cross_entropy(wide, label)
        change = (_cross_entropy(wide - shares, label) - loss) / loss.clamp(min=torch.finfo(loss.dtype).tiny)
        columns.append(change.clamp(-MOST, MOST))
    return torch.stack(columns, -1).to(logits.dtype)


def _cross_entropy(logits: Tensor, label: int) -> Tensor:
    """`-log softmax(logits)[label]`: (...,), precise where it is near 0 too."""
    others = logits - logits[..., label : label + 1]
    others[..., label] = -torch.inf
    gap = others.logsumexp(-1)
    return torch.where(gap < 0, gap.exp().log1p(), gap + (-gap.abs()).exp().log1p())
