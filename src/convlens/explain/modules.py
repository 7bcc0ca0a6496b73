"""A model over documents of one length as modules, so that hooks see each ReLU and each maximum.

The models take maxima and ReLUs by functions, which no hook sees. These networks have the same weights, the same
order of layers and the same logits.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.models import DeepTextCNN, TextCNN, TextModel


def as_modules(model: TextModel, words: int) -> nn.Module:
    """The network from vectors (B, T, d) of `words` = T > 0 words to logits (B, C), without dropout."""
    return OneLayer(model, words) if isinstance(model, TextCNN) else Stacked(model, words)


class OneLayer(nn.Module):
    """A `TextCNN`: the maximum of each filter, then the ReLU."""

    def __init__(self, model: TextCNN, words: int) -> None:
        super().__init__()
        self.convs, self.head, self.relu = model.convs, model.head, nn.ReLU()
        self.regions = model.config.regions
        self.maxima = nn.ModuleList(nn.MaxPool1d(max(words - n + 1, 1)) for n in self.regions)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, C)
        x = x.transpose(1, 2)  # (B, d, T)
        peaks = [
            maximum(conv(F.pad(x, (0, max(n - x.shape[2], 0)))))
            for n, conv, maximum in zip(self.regions, self.convs, self.maxima, strict=True)
        ]
        return self.head(self.relu(torch.cat(peaks, 1)[:, :, 0]))  # type: ignore[no-any-return]


class Stacked(nn.Module):
    """A `DeepTextCNN`: layer upon layer, then the maxima over time or all values."""

    def __init__(self, model: DeepTextCNN, words: int) -> None:
        super().__init__()
        config = model.config
        self.words = max(words, config.field) if config.length is None else config.length
        self.sigmoid = config.sigmoid
        self.layers = nn.Sequential()
        for conv, layer in zip(model.convolutions, config.layers, strict=True):
            self.layers.extend([conv, nn.ReLU(), nn.MaxPool1d(layer.pool)][: 3 if layer.pool > 1 else 2])
        if config.length is None:
            self.layers.append(nn.MaxPool1d(config.places(self.words)))
        dense = [] if model.dense is None else [model.dense, nn.ReLU()]
        self.end = nn.Sequential(*dense, model.head)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, C)
        x = F.pad(x[:, : self.words], (0, 0, 0, max(self.words - x.shape[1], 0))).transpose(1, 2)
        logits: Tensor = self.end(self.layers(x).transpose(1, 2).flatten(1))
        return torch.cat([-logits, logits], 1) / 2 if self.sigmoid else logits
