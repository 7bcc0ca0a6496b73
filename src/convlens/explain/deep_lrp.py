"""Layer-wise relevance propagation through stacked convolutions, by the rule of `relevance`."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.explain.padded import Padded
from convlens.explain.relevance import STABILISER
from convlens.models import DeepTextCNN, TextModel, Trunk
from convlens.text import PAD


@dataclass(frozen=True)
class _Layer:
    """A convolution as it was passed: its inputs, which of their places are no padding, the pooling's winners."""

    conv: nn.Conv1d
    inputs: tuple[Tensor, Tensor]  # (B, D, T), (B, T)
    won: Tensor | None  # (B, F, P)
    places: int  # before pooling


@torch.no_grad()
def deep_lrp(model: TextModel, ids: Tensor, *, stabiliser: float = STABILISER) -> Padded:
    """`lrp` for a network of any depth, by one pass back for each class: scores (B, T, C).

    Scores and bias sum to the logits. The bias is the relevance that reaches windows without a word: of an empty
    document, and of the zeros that fill it up to a fixed length, which the network reads like words. As the ReLU
    stands before the pooling, places that it stops are equal, and the first of them wins.
    """
    assert isinstance(model, DeepTextCNN)  # of one layer there is a trace
    lengths = (ids != PAD).sum(1)
    vectors = model.eval().embed(ids)
    passes = [_pass(trunk, vectors.transpose(1, 2), lengths) for trunk in model.trunks]
    h = [
        trunk.gathered(x.transpose(1, 2), lengths) for trunk, (_, x) in zip(model.trunks, passes, strict=True)
    ]
    logits = model.classify(vectors, lengths)
    relevance = _through_dense(model, torch.cat(h, 1), stabiliser)  # (B, C, F)
    scores, lost = vectors.new_zeros(*ids.shape, model.classes), torch.zeros_like(logits)
    of_trunks = zip(
        model.trunks, passes, torch.split(relevance, [part.shape[1] for part in h], 2), strict=True
    )
    for trunk, passed, of_trunk in of_trunks:
        words, left = _through_trunk(trunk, passed, lengths, of_trunk, stabiliser)
        words = F.pad(words, (0, 0, 0, max(ids.shape[1] - words.shape[1], 0)))[:, : ids.shape[1]]
        scores, lost = scores + words, lost + left
    return Padded(scores, lost, logits)


def _through_trunk(
    trunk: Trunk, passed: tuple[list[_Layer], Tensor], lengths: Tensor, relevance: Tensor, stabiliser: float
) -> tuple[Tensor, Tensor]:
    """From the features of a stack (B, C, F) to the words (B, T', C), and what reaches none (B, C)."""
    layers, x = passed
    of_places = (_over_time(trunk, x, lengths, of_class, stabiliser) for of_class in relevance.unbind(1))
    of_classes = [_through_layers(layers, *of_class, stabiliser) for of_class in of_places]
    words, lost = zip(*of_classes, strict=True)
    return torch.stack(words, 2), torch.stack(lost, 1)


def _pass(model: Trunk, x: Tensor, lengths: Tensor) -> tuple[list[_Layer], Tensor]:
    """The layers as documents (B, d, T) pass them, and what leaves the last one: (B, F, P)."""
    config = model.config
    size = max(x.shape[2], config.field) if config.length is None else config.length
    x = F.pad(x[:, :, :size], (0, max(size - x.shape[2], 0)))  # (B, d, T')
    real = torch.arange(size, device=x.device) < lengths[:, None]
    layers: list[_Layer] = []
    for conv, layer in zip(model.convolutions, config.layers, strict=True):
        above, won = conv(x).relu(), None
        places = above.shape[2]
        if layer.pool > 1:
            above, won = F.max_pool1d(above, layer.pool, return_indices=True)
        layers.append(_Layer(conv, (x, real), won, places))
        x, real = above, real.new_ones(len(x), above.shape[2])
    return layers, x


def _through_dense(model: DeepTextCNN, h: Tensor, stabiliser: float) -> Tensor:
    """From the logits to what left the convolutions: (B, C, features)."""
    weight, bias = model.output
    passed = []  # the dense layers, from below, with what each reads
    for layer in model.dense_layers:
        passed.append((layer, h))
        h = layer(h).relu()
    logits = h @ weight.T + bias
    relevance = linear(h[:, None], weight, bias, torch.diag_embed(logits), stabiliser)
    for layer, below in reversed(passed):
        relevance = linear(below[:, None], layer.weight, layer.bias, relevance, stabiliser)
    return relevance


