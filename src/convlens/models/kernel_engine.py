"""Training steps whose cost follows the words that occur: no padding, no dense gradient of the embedding."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from convlens.arrays import Ints
from convlens.kernels.table import slot_table
from convlens.kernels.vectors import LANES
from convlens.kernels.walk import walk
from convlens.kernels.winners import send_back
from convlens.models.adam import LazyAdam
from convlens.models.engines import Documents
from convlens.models.padding import Reading
from convlens.models.textcnn import TextCNN
from convlens.text import PAD, starts
from convlens.text import Documents as FlatDocuments


class KernelEngine:
    """A `TextCNN` of float32 on a CPU."""

    def __init__(self, model: TextCNN, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        self.tuned = model.embed.weight.requires_grad
        self.reading = Reading(model.config.padding, model.config.regions, model.embed.num_embeddings)
        self.numbers = np.empty(self.reading.size, dtype=np.int32)  # of the words of a batch
        self.read: list[tuple[Ints, Tensor]] = []  # words and their vectors in this step
        self.adam: LazyAdam | None = None

    def begin(self, steps: int) -> None:
        """Prepare for so many steps."""
        if self.tuned:
            self.adam = LazyAdam(self.optimizer, self.model.embed.weight, steps)

    def logits(self, documents: Documents) -> Tensor:
        """Logits (B, C)."""
        read = self.reading.padded(FlatDocuments.of(documents))
        begin = read.starts
        words, rows = self._number(read.ids)
        vectors = self._vectors(words)  # (U, d)
        share = self.model.config.vector_dropout
        if share and self.model.training:  # every place has its own vector
            vectors = F.dropout(vectors[torch.from_numpy(rows)], share)
            rows = np.arange(len(rows), dtype=np.int32)
        peaks = self._peaks(vectors, rows, begin)
        return self.model.decide(peaks)

    def step(self) -> None:
        """One step of all weights; forgets the gradients."""
        self.model.drop_fixed_gradients()
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.adam is not None:
            self.adam.step(*self._gradients())
        self.read.clear()

    def flush(self) -> None:
        """Bring words that were not read for long to the present."""
        if self.adam is not None:
            self.adam.flush()
        self.adam = None

    def _number(self, places: Ints) -> tuple[Ints, NDArray[np.int32]]:
        """The words that occur, and for each place the number of its word among them."""
        words = np.unique(places)
        self.numbers[words] = np.arange(len(words), dtype=np.int32)
        return words, self.numbers[places]

    def _vectors(self, words: Ints) -> Tensor:
        words, zeros = np.split(words, [np.searchsorted(words, self.reading.vocabulary)])
        if self.adam is not None:
            self.adam.sync(words)
        vectors = self.model.embed.weight.detach()[torch.from_numpy(words)]
        if self.adam is not None:
            self.read.append((words, vectors.requires_grad_()))
        return F.pad(vectors, (0, 0, 0, len(zeros))) if len(zeros) else vectors

    def _peaks(self, vectors: Tensor, rows: NDArray[np.int32], begin: NDArray[np.int64]) -> Tensor:
        """Peaks (B, k) of all filters with their biases, 0 where a document is empty."""
        full = torch.from_numpy(np.diff(begin) > 0)[:, None]
        peaks = []
        for conv, unread in zip(self.model.convolutions, self.model.unread, strict=True):
            of_documents = _inner(rows, begin, *unread)
            of_region = ConvMax.apply(vectors, conv.weight, *of_documents)  # type: ignore[no-untyped-call]
            peaks.append(of_region if conv.bias is None else of_region + conv.bias * full)
        return torch.cat(peaks, 1)

    def _gradients(self) -> tuple[Ints, Tensor]:
        """The words of this step with the sum of their gradients in all parts."""
        parts = [(words, vectors.grad) for words, vectors in self.read if vectors.grad is not None]
        if len(parts) == 1:
            return self._changing(*parts[0])
        words, rows = self._number(np.concatenate([words for words, _ in parts]))
        total = torch.zeros(len(words), self.model.config.width)
        return self._changing(
            words, total.index_add_(0, torch.from_numpy(rows), torch.cat([g for _, g in parts]))
        )

    def _changing(self, words: Ints, gradients: Tensor) -> tuple[Ints, Tensor]:
        """The same without padding, unless it is trained."""
        config = self.model.config
        if config.static_channel:
            gradients[:, config.dim :] = 0
        padding = int(len(words) > 0 and words[0] == PAD and not config.padding.trained)
        return words[padding:], gradients[padding:]


def _inner(
    rows: NDArray[np.int32], begin: NDArray[np.int64], before: int, after: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents without some places at the beginning and the end of each, where they have any."""
    if not before and not after:
        return rows, begin
    first = np.minimum(begin[:-1] + before, begin[1:])
    lengths = np.maximum(begin[1:] - after - first, 0)
    inner = starts(lengths)
    return rows[np.arange(inner[-1]) + np.repeat(first - inner[:-1], lengths)], inner


class ConvMax(torch.autograd.Function):
    """Peaks (B, F) of filters without biases over documents of any length, with gradients.

    `vectors` (U, d) are those of the words that occur, `weight` is (F, d, n). Document b is
    `rows[starts[b] : starts[b + 1]]`, numbers of vectors. Words that occur often are multiplied once, and the
    gradient goes through the winning windows only. An empty document has peaks of 0 and no gradient.
    """

    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, weight: Tensor, rows: NDArray[np.int32], starts: NDArray[np.int64]
    ) -> Tensor:
        table = slot_table(vectors, weight).numpy()
        peaks = np.empty((len(starts) - 1, len(table) * LANES), dtype=np.float32)
        places = np.empty(peaks.shape, dtype=np.int32)
        count, _, n = weight.shape
        documents = rows * np.int64(n * LANES), starts
        out = peaks, places, np.empty((0, 0, 0), np.float32)
        walk(documents, table, (0,) * n, (0, count), np.zeros(peaks.shape[1], np.float32), out)
        ctx.save_for_backward(vectors, weight)
        ctx.places, ctx.documents = places, (rows, starts)
        return torch.from_numpy(peaks)[:, : len(weight)].contiguous()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        vectors, weight = ctx.saved_tensors
        dim, wanted = vectors.shape[1], ctx.needs_input_grad[0]
        factors = _whole_lanes(vectors), _whole_lanes(weight.transpose(1, 2))
        into = torch.zeros_like(factors[0][: len(vectors) * wanted]), torch.zeros_like(factors[1])
        arrays = [tuple(t.numpy() for t in pair) for pair in (factors, into)]
        send_back(gradient.contiguous().numpy(), ctx.places, ctx.documents, *arrays)
        to_vectors, to_weight = into[0][:, :dim], into[1][:, :, :dim].transpose(1, 2)
        return to_vectors if wanted else None, to_weight, None, None


def _whole_lanes(values: Tensor) -> Tensor:
    """A copy with zeros to the next multiple of 16 numbers, as many as the kernel takes at a time."""
    size = values.shape[-1]
    whole = values.new_zeros(*values.shape[:-1], -(-size // LANES) * LANES)
    whole[..., :size] = values
    return whole
