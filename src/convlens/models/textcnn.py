"""The one-layer text CNN of Kim 2014: parallel region sizes, max over time, linear head."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Self

import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from convlens.errors import InputError
from convlens.models import pooling
from convlens.models.arrays import Weights
from convlens.models.config import TextCNNConfig
from convlens.models.padding import Reading
from convlens.models.pooling import BY_TORCH, Best, Winners, best_windows, first_best, gated
from convlens.text import PAD


class TextCNN(nn.Module):
    """`logits = W_y relu(max_i <w_f, x_i .. x_{i+n-1}> + b_f) + b_y`, or wider: see `TextCNNConfig`.

    Word numbers (B, T) go in, padded at the end with `PAD`. A window is n words; a document
    shorter than n is one window with zeros after its last word; an empty one has no window and
    pools to 0. So padding wins no max, and a document's logits do not depend on its batch.
    `thresholds` (k,) of `find_thresholds` are kept with the model once `fit` has found them. They change no logit;
    `gates` (k,), where there are any, do: they stand in the place of the ReLU, see `gated`.
    """

    thresholds: Tensor | None
    gates: Tensor | None

    def __init__(self, config: TextCNNConfig, words: int, classes: int) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(words, config.width, padding_idx=None if config.padding.trained else PAD)
        self.convs = nn.ModuleList(
            nn.Conv1d(config.width, count, n, bias=config.filter_bias)
            for n, count in zip(config.regions, config.counts, strict=True)
        )
        below = [len(config.widths), *config.hidden]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(below))
        if config.one_logit and classes != 2:
            raise InputError(f"one logit tells two classes apart, the data have {classes}")
        self.head = nn.Linear(below[-1], 1 if config.one_logit else classes, bias=config.head_bias)
        self.register_buffer("thresholds", None, persistent=False)
        self.register_buffer("gates", None, persistent=False)
        self._weights: tuple[object, Weights] | None = None

        with torch.no_grad():
            for conv, step in zip(self.convolutions, config.dilations, strict=True):
                conv.weight[:, :, _unread(conv, step)] = 0

    def drop_fixed_gradients(self) -> None:
        """No gradients for what training leaves as it is: the static channel, and slots between those that a dilation reads."""
        if self.config.static_channel and self.embed.weight.grad is not None:
            self.embed.weight.grad[:, self.config.dim :] = 0
        for conv, step in zip(self.convolutions, self.config.dilations, strict=True):
            if step > 1 and conv.weight.grad is not None:
                conv.weight.grad[:, :, _unread(conv, step)] = 0

    @property
    def weights(self) -> Weights:
        """The same numbers as arrays; made again after they change.

        They share the memory of a model in float32 or float64 on a CPU; of others they are copies.
        """
        layers = (self.embed, *self.convs, *self.dense, self.head)
        tensors = [getattr(layer, name, None) for layer in layers for name in ("weight", "bias")]
        tensors += [self.thresholds, self.gates]
        state = [None if t is None else (t.data_ptr(), t._version, t.dtype) for t in tensors]
        if self._weights is None or self._weights[0] != state:
            arrays = {name: _array(t) for name, t in self.state_dict().items()}
            filters = (None if t is None else _array(t) for t in (self.thresholds, self.gates))
            self._weights = state, Weights.of(self.config, arrays, *filters)
        return self._weights[1]

    def __getstate__(self) -> dict[str, Any]:
        """Without the arrays, which are made again from the tensors."""
        return {**self.__dict__, "_weights": None}

    def train(self, mode: bool = True) -> Self:
        """As in any module; kernels that train change weights without telling torch, so their arrays are forgotten."""
        if mode:
            self._weights = None
        return super().train(mode)

    @property
    def classes(self) -> int:
        """How many classes the head tells apart."""
        return 2 if self.config.one_logit else self.head.out_features

    @property
    def filter_biases(self) -> Tensor:
        """`b_f` of every filter: (k,), zeros for a model without."""
        parts = [
            conv.weight.new_zeros(count) if conv.bias is None else conv.bias.detach()
            for conv, count in zip(self.convolutions, self.config.counts, strict=True)
        ]
        return torch.cat(parts)

    @property
    def head_biases(self) -> Tensor:
        """`b_y` of every class: (C,), zeros for a model without."""
        bias = self.head.bias
        if bias is None:
            return self.head.weight.new_zeros(self.classes)
        return _both(bias.detach()) if self.config.one_logit else bias.detach()

    @property
    def head_weights(self) -> Tensor:
        """`W_y` of every class: (C, k), or (C, h) of the last dense layer."""
        weight = self.head.weight.detach()
        return _both(weight.T).T if self.config.one_logit else weight

    @property
    def filter_weights(self) -> Tensor:
        """What each filter weighs for each class, (C, k): the head's weights, through dense layers as if all of them were open."""
        weights = self.head_weights
        for layer in self.dense_layers[::-1]:
            weights = weights @ layer.weight.detach()
        return weights

    @property
    def dense_layers(self) -> list[nn.Linear]:
        """The layers between the features and the head, from the features up."""
        return [layer for layer in self.dense if isinstance(layer, nn.Linear)]

    @property
    def convolutions(self) -> list[nn.Conv1d]:
        """One convolution for each region size."""
        return [conv for conv in self.convs if isinstance(conv, nn.Conv1d)]

    def forward(self, ids: Tensor) -> Tensor:  # (B, T) int64 -> (B, C) logits
        lengths = (ids != PAD).sum(1)
        if not (self.training or torch.is_grad_enabled()):
            return self.decide(self.peaks_of(ids, lengths)[0])
        x = F.dropout(self.embed(ids), self.config.vector_dropout or 0, self.training)  # (B, T, d)
        return self.classify(x, lengths)

    def classify(self, x: Tensor, lengths: Tensor) -> Tensor:  # (B, T, d), (B,) -> (B, C)
        """Logits of embedded documents; gradients pass through the winning windows only."""
        x, lengths = self.padded(x, lengths)
        peaks, positions = self._peaks(lambda start, end: x[:, start:end], x.shape[1], lengths)  # both (B, k)
        if torch.is_grad_enabled():
            peaks = self._with_gradients(x, peaks, positions)
        return self.decide(peaks)

    def decide(self, peaks: Tensor) -> Tensor:  # (..., k) -> (..., C)
        """Logits of the filters' greatest values."""
        return self.logits_of(F.dropout(self.pool(peaks), self.config.dropout, self.training))

    def pool(self, peaks: Tensor) -> Tensor:
        """What is read of the filters' greatest values (..., k): those that pass, else 0, or another activation of them."""
        if self.config.activation == "relu":
            return gated(peaks, self.gates)
        return BY_TORCH[self.config.activation](peaks)

    def logits_of(self, pooled: Tensor) -> Tensor:  # (..., k) -> (..., C)
        """Logits of pooled features, through the dense layers, where there are any, and the head."""
        for layer in self.dense:
            pooled = F.relu(layer(pooled))
        logits = self.head(pooled)
        return _both(logits) if self.config.one_logit else logits

    @torch.no_grad()
    def peaks(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Greatest value of each filter before the ReLU, and its first place, in the `padded` document: both (B, k).

        Where a document is empty the value is 0 and the place -1.
        """
        x, lengths = self.padded(x, lengths)
        return self._peaks(lambda start, end: x[:, start:end], x.shape[1], lengths)

    def padded(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Word vectors (B, T, d) of documents (B,) as the network reads them, see `Padding`, and their lengths then.

        Zero vectors of the convolutions stand around those of each document, as many as the widest has.
        """
        padding = self.config.padding
        if not padding.adds:
            return x, lengths
        reading = Reading(padding, self.config.regions, self.embed.num_embeddings)
        words = lengths if padding.length is None else lengths.clamp(max=padding.length)
        skipped = lengths - words if padding.cut == "left" else torch.zeros_like(words)
        sides = padding.around(words.cpu().numpy(), reading.widest)
        before, after = (torch.from_numpy(side).to(x.device) for side in sides)
        total = before + words + after
        left, right = ((total > 0) * zeros for zeros in (reading.left, reading.right))
        size = int((left + total + right).max()) if len(x) else 0
        place = torch.arange(size, device=x.device) - left[:, None]  # (B, T'), among text and its padding
        word = place - before[:, None]
        is_word = (word >= 0) & (word < words[:, None])
        index = ((word + skipped[:, None]) * is_word)[..., None].expand(-1, -1, x.shape[2])
        x = x if x.shape[1] else x.new_zeros(len(x), 1, x.shape[2])
        of_padding = self.embed(lengths.new_tensor(PAD))  # without a gradient, unless it is trained
        vectors = torch.where(is_word[..., None], x.gather(1, index), of_padding)
        inside = (place >= 0) & (place < total[:, None])
        return vectors * inside[..., None], left + total + right

    @torch.no_grad()
    def peaks_of(self, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """`peaks` of word numbers (B, T), which are embedded some at a time: bounds memory on long documents."""
        if self.config.padding.adds:
            return self.peaks(self.embed(ids), lengths)
        return self._peaks(lambda start, end: self.embed(ids[:, start:end]), ids.shape[1], lengths)

    def _peaks(
        self, vectors: Callable[[int, int], Tensor], size: int, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same of documents of `size` words, whose `vectors` from one place to another are asked for."""
        best: list[list[Best]] = [[] for _ in self.convolutions]
        widest, unread = max(self.config.regions), self.unread
        room = widest - 1 + max(before for before, _ in unread)
        for start in range(0, max(size, 1), pooling.CHUNK):
            x = vectors(start, min(start + pooling.CHUNK + room, size))
            for conv, pieces, (before, after) in zip(self.convolutions, best, unread, strict=True):
                if start == 0 or start + before + conv.kernel_size[0] <= size:
                    pieces.append(
                        best_windows(conv, x[:, before:], start, (lengths - before - after).clamp(min=0))
                    )
        of_regions = [
            (values, places + before)
            for (values, places), (before, _) in zip(map(first_best, best), unread, strict=True)
        ]
        peaks, positions = (torch.cat(parts, 1) for parts in zip(*of_regions, strict=True))
        empty = (lengths == 0)[:, None]
        return peaks.masked_fill(empty, 0), positions.masked_fill(empty, -1)

    @property
    def unread(self) -> list[tuple[int, int]]:
        """How many of the zero vectors before and after a document each region does not read, as others have more."""
        zeros = self.config.padding.of_regions(self.config.regions)
        most = [max(side) for side in zip(*zeros, strict=True)]
        return [(most[0] - before, most[1] - after) for before, after in zeros]

    def _with_gradients(self, x: Tensor, peaks: Tensor, positions: Tensor) -> Tensor:
        """The peaks (B, k), now with gradients through their windows."""
        x = F.pad(x, (0, 0, 0, max(self.config.regions)))  # (B, T, d): room for windows longer than the text
        parts = (torch.split(t, list(self.config.counts), 1) for t in (peaks, positions.clamp(min=0)))
        values = []
        for conv, winners in zip(self.convolutions, zip(*parts, strict=True), strict=True):
            value = Winners.apply(x, conv.weight, *winners)  # type: ignore[no-untyped-call]
            values.append(value if conv.bias is None else value + (conv.bias - conv.bias.detach()))
        return torch.cat(values, 1).masked_fill(positions < 0, 0)

    def windows(self, x: Tensor, positions: Tensor) -> list[Tensor]:
        """Vectors under each filter's window: one (B, F, n, d) per region, zeros after the last word."""
        x = F.pad(x, (0, 0, 0, max(self.config.regions)))  # (B, T, d)
        rows = torch.arange(len(x), device=x.device)[:, None] * x.shape[1]
        starts = torch.split(rows + positions.clamp(min=0), list(self.config.counts), 1)
        windows = []
        for n, start in zip(self.config.regions, starts, strict=True):
            places = start[:, :, None] + torch.arange(n, device=x.device)  # (B, F, n)
            vectors = x.flatten(0, 1).index_select(0, places.flatten())
            windows.append(vectors.view(*places.shape, -1))
        return windows


def _unread(conv: nn.Conv1d, step: int) -> list[int]:
    """The slots that a dilation leaves out."""
    return [slot for slot in range(conv.kernel_size[0]) if slot % step]


def _both(values: Tensor) -> Tensor:
    """One output z (..., 1) as two logits (-z / 2, z / 2), whose softmax is the sigmoid of z."""
    return torch.cat([-values, values], -1) / 2


def _array(tensor: Tensor) -> NDArray[Any]:
    kind = tensor.dtype if tensor.dtype in (torch.float32, torch.float64) else torch.float32
    return tensor.detach().to("cpu", kind).numpy()
