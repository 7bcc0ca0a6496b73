"""Layer-wise relevance propagation with the rule of Arras et al. 2016, in closed form from a trace."""

import torch
import torch.nn.functional as F
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
    held, slots = word_slots(model, trace), slot_activations(model, trace)  # (B, k, N)
    ratio, shared = _ratios(model, trace, (held, slots), stabiliser)  # (B, k, C), (B, k)
    scores = to_words(trace, held, (slots + shared[..., None])[..., None] * ratio[:, :, None])
    empty = (trace.lengths == 0)[:, None]
    return Attribution(scores, head_biases(model) * empty, trace.logits)


@torch.no_grad()
def lrp_elements(model: TextCNN, trace: Trace, targets: Tensor, *, stabiliser: float = STABILISER) -> Tensor:
    """`lrp` before the sum over the numbers of a word's vector: (B, T, d), for the logit `targets` (B,) of each document."""
    held, slots = word_slots(model, trace), slot_activations(model, trace)
    ratios, shared = _ratios(model, trace, (held, slots), stabiliser)
    ratio = ratios.gather(2, targets[:, None, None].expand(-1, ratios.shape[1], 1))  # (B, k, 1)
    given = ratio[..., None] * _columns(model)  # (B, k, N, d)
    x: Tensor = model.embed(trace.ids)
    parts = to_words(trace, held, given) * x
    even = to_words(trace, held, (ratio * shared[..., None])[:, :, None].expand(-1, -1, held.shape[2], 1))
    return parts + even / model.embed.embedding_dim


def _ratios(
    model: TextCNN, trace: Trace, window: tuple[Tensor, Tensor], stabiliser: float
) -> tuple[Tensor, Tensor]:
    """`R_j / (z_j + s(z_j))` of every filter (B, k, C), and the bias and stabiliser of each word in its window (B, k)."""
    (held, slots), biases = window, filter_biases(model)
    z = slots.sum(2) + biases  # (B, k), the peaks: summed again, so that the shares sum to one exactly
    even = stabilisers(z, stabiliser)
    shared = (biases + even) / held.sum(2).clamp(min=1)
    return _of_filters(model, trace, z, stabiliser) / (z + even)[..., None], shared


def _columns(model: TextCNN) -> Tensor:
    """The columns of the filters: (k, N, d), zeros after the last slot."""
    most = max(model.config.regions)
    parts = [conv.weight.detach().transpose(1, 2) for conv in model.convolutions]  # (F, n, d)
    return torch.cat([F.pad(part, (0, 0, 0, most - part.shape[1])) for part in parts])


def _of_filters(model: TextCNN, trace: Trace, z: Tensor, stabiliser: float) -> Tensor:
    """The relevance of each filter for each logit: (B, k, C)."""
    pooled = z.masked_fill(trace.pooled <= 0, 0)
    logits = pooled @ model.head.weight.T + head_biases(model)
    relevance = linear(
        pooled[:, None], model.head.weight, head_biases(model), torch.diag_embed(logits), stabiliser
    )
    return relevance.transpose(1, 2)
