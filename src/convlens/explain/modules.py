"""A model over documents of one length as modules, so that hooks see each ReLU and each maximum.

The models take maxima and ReLUs by functions, which no hook sees. These networks have the same weights, the same
order of layers and the same logits.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.models import DeepTextCNN, TextCNN, TextModel, Trunk, one_layer

MODULES: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "none": nn.Identity,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
    "elu": nn.ELU,
    "leaky-relu": nn.LeakyReLU,
}
"""The functions of `ACTIVATIONS` as modules."""


def as_modules(model: TextModel, words: int) -> nn.Module:
    """The network from vectors (B, T, d) of `words` = T > 0 words to logits (B, C), without dropout."""
    return (
        Stacked(model, words)
        if isinstance(model, DeepTextCNN)
        else OneLayer(one_layer(model, "this method"), words)
    )


class OneLayer(nn.Module):
    """A `TextCNN`: the maximum of each filter, then the ReLU."""

    def __init__(self, model: TextCNN, words: int) -> None:
        super().__init__()
        self.convs, self.model = model.convs, model
        self.activation = MODULES[model.config.activation]()
        self.dense = nn.Sequential(*(part for layer in model.dense for part in (layer, nn.ReLU())))
        self.regions, self.unread, self.padded = model.config.regions, model.unread, model.padded
        length = torch.tensor([words])
        size = int(model.padded(model.embed.weight.new_zeros(1, words, model.config.width), length)[1])
        self.maxima = nn.ModuleList(
            nn.MaxPool1d(max(size - before - after - n + 1, 1))
            for n, (before, after) in zip(self.regions, self.unread, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, C)
        x, _ = self.padded(x, torch.full((len(x),), x.shape[1], device=x.device))
        x = x.transpose(1, 2)  # (B, d, T)
        peaks = [
            maximum(conv(F.pad(x[:, :, before : x.shape[2] - after], (0, max(n - x.shape[2], 0)))))
            for n, conv, maximum, (before, after) in zip(
                self.regions, self.convs, self.maxima, self.unread, strict=True
            )
        ]
        features = self.dense(self.activation(torch.cat(peaks, 1)[:, :, 0]))
        return F.linear(features, self.model.head_weights, self.model.head_biases)


class SumPool1d(nn.AvgPool1d):
    """Sums, where its parent takes means."""

    def forward(self, x: Tensor) -> Tensor:  # (B, F, P) -> (B, F, P // size)
        return super().forward(x) * x.shape[2]  # one window over all places


class KMaxPool1d(nn.Module):
    """The k greatest, greatest first, and 0 where there are fewer."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(self, x: Tensor) -> Tensor:  # (B, F, P) -> (B, F, k)
        greatest = x.sort(stable=True, dim=2, descending=True).values[:, :, : self.k]
        return F.pad(greatest, (0, self.k - greatest.shape[2]))


OVER_TIME: dict[str, Callable[[int], nn.Module]] = {
    "max": nn.MaxPool1d,
    "mean": nn.AvgPool1d,
    "sum": SumPool1d,
}


class StackedTrunk(nn.Module):
    """A `Trunk`: layer upon layer, then what is pooled over time or all values."""

    def __init__(self, trunk: Trunk, words: int) -> None:
        super().__init__()
        config = trunk.config
        self.words = max(words, config.field) if config.length is None else config.length
        self.flat = config.length is not None
        self.layers = nn.Sequential()
        for conv, layer in zip(trunk.convolutions, config.layers, strict=True):
            self.layers.extend([conv, nn.ReLU(), nn.MaxPool1d(layer.pool)][: 3 if layer.pool > 1 else 2])
        if config.length is None:
            over_time = OVER_TIME[config.over_time](config.places(self.words))
            self.layers.append(over_time if config.k == 1 else KMaxPool1d(config.k))

    def forward(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, F)
        x = F.pad(x[:, : self.words], (0, 0, 0, max(self.words - x.shape[1], 0))).transpose(1, 2)
        h = self.layers(x)  # (B, F, P), or (B, F, k) where one filter follows the other
        features: Tensor = (h.transpose(1, 2) if self.flat else h).flatten(1)
        return features


class Stacked(nn.Module):
    """A `DeepTextCNN`: its stacks side by side, dense layers and the head."""

    def __init__(self, model: DeepTextCNN, words: int) -> None:
        super().__init__()
        self.sigmoid = model.config.sigmoid
        self.trunks = nn.ModuleList(StackedTrunk(trunk, words) for trunk in model.trunks)
        dense = [part for layer in model.dense_layers for part in (layer, nn.ReLU())]
        self.end = nn.Sequential(*dense, model.head)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, C)
        logits: Tensor = self.end(torch.cat([trunk(x) for trunk in self.trunks], 1))
        return torch.cat([-logits, logits], 1) / 2 if self.sigmoid else logits
