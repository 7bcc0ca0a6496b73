"""Stacked convolutions: the networks of Yuan et al. 2019 and of the IMDb filter paper (table 1)."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.errors import InputError
from convlens.models.deep_config import DeepTextCNNConfig
from convlens.models.trunk import Trunk
from convlens.text import PAD


class DeepTextCNN(Trunk):
    """One stack of convolutions, or several side by side over the same word vectors; then dense layers and the head.

    Word numbers (B, T) go in, padded at the end with `PAD`, whose vector is zero. No layer pads, see `Trunk`: a document's logits
    do not depend on its batch.
    """

    def __init__(self, config: DeepTextCNNConfig, words: int, classes: int) -> None:
        super().__init__(config, nn.Embedding(words, config.dim, padding_idx=PAD))
        if config.sigmoid and classes != 2:
            raise InputError(f"one sigmoid output tells two classes apart, the data have {classes}")
        self.classes = classes
        self.beside = nn.ModuleList(Trunk(branch) for branch in config.branches[1:])
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
        """What leaves the convolutions, stack after stack."""
        of_trunks = [trunk.own_features(x, lengths) for trunk in self.trunks]
        return of_trunks[0] if len(of_trunks) == 1 else torch.cat(of_trunks, 1)

    @property
    def trunks(self) -> list[Trunk]:
        """The stacks of convolutions, side by side; this model is the first of them."""
        return [self, *(trunk for trunk in self.beside if isinstance(trunk, Trunk))]

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
