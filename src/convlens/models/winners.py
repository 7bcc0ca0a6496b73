"""Gradients of a convolution's max, through the windows that won and nothing else."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


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
