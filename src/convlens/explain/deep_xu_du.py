"""Matrices A and B of networks of any depth (after Xu & Du 2020): the exact shares of n-grams and words in each logit.

Where its ReLUs and maxima stand for a document, a network is linear in its words and its biases: each logit is

    y_c = sum_t <dy_c/dx_t, x_t> + sum_{l, p, f} b_lf dy_c/dz_lpf + k_c

over words t and over layers l, places p and filters f, with `z` before the ReLU, and `k_c` what the biases of the dense
layers and of the head add through the dense neurons that pass. What a bias adds is shared equally among the words that
its place sees, as Xu & Du share `b_f` among the words of a window. `k_c` is shared like their `b_q`, in equal parts for
the features that leave the convolutions, each part among the words that the feature's place sees; where features are
means or sums over time, in equal parts for all places of the document. One layer of one
region size has the matrices of a `TextCNN`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.explain.padded import Padded
from convlens.models import DeepTextCNN, TextModel, Trunk
from convlens.text import PAD


def deep_words(model: TextModel, ids: Tensor) -> Padded:
    """Matrix B: the shares of words, (B, T, C), by one pass back for each class.

    Scores and bias sum to the logits. The bias is what falls to places that see no word: of an empty document, and among
    the zeros that fill a document up to a fixed length or to the field of the last layer.
    """
    assert isinstance(model, DeepTextCNN)  # of one layer there is a trace
    lengths = (ids != PAD).sum(1)
    with torch.enable_grad():
        x = model.eval().embed(ids).detach().requires_grad_()  # (B, T, d)
        layers = [list(trunk.activations(trunk.extended(x))) for trunk in model.trunks]
        h = [
            trunk.pooled(of_trunk[-1], lengths) for trunk, of_trunk in zip(model.trunks, layers, strict=True)
        ]
        features = torch.cat(h, 1)  # (B, F)
        slopes, constants = _decision(model, features.detach())
        stacks = list(
            zip(model.trunks, layers, h, torch.split(slopes, [part.shape[1] for part in h], 2), strict=True)
        )
        of_trunks = [_of_biases(*stack, x) for stack in stacks]
    counts = [
        _features_at(trunk, x.detach(), of_trunk, lengths) for trunk, of_trunk, _, _ in stacks
    ]  # (B, P) each
    total = torch.cat(counts, 1).sum(1)[:, None, None]
    scores, bias = x.new_zeros(*constants.shape, ids.shape[1]), torch.zeros_like(constants)
    for trunk, (of_words, *of_layers), there in zip(model.trunks, of_trunks, counts, strict=True):
        scores = scores + of_words
        parts = [*of_layers, there[:, None] / total * constants[..., None]]
        for part, field in zip(
            parts, (*trunk.config.fields, (trunk.config.field, trunk.config.stride)), strict=True
        ):
            shared, left = _shared(part, field, lengths, ids.shape[1])
            scores, bias = scores + shared, bias + left
    return Padded(scores.transpose(1, 2), bias, model.decide(features).detach())


def _of_biases(trunk: Trunk, layers: list[Tensor], h: Tensor, slopes: Tensor, x: Tensor) -> list[Tensor]:
    """Of one stack: what the words' vectors add (B, C, T), and the biases at each place of each layer (B, C, P).

    `slopes` (B, C, F) are those of the logits at the features h (B, F) that leave it.
    """
    backward = (torch.autograd.grad(h, (x, *layers), s, retain_graph=True) for s in slopes.unbind(1))
    parts = [_parts(trunk, x.detach(), layers, of_class) for of_class in backward]
    return [torch.stack(part, 1) for part in zip(*parts, strict=True)]


@torch.no_grad()
def deep_ngrams(model: TextModel, ids: Tensor) -> Padded:
    """Matrix A: `h_f dy_c/dh_f + k_c / F` of the F features h_f that leave the max over time, (B, F, C).

    The n-gram of a feature is the words that its winning place sees. Rows of a document sum to its logits. An empty
    document has no n-grams. Of k greatest values, a document with fewer places has those n-grams that it has: F counts
    these, and the others have scores of 0.
    """
    assert isinstance(model, DeepTextCNN)  # of one layer there is a trace
    lengths = (ids != PAD).sum(1)
    x = model.eval().embed(ids)
    h = model.features(x, lengths)  # (B, F)
    slopes, constants = _decision(model, h)
    winners = [
        _winners(trunk, x, list(trunk.activations(trunk.extended(x))), lengths) for trunk in model.trunks
    ]
    won = torch.cat(
        [won * trunk.config.stride for (won, _), trunk in zip(winners, model.trunks, strict=True)], 1
    )
    there = torch.cat([there for _, there in winners], 1)  # (B, F), as `won`
    evenly = there / there.sum(1, keepdim=True).to(h.dtype)
    scores = (slopes * h[:, None] + constants[..., None] * evenly[:, None]).transpose(1, 2)  # (B, F, C)
    empty, logits = (lengths == 0)[:, None], model.decide(h)
    return Padded(scores.masked_fill(empty[..., None], 0), logits.masked_fill(~empty, 0), logits, won)


def _decision(model: DeepTextCNN, h: Tensor) -> tuple[Tensor, Tensor]:
    """Slopes (B, C, F) of the logits at the features h (B, F), and the part k (B, C) of the biases behind these."""
    weight, bias = model.output  # (C, hidden or F), (C,)
    slopes, constants = weight.expand(len(h), *weight.shape), bias.expand(len(h), -1)
    passing = []
    with torch.no_grad():
        for layer in model.dense_layers:
            h = layer(h).relu()  # (B, hidden)
            passing.append((layer, h > 0))
        for layer, open_ in reversed(passing):
            slopes = slopes * open_[:, None]  # (B, C, hidden)
            slopes, constants = slopes @ layer.weight, slopes @ layer.bias + constants
    return slopes, constants


def _parts(model: Trunk, x: Tensor, layers: list[Tensor], slopes: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Of one class: what the words' vectors add (B, T), and the biases at each place of each layer (B, P)."""
    of_words, *of_layers = slopes
    biases = [
        torch.einsum("bfp,f->bp", (slope * (a > 0))[:, :, 0], conv.bias)
        for conv, a, slope in zip(model.convolutions, layers, of_layers, strict=True)
    ]
    return (of_words * x).sum(2), *(part.detach() for part in biases)


