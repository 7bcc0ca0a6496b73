"""A stack of convolutions, from word vectors to the features that leave it."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.models.batch_norm import BatchNorm
from convlens.models.deep_config import DeepTextCNNConfig


class Trunk(nn.Module):
    """Convolution, ReLU and pooling, layer upon layer; then the max (k greatest, mean, sum) over time, or all values.

    Each place of the last layer sees a run of `config.field` words. Without a fixed `length` a document has the
    places whose words all lie within it; one shorter than `field` has one place, with zeros after its
    last word, and an empty one has none, so that its features are 0. Padding to the length of a batch
    makes further places only, which are left out. With a `length` the zeros up to it are part of the network, and words after
    it are not read.
    """

    def __init__(self, config: DeepTextCNNConfig, embed: nn.Embedding | None = None) -> None:
        """`embed` are the word vectors of the model whose first stack this is: they stand before it among its parameters."""
        super().__init__()
        self.config = config
        if embed is not None:
            self.embed = embed
        below = [config.dim, *(layer.filters for layer in config.layers)]
        self.convs = nn.ModuleList(
            nn.Conv1d(channels, layer.filters, layer.kernel, layer.stride)
            for channels, layer in zip(below, config.layers, strict=False)
        )
        if config.batch_norm:
            self.norms = nn.ModuleList(BatchNorm(layer.filters) for layer in config.layers)

    def own_features(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, T, d), (B,) -> (B, F)
        """What leaves the last convolution: one number of each filter over a document's places, or all its values."""
        for last in self.activations(self.extended(x), lengths):
            x = last
        return self.pooled(x, lengths)

    def extended(self, x: Tensor) -> Tensor:  # (B, T, d) -> (B, T', d)
        """Documents with zeros to the words that the network needs, and none after its fixed length."""
        fixed, field = self.config.length, self.config.field
        needed = max(x.shape[1], field) if fixed is None else fixed
        return F.pad(x[:, :needed], (0, 0, 0, max(needed - x.shape[1], 0)))

    def activations(
        self, x: Tensor, lengths: Tensor | None = None
    ) -> Iterator[Tensor]:  # (B, T', d), (B,) -> (B, F, 1, places) for each layer
        """What each layer gives at every place, after its ReLU and before its pool, from the words up.

        Batch normalisation, which only a network in training has, needs the documents' lengths.
        """
        # Channels last over a height of one: faster than conv1d on a CPU.
        x = x.transpose(1, 2)[:, :, None]  # (B, d, 1, T')
        pool = 1
        for number, (conv, layer) in enumerate(zip(self.convolutions, self.config.layers, strict=True)):
            x = F.max_pool2d(x, (1, pool)) if pool > 1 else x  # (B, F, 1, T' // pool)
            x = F.conv2d(x, conv.weight[:, :, None], conv.bias, (1, layer.stride))  # (B, F, 1, places)
            if self.config.batch_norm:
                assert lengths is not None  # explainers see networks that are trained
                x = self.norms[number](x, self._inside(number, x.shape[3], lengths))
            x = F.relu(x)
            yield x
            pool = layer.pool

    def _inside(self, layer: int, places: int, lengths: Tensor) -> Tensor:
        """Which places of a layer a document has (B, places): those whose words all lie within it, or one."""
        if self.config.length is not None:
            return lengths.new_ones(len(lengths), places, dtype=torch.bool)
        width, stride = self.config.fields[layer]
        ends = torch.arange(places, device=lengths.device) * stride + width
        return (ends <= lengths.clamp(min=width)[:, None]) & (lengths > 0)[:, None]

    def fold(self) -> None:
        """Make batch normalisation a part of the convolutions."""
        for conv, norm in zip(self.convolutions, self.norms, strict=True):
            if isinstance(norm, BatchNorm):
                norm.fold(conv)

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
    def convolutions(self) -> list[nn.Conv1d]:
        """The layers, from the words up."""
        return [conv for conv in self.convs if isinstance(conv, nn.Conv1d)]
