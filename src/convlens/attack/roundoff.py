"""How far two ways to add up the same logits can be apart: what a certificate must leave as a margin."""

import numpy as np
import torch
from torch import Tensor

from convlens.arrays import Floats
from convlens.models import TextCNN

AT_ONCE = 1024  # words at a time
WAYS = 2  # ours and the model's


@torch.no_grad()
def roundoff(model: TextCNN) -> Floats:
    """Bounds (C,) for the difference of two logits, one of which is of this class, added up in any order.

    A sum of m products is off by at most `m u / (1 - m u)` times the sum of their absolute values, u being half the machine
    epsilon (Higham 2002, 3.1). The absolute values are those of the words that give each slot most.
    """
    config, matrix = model.config, model.embed.weight.detach().double().abs()
    most = torch.cat([_largest(matrix, conv.weight.detach().double().abs()) for conv in model.convolutions])
    most += model.filter_biases.double().abs()
    terms = config.width * max(config.regions) + max(config.regions) + 2
    if config.activation != "relu":
        most, terms = (
            most + 1,
            terms + 8,
        )  # no value of an activation is above |z| + 1; a few units for computing it
    for layer in model.dense_layers:
        terms += len(most) + 2
        most = layer.weight.detach().double().abs() @ most + layer.bias.detach().double().abs()
    head, bias = model.head_weights.double().abs(), model.head_biases.double().abs()
    terms += len(most) + 3
    unit = terms * torch.finfo(model.head.weight.dtype).eps / 2
    each = unit / (1 - unit) * (head @ most + bias)  # (C,)
    bounds: Floats = (WAYS * (each + each.max())).cpu().numpy()
    return np.asarray(bounds)


def _largest(matrix: Tensor, weight: Tensor) -> Tensor:
    """The sum over the slots of what the word that gives most gives each of the filters (F, d, n): (F,)."""
    parts = [torch.einsum("vd,fdn->vfn", part, weight).amax(0) for part in torch.split(matrix, AT_ONCE)]
    return torch.stack(parts).amax(0).sum(1)
