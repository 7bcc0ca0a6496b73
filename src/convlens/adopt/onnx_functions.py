"""Operations of ONNX as functions of torch: inputs come by place, attributes by name."""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.adopt.graph import CannotRead

Axes = Sequence[int] | int | None
Pads = Sequence[int] | None


def convolution(
    x: Tensor,
    weights: Tensor,
    bias: Tensor | None = None,
    *,
    kernel_shape: Sequence[int] = (),
    strides: Pads = None,
    pads: Pads = None,
    dilations: Pads = None,
    group: int = 1,
    auto_pad: str = "NOTSET",
) -> Tensor:
    windows = Windows(weights.shape[2:], strides, dilations, pads, auto_pad)
    x = F.pad(x, windows.around(x))
    function = {1: F.conv1d, 2: F.conv2d}[x.ndim - 2]
    return function(x, weights, bias, windows.strides, 0, windows.dilations, group)


def max_pool(
    x: Tensor,
    *,
    kernel_shape: Sequence[int],
    strides: Pads = None,
    pads: Pads = None,
    dilations: Pads = None,
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    storage_order: int = 0,
) -> Tensor:
    windows = Windows(kernel_shape, strides, dilations, pads, auto_pad)
    x = F.pad(x, windows.around(x), value=-math.inf)
    function: Any = {1: F.max_pool1d, 2: F.max_pool2d}[x.ndim - 2]
    pooled: Tensor = function(x, kernel_shape, windows.strides, 0, windows.dilations, bool(ceil_mode))
    return pooled


class Windows:
    """Steps and padding of windows over the last dimensions."""

    def __init__(
        self, shape: Sequence[int], strides: Pads, dilations: Pads, pads: Pads, auto_pad: str
    ) -> None:
        self.shape, self.pads, self.auto_pad = list(shape), pads, auto_pad
        self.strides = list(strides or [1] * len(self.shape))
        self.dilations = list(dilations or [1] * len(self.shape))

    def around(self, x: Tensor) -> list[int]:
        """What `F.pad` is to add."""
        count = len(self.shape)
        if self.auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            sides = [self._same(i, x.shape[i - count]) for i in range(count)]
        else:
            pads = [0] * (2 * count) if self.auto_pad == "VALID" or not self.pads else list(self.pads)
            sides = list(zip(pads[:count], pads[count:], strict=True))
        return [side for both in reversed(sides) for side in both]

    def _same(self, i: int, size: int) -> tuple[int, int]:
        reach = (self.shape[i] - 1) * self.dilations[i] + 1
        both = max((math.ceil(size / self.strides[i]) - 1) * self.strides[i] + reach - size, 0)
        less, more = both // 2, both - both // 2
        return (less, more) if self.auto_pad == "SAME_UPPER" else (more, less)


def batch_norm(
    x: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
    spatial: int = 1,
) -> Tensor:
    if training_mode:
        raise CannotRead("its batch normalisation is in training mode: export the network in eval mode")
    return F.batch_norm(x, mean, variance, scale, shift, False, 0.0, epsilon)


def gemm(
    a: Tensor,
    b: Tensor,
    c: Tensor | None = None,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    transA: int = 0,
    transB: int = 0,
) -> Tensor:
    product = alpha * ((a.T if transA else a) @ (b.T if transB else b))
    return product if c is None else product + beta * c


def gather(data: Tensor, indices: Tensor, *, axis: int = 0) -> Tensor:
    axis %= data.ndim
    size = data.shape[axis]
    if (
        not indices.is_meta
        and indices.numel()
        and not -size <= int(indices.min()) <= int(indices.max()) < size
    ):
        raise IndexError(f"a row of {size}")
    rows = data.index_select(axis, (indices.long() % size).flatten())
    return rows.reshape(*data.shape[:axis], *indices.shape, *data.shape[axis + 1 :])


def sliced(
    x: Tensor,
    starts: Sequence[int] = (),
    ends: Sequence[int] = (),
    axes: Sequence[int] | None = None,
    steps: Sequence[int] | None = None,
) -> Tensor:
    axes = range(len(starts)) if axes is None else axes
    for axis, start, end, step in zip(axes, starts, ends, steps or [1] * len(starts), strict=True):
        places = list(range(x.shape[axis]))[start:end:step]
        x = x.index_select(axis, torch.tensor(places, dtype=torch.int64, device=x.device))
    return x


