"""The gradient methods for one-layer models, in closed form from a trace: no backward pass.

The slope of logit q at a word is the sum of `W_y[q, p] w_j` over the slots of the winning windows that the word is in, of the
filters p that pass the ReLU or their gates.
"""

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.explain.slots import (
    NUMBERS,
    columns,
    filled_slots,
    pays,
    pieces,
    slots_of,
    to_vectors,
    to_words,
)
from convlens.models import Weights
from convlens.trace import Trace


def gradient_x_input(weights: Weights, trace: Trace) -> Floats:
    """`<dy_q / dx_t, x_t>` of word t: (tokens, C), the sum of `W_y[q, p] <w_j, x_t>` over these slots."""
    return to_words(trace, slots_of(trace) * trace.slopes[..., None], weights.effective_head(trace.pooled)[0])


def sensitivity(weights: Weights, trace: Trace) -> Floats:
    """`||dy_q / dx_t||^2` (Arras et al. 2016, SA): (tokens, C), never negative: where a class looks, not for what."""
    alive, table = trace.slopes, columns(weights)
    head = np.ascontiguousarray(weights.effective_head(trace.pooled)[0])
    scores = np.zeros((len(trace.documents.ids), weights.classes), head.dtype)
    if pays(trace.documents):
        from convlens.kernels.scatter import square_slopes

        square_slopes(trace.documents.starts, trace.positions, alive, head, table, scores)
        return scores
    for first, last in pieces(np.arange(len(trace.documents) + 1), table.size):
        words, document, filters, slots = filled_slots(weights, trace, alive != 0, (first, last))
        begin = np.flatnonzero(np.diff(words, prepend=-1))
        most = max(NUMBERS // max(len(words) * table.shape[2], 1), 1)
        for c in range(0, weights.classes if len(words) else 0, most):
            of_filters = (
                head[document if len(head) > 1 else 0, filters, c : c + most] * alive[document, filters, None]
            )
            contributions = of_filters[..., None] * table[filters, slots][:, None]  # (S, Q, d)
            sums = np.add.reduceat(contributions, begin)
            scores[words[begin], c : c + most] = np.square(sums, out=sums).sum(2)
    return scores


def sensitivity_l2(weights: Weights, trace: Trace) -> Floats:
    """`||dy_q / dx_t||`, the root of `sensitivity` (Arras et al. 2016, SA(l2)): the same order of words."""
    return np.sqrt(sensitivity(weights, trace))


def slopes(weights: Weights, trace: Trace, targets: NDArray[np.int64]) -> Floats:
    """Slopes of the logit `targets` (D,) of each document at its words: (tokens, d)."""
    head = weights.effective_head(trace.pooled)[0]  # (D or 1, k, C)
    own = head[np.arange(len(targets)) if len(head) > 1 else 0, :, targets]
    return to_vectors(weights, trace, own * trace.slopes)
