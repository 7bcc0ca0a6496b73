"""Layer-wise relevance propagation with the rule of Arras et al. 2016 (section 3), in closed form from a trace.

`z_ij = x_i w_ij + b_j / n`, `z_j = sum_i z_ij`, and `R_{i<-j} = (z_ij + s(z_j) / n) / (z_j + s(z_j)) R_j`, with
`s(z) = 0.01 sign(z)`, `sign(0) = 1`, and n the inputs of neuron j: bias and stabiliser are shared out equally, so that
no relevance is lost. A ReLU passes relevance on, and the max gives it to its first winner.
"""

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.explain.slots import slots_of, to_vectors, to_words, word_slots, words_in_windows
from convlens.models import Weights
from convlens.trace import Trace

STABILISER = 0.01


def lrp(weights: Weights, trace: Trace, *, stabiliser: float = STABILISER) -> Floats:
    """Relevance of every word for every logit: (tokens, C), whose columns sum to the logits.

    The rule for the head, then for each filter's winning window (winner takes all); a word's
    relevance is the sum over the numbers of its vector. The inputs among which a filter's bias and stabiliser
    are shared are those of the words in its window, so that the zeros after a short document get nothing.
    A filter's relevance for a class is a part by its weight, and an even one: so no array of filters and classes is made.
    """
    rule = _Rule(weights, trace, stabiliser)
    share = (slots_of(trace) + rule.shared[..., None]) * word_slots(weights, trace)  # (D, k, N)
    share /= (rule.z + rule.even)[..., None]
    if weights.dense:
        return to_words(trace, share, _through_dense(weights, rule.pooled, stabiliser))
    evenly = to_words(trace, share, np.ones((1, len(weights.filter_biases), 1), share.dtype))
    scores = to_words(trace, share * rule.pooled[..., None], weights.head.T[None])
    lengths = trace.documents.lengths
    scores += evenly * np.repeat(rule.of_biases, lengths, 0)
    scores *= np.repeat(rule.logits / (rule.logits + rule.of_head), lengths, 0)
    return scores


def lrp_elements(
    weights: Weights, trace: Trace, targets: NDArray[np.int64], *, stabiliser: float = STABILISER
) -> Floats:
    """`lrp` before the sum over the numbers of a word's vector: (tokens, d), for the logit `targets` (D,) of each document."""
    rule, own = _Rule(weights, trace, stabiliser), (np.arange(len(targets)), targets)
    if weights.dense:
        of_filters = _through_dense(weights, rule.pooled, stabiliser)[own[0], :, targets]  # (D, k)
    else:
        logits, of_head = rule.logits[own], rule.of_head[own]
        of_filters = rule.pooled * weights.head[targets] + rule.of_biases[own][:, None]
        of_filters *= (logits / (logits + of_head))[:, None]
    ratio = of_filters / (rule.z + rule.even)
    ones = np.ones((1, len(weights.filter_biases), 1), ratio.dtype)
    evenly = to_words(trace, (ratio * rule.shared)[..., None] * word_slots(weights, trace), ones)
    vectors = weights.vectors_of(trace.documents.ids)
    return np.asarray(to_vectors(weights, trace, ratio) * vectors + evenly / vectors.shape[1])


def stabilisers(z: Floats, stabiliser: float) -> Floats:
    """`s(z)`, of the shape and type of z: 0.01 is another number in float32."""
    return np.asarray(np.where(z >= 0, z.dtype.type(stabiliser), z.dtype.type(-stabiliser)))


def _through_dense(weights: Weights, pooled: Floats, stabiliser: float) -> Floats:
    """Relevance of every feature (D, k) for every logit: (D, k, C), by the rule for the head, then for each dense layer."""
    layers = [*weights.dense, (weights.head, weights.head_biases)]
    inputs, sums = [pooled], []
    for weight, bias in layers:
        sums.append(inputs[-1] @ weight.T + bias)  # (D, J)
        inputs.append(np.maximum(sums[-1], 0))
    relevance: Floats = np.eye(weights.classes, dtype=pooled.dtype) * sums[-1][..., None]  # (D, C, C)
    for (weight, bias), x, z in zip(layers[::-1], inputs[-2::-1], sums[::-1], strict=True):
        even = stabilisers(z, stabiliser)
        ratio = relevance / (z + even)[..., None]  # (D, J, C)
        evenly = ((bias + even)[..., None] * ratio).sum(1, keepdims=True) / x.shape[1]
        relevance = x[..., None] * np.einsum("ji,djc->dic", weight, ratio) + evenly
    return relevance


class _Rule:
    """The neurons of a one-layer model as a trace has them: `z` and stabilisers of the filters (D, k) and of the head (D, C)."""

    def __init__(self, weights: Weights, trace: Trace, stabiliser: float) -> None:
        biases = weights.filter_biases
        self.z = slots_of(trace).sum(2) + biases  # the peaks, summed again, so that shares sum to one exactly
        self.even = stabilisers(self.z, stabiliser)
        words = np.maximum(words_in_windows(weights, trace), 1).astype(self.z.dtype)
        self.shared = (
            biases + self.even
        ) / words  # (D, k), what each word in a window gets of bias and stabiliser
        relu = trace.activation == "relu"
        self.pooled = np.where(trace.pooled > 0, self.z, 0) if relu else weights.pooled(self.z)
        self.logits = weights.head_of(self.pooled)  # (D, C)
        self.of_head = stabilisers(self.logits, stabiliser)
        self.of_biases = (weights.head_biases + self.of_head) / len(
            biases
        )  # (D, C), what each filter gets of the head's
