"""From windows to what the head reads: the greatest value of each filter, its gradient, and what passes of it."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.models.activations import LEAK

CHUNK = 8192  # windows convolved at once: bounds memory on documents of any length
Best = tuple[Tensor, Tensor]

BY_TORCH: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "none": lambda z: z,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softplus": lambda z: torch.logaddexp(z, z.new_zeros(())),
    "elu": F.elu,
    "leaky-relu": lambda z: F.leaky_relu(z, LEAK),
}
"""The functions of `ACTIVATIONS` for tensors."""


def gated(peaks: Tensor, gates: Tensor | None) -> Tensor:
    """`p if p >= t else 0` for peaks (..., k) and gates t >= 0 (k,) (Jacovi et al. 2018, figure 1); without gates the ReLU.

    A gate of infinity switches its filter off. Gradients go through the filters that pass.
    """
    pooled = F.relu(peaks)
    return pooled if gates is None else pooled.masked_fill(peaks < gates, 0)


class Winners(torch.autograd.Function):
    """Peaks (B, F) that are already found, with the gradient that a convolution and its max would have.

    `x` (B, T, d) has room for every window, `weight` (F, d, n), `positions` (B, F) the first word of each.
    The max passes the gradient g[b, f] to one window, so that `d weight_f = sum_b g[b, f] window[b, f]`
    and window[b, f] gets `g[b, f] weight_f`. Filters that the ReLU or dropout silenced cost nothing.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, peaks: Tensor, positions: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight, positions)
        return peaks.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None]:
        x, weight, positions = ctx.saved_tensors
        count, dim, n = weight.shape
        filters, rows = gradient.T.nonzero(as_tuple=True)  # (M,), by filter
        values = gradient[rows, filters]
        slots = torch.arange(n, device=x.device)[:, None]
        places = rows * x.shape[1] + positions[rows, filters] + slots  # (n, M), words of all documents
        ends = torch.bincount(filters, minlength=count).cumsum(0)
        offsets = F.pad(ends[:-1], (1, 0)) + len(filters) * slots  # (n, F): where each bag begins
        to_weight = F.embedding_bag(
            places.flatten(),
            x.flatten(0, 1),
            offsets.flatten(),
            mode="sum",
            per_sample_weights=values.repeat(n),
        )
        to_x = torch.zeros_like(x).flatten(0, 1)
        for slot, place in enumerate(places):
            to_x.index_add_(0, place, values[:, None] * weight[:, :, slot][filters])
        return to_x.view_as(x), to_weight.view(n, count, dim).permute(1, 2, 0), None, None


def best_windows(conv: nn.Conv1d, x: Tensor, start: int, lengths: Tensor) -> Best:
    """The greatest values and their first places, among `CHUNK` windows at most, of vectors from word `start` on: (B, F)."""
    n = conv.kernel_size[0]
    x = F.pad(x, (0, 0, 0, max(n - x.shape[1], 0)))[:, : CHUNK + n - 1]
    windows = (lengths - n + 1).clamp(min=1)[:, None, None]  # (B, 1, 1)
    # Channels last over a height of one: half again as fast as conv1d on a CPU.
    values = F.conv2d(x.transpose(1, 2)[:, :, None], conv.weight[:, :, None], conv.bias)[:, :, 0]
    place = torch.arange(start, start + values.shape[2], device=x.device)
    best = values.masked_fill_(place >= windows, -torch.inf).max(2)
    return best.values, best.indices + start


def first_best(best: list[Best]) -> Best:
    """The greatest of pieces, the first on ties."""
    chunk = torch.stack([values for values, _ in best]).max(0)  # (B, F)
    return chunk.values, torch.stack([places for _, places in best]).gather(0, chunk.indices[None])[0]
