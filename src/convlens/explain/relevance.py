"""The relevance rule of Arras et al. 2016 (section 3), layer by layer.

`z_ij = x_i w_ij + b_j / n`, `z_j = sum_i z_ij`, and `R_{i<-j} = (z_ij + s(z_j) / n) / (z_j + s(z_j)) R_j`, with
`s(z) = 0.01 sign(z)`, `sign(0) = 1`, and n the inputs of neuron j: bias and stabiliser are shared out equally, so that
no relevance is lost. A ReLU passes relevance on, and the max gives it to its first winner.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

STABILISER = 0.01


def stabilisers(z: Tensor, stabiliser: float) -> Tensor:
    """`s(z)`, of the shape of z."""
    even = torch.full_like(z, stabiliser)  # of the precision of z: 0.01 is another number in float32
    return torch.where(z >= 0, even, -even)


def linear(x: Tensor, weight: Tensor, bias: Tensor, relevance: Tensor, stabiliser: float) -> Tensor:
    """From the outputs (B, C, J) of a dense layer to its inputs: x (B, 1, I), weight (J, I) -> (B, C, I)."""
    z = x @ weight.T + bias  # (B, 1, J)
    even = stabilisers(z, stabiliser)
    ratio = relevance / (z + even)  # (B, C, J)
    return x * (ratio @ weight) + (ratio * (bias + even)).sum(2, keepdim=True) / x.shape[2]


def convolution(
    given: tuple[Tensor, Tensor], weight: Tensor, bias: Tensor, relevance: Tensor, stabiliser: float
) -> tuple[Tensor, Tensor]:
    """From the outputs (B, F, P) of a convolution to its inputs (B, D, P + n - 1), and what finds no input: (B,).

    `given`: its inputs, and (B, P + n - 1) bool which places are inputs and not padding; padding, whose numbers
    must be 0, gets nothing. A window of padding alone keeps its relevance to itself.
    """
    x, real = given
    z = F.conv1d(x, weight, bias)  # (B, F, P)
    even = stabilisers(z, stabiliser)
    ratio = relevance / (z + even)
    parts = x * F.conv_transpose1d(ratio, weight)  # (B, D, T)
    shared = (ratio * (bias[:, None] + even)).sum(1, keepdim=True)  # (B, 1, P)
    places = real[:, None].to(x.dtype)  # (B, 1, T)
    ones = weight.new_ones(1, 1, weight.shape[2])
    held = F.conv1d(places, ones).round()  # (B, 1, P)
    spread = F.conv_transpose1d(shared / held.clamp(min=1), ones)  # (B, 1, T), to each place of a window
    return parts + spread * places / x.shape[1], shared.masked_fill(held > 0, 0).sum((1, 2))


def winners(relevance: Tensor, places: Tensor, size: int) -> Tensor:
    """From the outputs (B, F, P) of a max, pooling windows overlapping or not, to its inputs: (B, F, size)."""
    return relevance.new_zeros(*relevance.shape[:2], size).scatter_add_(2, places, relevance)
