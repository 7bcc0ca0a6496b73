"""A one-layer network as plain tensors and plain functions of torch: what its export is, and how it is run."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from safetensors.torch import load_file
from torch import Tensor, nn

from convlens.arrays import Floats
from convlens.models import BY_TORCH, TextCNNConfig, Weights

FILE = "weights.safetensors"


def plain_tensors(weights: Weights) -> dict[str, Floats]:
    """The numbers of a network in float32, in torch's layouts, by the names that a plain module gives them.

    `embed.weight` (V, d), `convs.0.weight` (F, d, kernel) of the first region, without the slots that a dilation leaves out,
    `dense.0.weight` (h, k), `head.weight` (C, h), or one row for a model of one logit; and every bias, zeros where a model has none.
    """
    weights = weights.single()
    config = replace(weights.config, filter_bias=True, head_bias=True)
    arrays = replace(weights, config=config).arrays()
    for i, step in enumerate(config.dilations):
        arrays[f"convs.{i}.weight"] = arrays[f"convs.{i}.weight"][:, :, ::step]
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def write_torch(weights: Weights, folder: Path) -> None:
    """Write the tensors as `weights.safetensors`."""
    save_file(plain_tensors(weights), folder / FILE)


class PlainNetwork(nn.Module):
    """The network of a file of plain tensors, by functions of torch alone."""

    def __init__(self, config: TextCNNConfig, folder: Path) -> None:
        super().__init__()
        self.config, self.tensors = config, load_file(folder / FILE)

    def forward(self, ids: Tensor) -> Tensor:  # (B, T) int64, texts of one length -> (B, C), or (B, 1)
        """Logits; the text is padded already, see `Padding`, but for the zeros of the convolutions."""
        config, tensors = self.config, self.tensors
        x = F.embedding(ids, tensors["embed.weight"]).transpose(1, 2)  # (B, d, T)
        peaks = []
        zeros = config.padding.of_regions(config.regions)
        for i, (n, step, (left, right)) in enumerate(
            zip(config.regions, config.dilations, zeros, strict=True)
        ):
            padded = F.pad(x, (left, max(right, n - left - x.shape[2])))  # a shorter text is one window
            maps = F.conv1d(padded, tensors[f"convs.{i}.weight"], tensors[f"convs.{i}.bias"], dilation=step)
            peaks.append(maps.amax(2))
        peak = torch.cat(peaks, 1) * bool(ids.shape[1])  # (B, k): an empty text has no window
        x = BY_TORCH[config.activation](peak)
        for i in range(len(config.hidden)):
            x = F.relu(F.linear(x, tensors[f"dense.{i}.weight"], tensors[f"dense.{i}.bias"]))
        return F.linear(x, tensors["head.weight"], tensors["head.bias"])
