"""A network of which only the weights are there: built again from the names of its layers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from convlens.arguments import described
from convlens.errors import InputError
from convlens.shown import listed, shown, suggestion

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "none": nn.Identity(),
}


class OneLayer(nn.Module):
    """A text CNN of one layer made of its weights: tensors by name, or the path of a file of them, and which layer has which name.

    `embedding` has the vectors (V, d); `convolutions` have filters (F, d, n), as images (F, 1, n, d), or flat (F, 1, n * d), each before an
    `activation` ("relu", "tanh", "sigmoid", "none") and a maximum over all places; `hidden` are dense layers with a ReLU after each, and `head` gives the
    logits. A layer `name` has the tensors `name.weight` and, if any, `name.bias`; `zeros` are put on both sides of a text in each convolution.

    Word numbers (B, L) go in, logits (B, C) come out: give it to `adopt`. Raises `InputError` for names and shapes that do not fit.
    """

    def __init__(  # noqa: PLR0913  the parts of a network
        self,
        weights: Mapping[str, Tensor] | Path | str,
        *,
        embedding: str,
        convolutions: Sequence[str],
        head: str,
        hidden: Sequence[str] = (),
        activation: str = "relu",
        zeros: Sequence[int] | int = 0,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise InputError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {shown(activation)}")
        if isinstance(convolutions, str) or not convolutions:
            raise InputError(
                f"convolutions are the names of one layer or more, got {described(convolutions)}"
            )
        self.activation = ACTIVATIONS[activation]
        tensors = state_of(Path(weights)) if isinstance(weights, str | Path) else dict(weights)
        layers = _Layers(tensors)
        self.vectors, _ = layers.of(embedding, 2)
        size = self.vectors.shape[1]
        self.filters = [(_filters(name, *layers.of(name, 3, 4), size)) for name in convolutions]
        self.dense = [layers.of(name, 2) for name in (*hidden, head)]
        self.zeros = [zeros] * len(convolutions) if isinstance(zeros, int) else list(zeros)
        self._check((*hidden, head))

    def _check(self, names: Sequence[str]) -> None:
        if len(self.zeros) != len(self.filters):
            raise InputError(
                f"zeros are one number, or one for each of the {len(self.filters)} convolutions, got {self.zeros}"
            )
        below = sum(len(weights) for weights, _ in self.filters)
        for name, (weights, _) in zip(names, self.dense, strict=True):
            if weights.shape[1] != below:
                raise InputError(
                    f"{shown(name)} reads {weights.shape[1]} numbers, and {below} stand before it: name all convolutions and dense "
                    "layers, in the order in which the network puts them together"
                )
            below = len(weights)

    def forward(self, ids: Tensor) -> Tensor:  # (B, L) -> (B, C)
        """Its logits."""
        x = F.embedding(ids, self.vectors).transpose(1, 2)
        maps = [
            F.conv1d(x, weights, bias, padding=zeros)
            for (weights, bias), zeros in zip(self.filters, self.zeros, strict=True)
        ]
        x = torch.cat([self.activation(values).amax(2) for values in maps], 1)
        for weights, bias in self.dense[:-1]:
            x = F.relu(F.linear(x, weights, bias))
        return F.linear(x, *self.dense[-1])


class _Layers:
    """Tensors by the names of their layers."""

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        self.tensors = tensors

    def of(self, name: str, *ranks: int) -> tuple[Tensor, Tensor | None]:
        """Weights of one of these ranks, and the bias."""
        weights = self.tensors.get(f"{name}.weight", self.tensors.get(name))
        if not isinstance(weights, Tensor):
            near = suggestion(name, {one.removesuffix(".weight") for one in self.tensors})
            raise InputError(
                f"there is no layer {shown(name)}: {near}the tensors are {listed(list(self.tensors))}"
            )
        if weights.ndim not in ranks:
            raise InputError(
                f"the weights of {shown(name)} have the shape {list(weights.shape)}, expected {' or '.join(map(str, ranks))} dimensions"
            )
        bias = self.tensors.get(f"{name}.bias")
        return weights.detach().float(), bias.detach().float() if isinstance(bias, Tensor) else None


def _filters(name: str, weights: Tensor, bias: Tensor | None, size: int) -> tuple[Tensor, Tensor | None]:
    """Filters as (F, d, n), whatever way they are kept in."""
    if weights.ndim == 4 and weights.shape[1] == 1 and weights.shape[3] == size:
        return weights[:, 0].transpose(1, 2), bias
    if weights.ndim == 3 and weights.shape[1] == 1 and size > 1 and weights.shape[2] % size == 0:
        return weights.reshape(len(weights), -1, size).transpose(1, 2), bias
    if weights.ndim == 3 and weights.shape[1] == size:
        return weights, bias
    raise InputError(
        f"the filters of {shown(name)} have the shape {list(weights.shape)}, and vectors {size} numbers: expected (F, {size}, n), "
        f"(F, 1, n, {size}) or (F, 1, n * {size})"
    )


def state_of(path: Path) -> Mapping[str, Any]:
    """Tensors by name; a state dict of PyTorch is read as tensors alone, and nothing else is unpickled."""
    from safetensors.torch import load_file

    try:
        tensors = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
        return dict(tensors)
    except Exception as error:  # noqa: BLE001  whatever these raise for what is no such file
        raise InputError(
            f"{path} is no state dict ({type(error).__name__}: {shown(str(error))}): save network.state_dict(), best as safetensors"
        ) from None
