"""How much each place of each hidden layer contributes to a class (Yuan et al. 2019, equations 1 to 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from convlens.arguments import checked
from convlens.arrays import Floats, Ints
from convlens.models import (
    BY_TORCH,
    Classifier,
    DeepTextCNN,
    TextCNN,
    TextModel,
    by_length,
    gated,
    layered,
    pad,
)
from convlens.text import PAD, Documents, Tokens
from convlens.units.fields import Field, extent, fields


@dataclass(frozen=True, eq=False)
class LayerSaliency:
    """The places of a layer over one text: `words` (P, 2) first and last word seen, `scores` (P,), in logits.

    `activations` (P, F) are the layer's values there, after the ReLU and before any pool. Places that see no
    word of the text have no row.
    """

    field: Field
    words: NDArray[np.int64]
    scores: Floats
    activations: Floats


@dataclass(frozen=True, eq=False)
class TextSaliency:
    """One text: what every layer's places contribute to the logit of class `target`."""

    tokens: Tokens
    logits: Floats
    target: int
    layers: tuple[LayerSaliency, ...]


@checked
def unit_saliency(
    classifier: Classifier, texts: Sequence[str], *, target: str | None = None
) -> list[TextSaliency]:
    """`dS_c / dA_j[i] · a_ij` of every place i of every layer j, for the label `target` (default: the predicted).

    A place is one position of a convolution, a_ij its values after the ReLU and before any pool. The layer of a
    `TextCNN` has the windows of each region size.
    """
    by_text = dict(each_saliency(classifier, texts, target=target))
    return [by_text[i] for i in range(len(texts))]


def saliency(
    classifier: Classifier, texts: Sequence[str], *, target: str | None = None
) -> list[TextSaliency]:
    """The old name of `unit_saliency`: places of hidden layers, not the slopes at words that the field means (`sensitivity`)."""
    return unit_saliency(classifier, texts, target=target)


def each_saliency(
    classifier: Classifier, texts: Sequence[str], *, target: str | None = None
) -> Iterator[tuple[int, TextSaliency]]:
    """`unit_saliency` of one text after the other with its number, not in their order: bounded memory."""
    number = None if target is None else classifier.target(target)
    model = classifier.model.eval()
    tokens = [classifier.tokenizer.encode(text) for text in texts]
    for places in by_length([len(t.ids) for t in tokens]):
        ids = pad([tokens[i].ids for i in places]).to(model.embed.weight.device)
        targets, logits, layers = batch_saliency(model, ids, number)
        for row, i in enumerate(places.tolist()):
            held = tuple(_of_text(model, layer, row, tokens[i].ids) for layer in layers)
            yield i, TextSaliency(tokens[i], logits[row], int(targets[row]), held)


Layer = tuple[Field, Floats, Floats]
"""Scores (B, P) and activations (B, P, F) of a batch, places beyond a text's end included."""


def batch_saliency(
    model: TextModel, ids: Tensor, target: int | None = None
) -> tuple[NDArray[np.int64], Floats, list[Layer]]:
    """Targets (B,), logits (B, C), and every layer, of word numbers (B, T)."""
    model = layered(model, "a hidden unit")
    read = _of_windows if isinstance(model, TextCNN) else _of_layers
    logits, layers = read(model, ids, target)  # type: ignore[arg-type]  # each reads its own family
    chosen = _targets(logits, target)
    arrays = [(field, _array(scores), _array(values)) for field, scores, values in layers]
    return _array(chosen), _array(logits), arrays


def _of_layers(
    model: DeepTextCNN, ids: Tensor, target: int | None
) -> tuple[Tensor, list[tuple[Field, Tensor, Tensor]]]:
    """By one backward pass through all layers."""
    with torch.enable_grad():
        x = model.extended(model.embed(ids).detach()).requires_grad_()
        values = list(model.activations(x))  # (B, F, 1, P) each
        logits = model.decide(model.pooled(values[-1], (ids != PAD).sum(1)))  # (B, C)
        of_class = logits.gather(1, _targets(logits, target)[:, None])
        slopes = torch.autograd.grad(of_class.sum(), values)
    of_layers = [
        (field, (slope * value).sum((1, 2)).detach(), value[:, :, 0].transpose(1, 2).detach())
        for field, slope, value in zip(fields(model.config), slopes, values, strict=True)
    ]
    return logits.detach(), of_layers


