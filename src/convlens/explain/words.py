"""The exact share of every word in every logit (Xu & Du 2020, matrix B)."""

import torch

from convlens.explain.attribution import Attribution
from convlens.explain.spread import to_words
from convlens.models import TextCNN
from convlens.trace import Trace, filter_biases, head_biases, slot_activations, word_slots


@torch.no_grad()
def words(model: TextCNN, trace: Trace) -> Attribution:
    """Sum over filters p and slots j of `W_y[q, p] u_pj + b_q / (k m)` at the word in that slot.

    `u_pj = <w_j, x_{i+j}> + b_f / m` for the m words in the winning window of filter p (m = n but in
    documents shorter than n), and 0 where the ReLU or its gate stops the filter. Scores (B, T, C); columns sum to
    the logits. Only an empty document leaves something, `b_y`, to the bias.
    """
    held = word_slots(model, trace)  # (B, k, N)
    biases = head_biases(model)  # (C,)
    words_held = held.sum(2, keepdim=True).clamp(min=1).to(biases.dtype)  # m: (B, k, 1)
    share = filter_biases(model)[:, None] / words_held  # (B, k, 1)
    alive = (trace.pooled > 0)[:, :, None]
    u = (slot_activations(model, trace) + share).masked_fill(~(held & alive), 0)  # (B, k, N)
    head_share = held / (words_held * len(model.config.widths))  # (B, k, N), sums to 1 per document
    scores = u[..., None] * model.head.weight.T[:, None] + head_share[..., None] * biases  # (B, k, N, C)
    total = to_words(trace, held, scores)
    empty = (trace.lengths == 0)[:, None]
    return Attribution(total, biases.expand(len(empty), -1).masked_fill(~empty, 0), trace.logits)
