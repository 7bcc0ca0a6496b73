"""The exact share of every filter's n-gram in every logit (Xu & Du 2020, matrix A)."""

import torch

from convlens.explain.attribution import Attribution
from convlens.models import TextCNN
from convlens.trace import Trace, head_biases


@torch.no_grad()
def ngrams(model: TextCNN, trace: Trace) -> Attribution:
    """`A[p, q] = W_y[q, p] v_p + b_q / k`: scores (B, k, C), one row for the n-gram of each filter.

    Columns sum to the logits. An empty document has no n-grams: its `b_y` goes to the bias.
    """
    biases = head_biases(model)
    empty = (trace.lengths == 0)[:, None]  # (B, 1)
    scores = trace.pooled[:, :, None] * model.head.weight.T + biases / trace.pooled.shape[1]
    left = biases.expand(len(empty), -1).masked_fill(~empty, 0)
    return Attribution(scores.masked_fill(empty[..., None], 0), left, trace.logits)
