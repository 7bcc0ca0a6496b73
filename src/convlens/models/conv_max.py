"""The max over all windows and its gradient, from the slot table of a batch's words."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.kernels.table import slot_table
from convlens.kernels.vectors import LANES
from convlens.kernels.walk import walk
from convlens.kernels.winners import send_back


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