def _shared(parts: Tensor, field: tuple[int, int], lengths: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Parts (B, C, P) of places, shared equally among the words that each sees: (B, C, size), and of those without (B, C).

    `field`: how many words a place sees, and from one place to the next.
    """
    width, stride = field
    first = torch.arange(parts.shape[2], device=parts.device) * stride
    counts = (lengths[:, None, None] - first).clamp(0, width)  # (B, 1, P)
    each = (parts / counts.clamp(min=1)).masked_fill(counts == 0, 0)
    spread = F.conv_transpose1d(each.flatten(0, 1)[:, None], each.new_ones(1, 1, width), stride=stride)
    spread = spread.view(*parts.shape[:2], -1)[..., :size]
    spread = F.pad(spread, (0, size - spread.shape[2]))
    words = torch.arange(size, device=parts.device) < lengths[:, None]
    return spread.masked_fill(~words[:, None], 0), parts.masked_fill(counts > 0, 0).sum(2)


@torch.no_grad()
def _features_at(model: Trunk, x: Tensor, layers: list[Tensor], lengths: Tensor) -> Tensor:
    """How many of the features that leave the convolutions are of each place of the last layer: (B, P)."""
    places, filters = layers[-1].shape[3] // model.config.layers[-1].pool, model.config.layers[-1].filters
    if model.config.length is not None:
        return x.new_full((len(x), places), filters)
    if model.config.over_time != "max":  # an equal part of every feature is of each place of a document
        each = filters / model.places(lengths).to(x.dtype)[:, None, None]
        return model.inside(each.expand(-1, places, 1), lengths, beyond=0)[..., 0]
    won, there = _winners(model, x, layers, lengths)  # (B, F) each
    return x.new_zeros(len(x), places).scatter_add_(1, won, there.to(x.dtype))


@torch.no_grad()
def _winners(model: Trunk, x: Tensor, layers: list[Tensor], lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The first place of the last layer where each filter is greatest before its ReLU, which stops some: (B, F).

    Of k greatest values, the places of all; and whether a document has so many, 0 standing for those that it lacks.
    """
    config, below = model.config, model.extended(x).transpose(1, 2)[:, :, None]
    if len(layers) > 1:
        below = F.max_pool2d(layers[-2], (1, config.layers[-2].pool))
    conv, layer = model.convolutions[-1], config.layers[-1]
    z = F.conv2d(below, conv.weight[:, :, None], conv.bias, (1, layer.stride))
    z = F.max_pool2d(z, (1, layer.pool))
    peaks, won = model.greatest(z[:, :, 0].transpose(1, 2), lengths)
    there = ~peaks.isneginf()
    return won.masked_fill(~there, 0), there