def _over_time(
    model: Trunk, x: Tensor, lengths: Tensor, relevance: Tensor, stabiliser: float
) -> tuple[Tensor, Tensor]:
    """From the features (B, features) to the places (B, F, P) of the last layer, whose values are x (B, F, P).

    A max gives all to its winner. A mean or sum is a linear layer without a bias, whose inputs are the document's places.
    Also the relevance (B,) of those of k greatest values that a document lacks, which reaches no place.
    """
    lost = relevance.new_zeros(len(relevance))
    places = x.transpose(1, 2)  # (B, P, F)
    if model.config.length is not None:
        return relevance.view(places.shape).transpose(1, 2), lost
    if model.config.over_time == "max":
        peaks, best = (part.view(*x.shape[:2], -1) for part in model.greatest(places, lengths))  # (B, F, k)
        relevance, lacking = relevance.view(peaks.shape), peaks.isneginf()
        lost = relevance.masked_fill(~lacking, 0).sum((1, 2))
        return winners(relevance.masked_fill(lacking, 0), best.masked_fill(lacking, 0), x.shape[2]), lost
    parts = model.summands(places, lengths)
    z = parts.sum(1, keepdim=True)  # (B, 1, F)
    even = stabilisers(z, stabiliser)
    each = model.inside((even / model.places(lengths)[:, None, None]).expand(parts.shape), lengths, beyond=0)
    return ((parts + each) * (relevance[:, None] / (z + even))).transpose(1, 2), lost


def _through_layers(
    layers: list[_Layer], relevance: Tensor, lost: Tensor, stabiliser: float
) -> tuple[Tensor, Tensor]:
    """From the last layer's places (B, F, P) to the words (B, T'), and what reaches none (B,), with what is `lost`."""
    for layer in reversed(layers):
        if layer.won is not None:
            relevance = winners(relevance, layer.won, layer.places)
        relevance, left = convolution(layer.inputs, layer.conv, relevance, stabiliser)
        lost = lost + left
    return relevance.sum(1), lost


def stabilisers(z: Tensor, stabiliser: float) -> Tensor:
    """`s(z)`, of the shape of z."""
    even = torch.full_like(z, stabiliser)  # of the precision of z: 0.01 is another number in float32
    return torch.where(z >= 0, even, -even)


def linear(x: Tensor, weight: Tensor, bias: Tensor, relevance: Tensor, stabiliser: float) -> Tensor:
    """From the outputs (B, C, J) of a dense layer to its inputs: x (B, 1, I), weight (J, I) -> (B, C, I)."""
    z = x @ weight.T + bias  # (B, 1, J)
    even = stabilisers(z, stabiliser)
    ratio = relevance / (z + even)  # (B, C, J)
    return x * (ratio @ weight) + (ratio * (bias + even)).sum(2, keepdim=True) / x.shape[2]


def convolution(
    inputs: tuple[Tensor, Tensor], conv: nn.Conv1d, relevance: Tensor, stabiliser: float
) -> tuple[Tensor, Tensor]:
    """From the outputs (B, F, P) of a convolution to its inputs (B, D, T), and what finds no input: (B,).

    `inputs`: its inputs, and (B, T) bool which places are inputs and not padding; padding, whose numbers
    must be 0, gets nothing. A window of padding alone keeps its relevance to itself.
    """
    (x, real), (weight, bias), step = inputs, (conv.weight, conv.bias), conv.stride[0]
    assert bias is not None
    z = F.conv1d(x, weight, bias, step)  # (B, F, P)
    even = stabilisers(z, stabiliser)
    ratio = relevance / (z + even)
    unread = (0, x.shape[2] - (z.shape[2] - 1) * step - weight.shape[2])  # places after the last window
    parts = x * F.pad(F.conv_transpose1d(ratio, weight, stride=step), unread)  # (B, D, T)
    shared = (ratio * (bias[:, None] + even)).sum(1, keepdim=True)  # (B, 1, P)
    places = real[:, None].to(x.dtype)  # (B, 1, T)
    ones = weight.new_ones(1, 1, weight.shape[2])
    counts = F.conv1d(places, ones, stride=step).round()  # (B, 1, P), of each window
    spread = F.conv_transpose1d(shared / counts.clamp(min=1), ones, stride=step)  # to each place of a window
    spread = F.pad(spread, unread)  # (B, 1, T)
    return parts + spread * places / x.shape[1], shared.masked_fill(counts > 0, 0).sum((1, 2))


def winners(relevance: Tensor, places: Tensor, size: int) -> Tensor:
    """From the outputs (B, F, P) of a max, pooling windows overlapping or not, to its inputs: (B, F, size)."""
    return relevance.new_zeros(*relevance.shape[:2], size).scatter_add_(2, places, relevance)
