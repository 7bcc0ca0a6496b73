"""Stacked convolutions: the networks of Yuan et al. 2019 and of the IMDb filter paper (table 1)."""

from collections.abc import Iterator
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.errors import InputError
from convlens.models.deep_config import DeepTextCNNConfig
from convlens.text import PAD


class DeepTextCNN(nn.Module):
    """Convolution, ReLU and pooling, layer upon layer; then the max (mean, sum) over time, or all values; then the head.

    Word numbers (B, T) go in, padded at the end with `PAD`, whose vector is zero. No layer pads: each
    place of the last layer sees a run of `field` words. Without a fixed `length` a document has the
    places whose words all lie within it; one shorter than `field` has one place, with zeros after its
    last word, and an empty one has none, so that its features are 0. Padding to the length of a batch
    makes further places only, which are left out: a document's logits do not depend on its batch.
    With a `length` the zeros up to it are part of the network, and words after it are not read.
    """

    def __init__(self, config: DeepTextCNNConfig, words: int, classes: int) -> None:
        super().__init__()
        if config.sigmoid and classes != 2:
            raise InputError(f"one sigmoid output tells two classes apart, the data have {classes}")
        self.config, self.classes = config, classes
        self.embed = nn.Embedding(words, config.dim, padding_idx=PAD)
        below = [config.dim, *(layer.filters for layer in config.layers)]
        self.convs = nn.ModuleList(
            nn.Conv1d(channels, layer.filters, layer.kernel, layer.stride)
            for channels, layer in zip(below, config.layers, strict=False)
        )
        widths = [config.features, *config.dense]
        self.dense = nn.Linear(widths[0], widths[1]) if config.dense else None
        self.further = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths[1:]))
        self.head = nn.Linear(widths[-1], 1 if config.sigmoid else classes)

    def forward(self, ids: Tensor) -> Tensor:  # (B, T) int64 -> (B, C) logits
        x = F.dropout(self.embed(ids), self.config.vector_dropout, self.training)  # (B, T, d)
        return self.classify(x, (ids != PAD).sum(1))

    def classify(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, T, d), (B,) -> (B, C)
        """Logits of embedded documents. One sigmoid output z becomes (-z / 2, z / 2): its softmax is the sigmoid."""
        return self.decide(self.features(x, lengths))

    def decide(self, h: Tensor) -> Tensor:  # (B, F) -> (B, C)
        """Logits from what left the last convolution."""
        for layer in self.dense_layers:
            h = F.relu(layer(h))  # (B, hidden)
        logits = self.head(F.dropout(h, self.config.dropout, self.training))
        return torch.cat([-logits, logits], 1) / 2 if self.config.sigmoid else logits

    def features(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, T, d), (B,) -> (B, F)
        """What leaves the last convolution: one number of each filter over a document's places, or all its values."""
        for last in self.activations(self.extended(x)):
            x = last
        return self.pooled(x, lengths)

    def extended(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, T', d)
        """Documents with zeros to the words that the network needs, and none after its fixed length."""
        fixed, field = self.config.length, self.config.field
        needed = max(x.shape[1], field) if fixed is None else fixed
        return F.pad(x[:, :needed], (0, 0, 0, max(needed - x.shape[1], 0)))

    def activations(self, x: Tensor) -> Iterator[Tensor]:  # (B, T', d) -> (B, F, 1, places) for each layer
        """What each layer gives at every place, after its ReLU and before its pool, from the words up."""
        # Channels last over a height of one: faster than conv1d on a CPU.
        x = x.transpose(1, 2)[:, :, None]  # (B, d, 1, T')
        pool = 1
        for conv, layer in zip(self.convolutions, self.config.layers, strict=True):
            x = F.max_pool2d(x, (1, pool)) if pool > 1 else x  # (B, F, 1, T' // pool)
            x = F.relu(
                F.conv2d(x, conv.weight[:, :, None], conv.bias, (1, layer.stride))
            )  # (B, F, 1, places)
            yield x
            pool = layer.pool

    def pooled(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, F, 1, places), (B,) -> (B, F)
        """What the last layer's activations leave, pooled once more."""
        pool = self.config.layers[-1].pool
        x = F.max_pool2d(x, (1, pool)) if pool > 1 else x
        return self.gathered(x[:, :, 0].transpose(1, 2), lengths)

    def gathered(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, P, F), (B,) -> (B, F)
        """One number of each filter over a document's places, 0 where it is empty, or the values of all places."""
        if self.config.length is not None:
            return x.flatten(1)
        if self.config.over_time == "max":
            peaks, _ = self.greatest(x, lengths)
            return peaks.masked_fill((lengths == 0)[:, None] | peaks.isneginf(), 0)
        return self.summands(x, lengths).sum(1)

    def greatest(
        self, x: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:  # (B, P, F), (B,) -> (B, F k) each
        """The k greatest values of each filter, one filter after the other, and their places, the first on ties.

        Minus infinity for those that a document of fewer places lacks.
        """
        x, k = self.inside(x, lengths), self.config.k
        if k == 1:
            values, places = x.max(1)
            return values, places
        x = F.pad(x, (0, 0, 0, max(k - x.shape[1], 0)), value=-torch.inf)
        values, places = x.sort(stable=True, dim=1, descending=True)  # (B, P, F)
        return values[:, :k].transpose(1, 2).flatten(1), places[:, :k].transpose(1, 2).flatten(1)

    def summands(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, P, F), (B,) -> (B, P, F)
        """What each place adds to a mean or sum over time."""
        x = self.inside(x, lengths, beyond=0).masked_fill((lengths == 0)[:, None, None], 0)
        return x / self.places(lengths)[:, None, None] if self.config.over_time == "mean" else x

    def inside(self, x: Tensor, lengths: Tensor, beyond: float = -torch.inf) -> Tensor:
        """Values (B, P, F) of places that a document has, and `beyond` for those beyond its end."""
        ends = torch.arange(x.shape[1], device=x.device) >= self.places(lengths)[:, None]  # (B, P)
        return x.masked_fill(ends[..., None], beyond)

    def places(self, lengths: Tensor) -> Tensor:  # (B,) -> (B,)
        """Places of the last layer over documents of so many words: one, where they are too short for any."""
        return self.config.places(lengths.clamp(min=self.config.field))

    @property
    def output(self) -> tuple[Tensor, Tensor]:  # (C, hidden or F), (C,)
        """Weights and biases of the logits; where one sigmoid output z gives two, those of -z / 2 and z / 2."""
        weight, bias = self.head.weight.detach(), self.head.bias.detach()
        if self.config.sigmoid:
            weight, bias = torch.cat([-weight, weight]) / 2, torch.cat([-bias, bias]) / 2
        return weight, bias

    @property
    def dense_layers(self) -> list[nn.Linear]:
        """The layers between the convolutions and the head, from below: `dense`, and `further` where there are several."""
        return [layer for layer in (self.dense, *self.further) if isinstance(layer, nn.Linear)]

    @property
    def convolutions(self) -> list[nn.Conv1d]:
        """The layers, from the words up."""
        return [conv for conv in self.convs if isinstance(conv, nn.Conv1d)]
