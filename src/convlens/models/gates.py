"""What a filter gives the head: its peak where it passes, else 0, or another function of it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.models.activations import LEAK

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