def padded(
    x: Tensor,
    pads: Sequence[int] = (),
    value: float | None = 0.0,
    axes: Sequence[int] | None = None,
    *,
    mode: str = "constant",
) -> Tensor:
    if mode != "constant":
        raise CannotRead(f"it pads by {mode} values, which are not the same for every text")
    count = len(pads) // 2
    around = [0] * (2 * x.ndim)
    for i, axis in enumerate(range(count) if axes is None else axes):
        place = 2 * (x.ndim - 1 - axis % x.ndim)
        around[place], around[place + 1] = pads[i], pads[count + i]
    return F.pad(x, around, value=value or 0.0)


def reshape(x: Tensor, shape: Sequence[int], *, allowzero: int = 0) -> Tensor:
    return x.reshape([x.shape[i] if size == 0 and not allowzero else size for i, size in enumerate(shape)])


def flatten(x: Tensor, *, axis: int = 1) -> Tensor:
    return x.reshape(math.prod(x.shape[:axis]), -1)


def squeeze(x: Tensor, axes: Axes = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(_several(axes)))


def unsqueeze(x: Tensor, axes: Axes = None) -> Tensor:
    rank = x.ndim + len(_several(axes))
    for axis in sorted(axis % rank for axis in _several(axes)):
        x = x.unsqueeze(axis)
    return x


def split_up(
    x: Tensor, split: Sequence[int] | None = None, *, axis: int = 0, num_outputs: int | None = None
) -> tuple[Tensor, ...]:
    if split is None:
        split = [math.ceil(x.shape[axis] / (num_outputs or 2))] * (num_outputs or 2)
        split[-1] = x.shape[axis] - sum(split[:-1])
    return torch.split(x, list(split), axis)


def transpose(x: Tensor, *, perm: Sequence[int] | None = None) -> Tensor:
    return x.permute(*(range(x.ndim)[::-1] if perm is None else perm))


def concat(*tensors: Tensor, axis: int) -> Tensor:
    return torch.cat(tensors, axis)


def cast_to(x: Tensor, *, to: int, saturate: int = 1) -> Tensor:
    return x.to(dtype_of(to))


def dtype_of(number: int) -> torch.dtype:
    """The type of torch for a number of ONNX."""
    try:
        return torch.from_numpy(np.zeros(0, onnx.helper.tensor_dtype_to_np_dtype(number))).dtype
    except (KeyError, TypeError):
        raise CannotRead(f"it has values of ONNX's type {number}, which torch does not know") from None


def expand(x: Tensor, shape: Sequence[int]) -> Tensor:
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(shape)))


def full(shape: Sequence[int], *, value: Tensor | None = None) -> Tensor:
    if value is None:
        return torch.zeros(tuple(shape))
    return torch.full(tuple(shape), value.item(), dtype=value.dtype)


def shape_of(x: Tensor, *, start: int = 0, end: int | None = None) -> Tensor:
    return torch.tensor(list(x.shape)[start:end], dtype=torch.int64)


def reduction(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A value of all along some axes."""

    def reduced(x: Tensor, axes: Axes = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Tensor:
        dims = _several(axes) or ([] if noop_with_empty_axes else list(range(x.ndim)))
        return function(x, dims, keepdim=bool(keepdims)) if dims else x

    return reduced


def over_places(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A value of all places of each channel."""

    def reduced(x: Tensor) -> Tensor:
        return function(x, list(range(2, x.ndim)), keepdim=True)

    return reduced


def along_last(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of the numbers along the last axis."""

    def along(x: Tensor, *, axis: int = -1) -> Tensor:
        if axis % x.ndim != x.ndim - 1:
            raise CannotRead(f"its softmax is along axis {axis}, not along the classes")
        return function(x, -1)

    return along


def clip(x: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    return x if min is None and max is None else torch.clamp(x, min, max)


def leaky_relu(x: Tensor, *, alpha: float = 0.01) -> Tensor:
    return F.leaky_relu(x, alpha)


def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return F.elu(x, alpha)


def celu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    return F.celu(x, alpha)


def gelu(x: Tensor, *, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    return F.gelu(x, approximate=approximate)


def hard_sigmoid(x: Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    return (alpha * x + beta).clamp(0, 1)


def summed(*tensors: Tensor) -> Tensor:
    total = tensors[0]
    for one in tensors[1:]:
        total = total + one
    return total


def unchanged(x: Tensor, *rest: Any, ratio: float = 0.5, seed: int = 0, is_test: int = 1) -> Tensor:
    return x


def divided(a: Tensor, b: Tensor) -> Tensor:
    return a / b if torch.is_floating_point(a) else torch.div(a, b, rounding_mode="trunc")


def _several(axes: Axes) -> list[int]:
    return [] if axes is None else [axes] if isinstance(axes, int) else list(axes)
