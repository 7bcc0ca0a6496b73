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
from convlens.models.textcnn import TextCNN
from convlens.text import starts


class KernelEngine:
    """A `TextCNN` of float32 on a CPU."""

    def __init__(self, model: TextCNN, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        self.tuned = model.embed.weight.requires_grad
        self.numbers = np.empty(model.embed.num_embeddings, dtype=np.int32)  # of the words of a batch
        self.read: list[tuple[Ints, Tensor]] = []  # words and their vectors in this step
        self.adam: LazyAdam | None = None

    def begin(self, steps: int) -> None:
        """Prepare for so many steps."""
        if self.tuned:
            self.adam = LazyAdam(self.optimizer, self.model.embed.weight, steps)

    def logits(self, documents: Documents) -> Tensor:
        """Logits (B, C)."""
        words, rows = self._number(np.concatenate(documents))
        begin = starts([len(document) for document in documents])
        vectors = self._vectors(words)  # (U, d)
        share = self.model.config.vector_dropout
        if share and self.model.training:  # every place has its own vector
            vectors = F.dropout(vectors[torch.from_numpy(rows)], share)
            rows = np.arange(len(rows), dtype=np.int32)
        peaks = self._peaks(vectors, rows, begin)
        pooled = F.dropout(self.model.pool(peaks), self.model.config.dropout, self.model.training)
        return self.model.head(pooled)  # type: ignore[no-any-return]

    def step(self) -> None:
        """One step of all weights; forgets the gradients."""
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
        if self.adam is not None:
            self.adam.sync(words)
        vectors = self.model.embed.weight.detach()[torch.from_numpy(words)]
        if self.adam is not None:
            self.read.append((words, vectors.requires_grad_()))
        return vectors

    def _peaks(self, vectors: Tensor, rows: NDArray[np.int32], begin: NDArray[np.int64]) -> Tensor:
        """Peaks (B, k) of all filters with their biases, 0 where a document is empty."""
        full = torch.from_numpy(np.diff(begin) > 0)[:, None]
        peaks = []
        for conv in self.model.convolutions:
            of_region = ConvMax.apply(vectors, conv.weight, rows, begin)  # type: ignore[no-untyped-call]
            peaks.append(of_region if conv.bias is None else of_region + conv.bias * full)
        return torch.cat(peaks, 1)

    def _gradients(self) -> tuple[Ints, Tensor]:
        """The words of this step with the sum of their gradients in all parts."""
        parts = [(words, vectors.grad) for words, vectors in self.read if vectors.grad is not None]
        if len(parts) == 1:
            return parts[0][0], parts[0][1]
        words, rows = self._number(np.concatenate([words for words, _ in parts]))
        total = torch.zeros(len(words), self.model.config.dim)
        return words, total.index_add_(0, torch.from_numpy(rows), torch.cat([g for _, g in parts]))


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