@torch.no_grad()
def _of_windows(
    model: TextCNN, ids: Tensor, target: int | None
) -> tuple[Tensor, list[tuple[Field, Tensor, Tensor]]]:
    """Closed form of one layer: the slope is the head's weight where a filter's window wins, else 0."""
    lengths = (ids != PAD).sum(1)
    peaks, positions = model.peaks_of(ids, lengths)
    (x, _), (logits, slopes) = model.padded(model.embed(ids), lengths), _head_slopes(model, peaks, target)
    counts = list(model.config.counts)
    parts = [torch.split(values, counts, 1) for values in (slopes * model.pool(peaks), positions)]
    gates = [None] * len(counts) if model.gates is None else torch.split(model.gates, counts)
    rows = zip(fields(model.config), model.convolutions, gates, *parts, model.unread, strict=True)
    of_regions = []
    for field, conv, gate, contributions, places, (before, _) in rows:
        windows = F.pad(x[:, before:], (0, 0, 0, max(field.width - x.shape[1], 0))).transpose(1, 2)
        scores_of = F.conv1d(windows, conv.weight, conv.bias).transpose(1, 2)  # (B, P, F)
        relu = model.config.activation == "relu"
        values = gated(scores_of, gate) if relu else BY_TORCH[model.config.activation](scores_of)
        scores = values.new_zeros(values.shape[:2]).scatter_add_(
            1, (places - before).clamp(min=0), contributions
        )
        of_regions.append((field, scores, values))
    return logits, of_regions


def _head_slopes(model: TextCNN, peaks: Tensor, target: int | None) -> tuple[Tensor, Tensor]:
    """Logits (B, C), and the slope (B, k) of each document's target in the pooled values."""
    with torch.enable_grad():
        pooled = model.pool(peaks).detach().requires_grad_()
        logits = model.logits_of(pooled)
        of_class = logits.gather(1, _targets(logits, target)[:, None])
        (slopes,) = torch.autograd.grad(of_class.sum(), pooled)
    return logits.detach(), slopes


def _targets(logits: Tensor, target: int | None) -> Tensor:
    return logits.argmax(1) if target is None else torch.full_like(logits[:, 0], target, dtype=torch.int64)


def _of_text(model: TextModel, layer: Layer, row: int, ids: Ints) -> LayerSaliency:
    """A row of the batch, without places that are not the text's own."""
    field, scores, values = layer
    if isinstance(model, TextCNN) and model.config.padding.adds:
        return _of_padded(model, layer, row, ids)
    words, needed = extent(layered(model, "a hidden unit").config, len(ids))
    count = field.places(words, needed)
    edges = field.words(np.arange(count), words)
    return LayerSaliency(field, edges, scores[row, :count].copy(), values[row, :count].copy())


def _of_padded(model: TextCNN, layer: Layer, row: int, ids: Ints) -> LayerSaliency:
    """The places of a text with padding that see any of its words."""
    field, scores, values = layer
    read = model.weights.reading.padded(Documents(ids, np.array([0, len(ids)])))
    before, after = model.unread[model.config.regions.index(field.width)]
    places = np.arange(max(len(read.ids) - before - after - field.width + 1, 0))
    text, place = read.read(0), read.place(0)
    first = places + before - place.start + text.start
    edges = np.stack([np.maximum(first, text.start), np.minimum(first + field.width, text.stop) - 1], 1)
    with_words = places[edges[:, 0] <= edges[:, 1]]
    return LayerSaliency(field, edges[with_words], scores[row, with_words], values[row, with_words])


def _array(values: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = values.detach().cpu().numpy()
    return array
