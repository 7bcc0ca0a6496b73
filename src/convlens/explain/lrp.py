"""Layer-wise relevance propagation with the rule of Arras et al. 2016, in closed form from a trace."""

import torch
from torch import Tensor

from convlens.explain.attribution import Attribution
from convlens.explain.relevance import STABILISER, linear, stabilisers
from convlens.explain.spread import to_words
from convlens.models import TextCNN
from convlens.trace import Trace, filter_biases, head_biases, slot_activations, word_slots


@torch.no_grad()
def lrp(model: TextCNN, trace: Trace, *, stabiliser: float = STABILISER) -> Attribution:
    """Relevance of every word for every logit: scores (B, T, C), whose columns sum to the logits.

    The rule of `relevance` for the head, then for each filter's winning window (winner takes all); a word's
    relevance is the sum over the numbers of its vector. The inputs among which a filter's bias and stabiliser
    are shared are those of the words in its window, so that the zeros after a short document get nothing.
    An empty document has no word: its `b_y` goes to the bias.
    """
    held, biases = word_slots(model, trace), filter_biases(model)  # (B, k, N), (k,)
    slots = slot_activations(model, trace)  # (B, k, N)
    z = slots.sum(2) + biases  # (B, k), the peaks: summed again, so that the shares sum to one exactly
    even = stabilisers(z, stabiliser)
    shared = (biases + even) / held.sum(2).clamp(min=1)  # (B, k), to each word in the window
    share = (slots + shared[..., None]) / (z + even)[..., None]  # (B, k, N)
    relevance = _of_filters(model, trace, z, stabiliser)  # (B, k, C)
    scores = to_words(trace, held, share[..., None] * relevance[:, :, None])
    empty = (trace.lengths == 0)[:, None]
    return Attribution(scores, head_biases(model) * empty, trace.logits)


def _of_filters(model: TextCNN, trace: Trace, z: Tensor, stabiliser: float) -> Tensor:
    """The relevance of each filter for each logit: (B, k, C)."""
    pooled = z.relu().masked_fill((trace.lengths == 0)[:, None], 0)
    logits = pooled @ model.head.weight.T + head_biases(model)
    relevance = linear(
        pooled[:, None], model.head.weight, head_biases(model), torch.diag_embed(logits), stabiliser
    )
    return relevance.transpose(1, 2)
