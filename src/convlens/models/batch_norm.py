"""Batch normalisation of a convolution's values in training, and how it becomes a part of the convolution."""

import torch
from torch import Tensor, nn

MOMENTUM, EPSILON = 0.1, 1e-5  # PyTorch's


class BatchNorm(nn.Module):
    """`weight (z - mean) / sqrt(var + 1e-5) + bias` of each filter's values z, before its ReLU (Ioffe & Szegedy 2015).

    In training mean and variance are those of the places that the batch's documents have: padding never counts. Running means
    of them are what a trained network uses.
    """

    mean: Tensor
    var: Tensor

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(filters)), nn.Parameter(torch.zeros(filters))
        self.register_buffer("mean", torch.zeros(filters))
        self.register_buffer("var", torch.ones(filters))

    def forward(self, z: Tensor, inside: Tensor) -> Tensor:  # (B, F, 1, P), (B, P) bool -> (B, F, 1, P)
        mean, var = self._statistics(z, inside) if self.training and inside.any() else (self.mean, self.var)
        scale = self.weight / torch.sqrt(var + EPSILON)
        return (z - mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]

    def _statistics(self, z: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
        values = z[:, :, 0].transpose(1, 2)[inside]  # (N, F)
        mean, var = values.mean(0), values.var(0, correction=0)
        with torch.no_grad():
            unbiased = var * (len(values) / max(len(values) - 1, 1))
            self.mean.lerp_(mean, MOMENTUM)
            self.var.lerp_(unbiased, MOMENTUM)
        return mean, var

    @torch.no_grad()
    def fold(self, conv: nn.Conv1d) -> None:
        """Make it a part of the convolution below, which then gives the same in a trained network."""
        assert conv.bias is not None
        scale = self.weight / torch.sqrt(self.var + EPSILON)
        conv.weight.mul_(scale[:, None, None])
        conv.bias.sub_(self.mean).mul_(scale).add_(self.bias)
