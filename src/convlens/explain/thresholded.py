"""The n-grams that count (Jacovi et al. 2018, figure 3): those that pass their filter's threshold."""

import numpy as np

from convlens.arrays import Floats
from convlens.explain.slots import slots_of, to_words
from convlens.models import Weights
from convlens.trace import Trace

ROUND_OFF = 1e-5  # a threshold is a value of some text, which another backend or batch may miss by so much


def thresholded(weights: Weights, trace: Trace) -> Floats:
    """Slot activations `<w_j, x_{i+j}>` of every word for the class of each filter: (tokens, C).

    Only winning windows whose value reaches the threshold of their filter speak (`find_thresholds`), and each for one
    class, the one with the greatest head weight. Scores are in activations, not in logits, and the filters'
    biases are left out as in the paper.
    """
    assert weights.thresholds is not None  # see `check_thresholds`
    reached = trace.peaks >= weights.thresholds * (1 - ROUND_OFF * np.sign(weights.thresholds))
    passing = (trace.pooled > 0) & reached  # (D, k)
    head = weights.effective_head(trace.pooled)[0]  # (D or 1, k, C)
    of_class = np.eye(weights.classes, dtype=head.dtype)[head.argmax(2)]  # (D or 1, k, C)
    return to_words(trace, slots_of(trace) * passing[..., None], of_class)
