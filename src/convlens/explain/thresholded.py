"""The n-grams that count (Jacovi et al. 2018, figure 3): those that pass their filter's threshold."""

import torch

from convlens.explain.attribution import Attribution
from convlens.explain.methods import check_thresholds
from convlens.explain.spread import to_words
from convlens.models import TextCNN
from convlens.trace import Trace, slot_activations, word_slots

ROUND_OFF = 1e-5  # a threshold is a value of some text, which another backend or batch may miss by so much


@torch.no_grad()
def thresholded(model: TextCNN, trace: Trace) -> Attribution:
    """Slot activations `<w_j, x_{i+j}>` of every word for the class of each filter: scores (B, T, C).

    Only winning windows whose value reaches the threshold of their filter speak (`find_thresholds`), and each for one
    class, the one with the greatest head weight. Scores are in activations, not in logits, and the filters'
    biases are left out as in the paper.
    """
    thresholds: torch.Tensor = check_thresholds(model)
    reached = trace.peaks >= thresholds - ROUND_OFF * thresholds.abs()
    passing = (trace.pooled > 0) & reached  # (B, k)
    held = word_slots(model, trace) & passing[..., None]  # (B, k, N)
    slots, weight = slot_activations(model, trace), model.head.weight  # (B, k, N), (C, k)
    of_class = torch.nn.functional.one_hot(weight.argmax(0), model.classes).to(slots.dtype)  # (k, C)
    scores = to_words(trace, held, slots[..., None] * of_class[:, None])
    return Attribution(scores, torch.zeros_like(trace.logits), trace.logits)
