"""What the affine parts of a network do, as numbers: Jacobians in float64, each held to the part on other values."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, fx

from convlens.adopt.graph import CannotRead, Graph, place_of, tensor_of
from convlens.adopt.network import Convolution

CHUNK = 32  # rows of a Jacobian at a time
CLOSE = 1e-9  # in float64, of values of about one
Function = Callable[[Tensor], Tensor]


def stretch(graph: Graph, sources: Sequence[fx.Node], target: fx.Node) -> Function:
    """A target as a function of its sources' values, flat and one after the other; their first dimension is kept out of it."""
    nodes = graph.between(sources, target)
    shapes = [tensor_of(graph.values[source]).shape for source in sources]
    tuples = [isinstance(graph.values[source], tuple) for source in sources]
    sizes = [shape.numel() for shape in shapes]

    def function(flat: Tensor) -> Tensor:
        parts = [part.reshape(shape) for part, shape in zip(torch.split(flat, sizes), shapes, strict=True)]
        inputs = {
            source: (part, None) if is_tuple else part
            for source, part, is_tuple in zip(sources, parts, tuples, strict=True)
        }
        return tensor_of(graph.run(inputs, nodes, target))

    return function


def matrix(function: Function, size: int, name: str) -> tuple[Tensor, Tensor]:
    """Weights (m, size) and biases (m,) of a function of `size` numbers; `CannotRead` where it is not affine."""
    zeros = torch.zeros(size, dtype=torch.float64)

    def flat(x: Tensor) -> Tensor:
        return function(x).reshape(-1)

    biases = flat(zeros).detach()
    jacobian: Function = torch.func.jacrev(flat, chunk_size=CHUNK)
    weights, x = jacobian(zeros).detach(), random_values(size)
    if not _close(flat(x), weights @ x + biases):
        raise CannotRead(f"what {name} reads is not affine in what stands before it")
    return weights, biases


def convolution(function: Function, length: int, size: int, node: fx.Node) -> tuple[Convolution, int]:
    """The convolution that a function of vectors (length * size,) is, and the axis of places of what it gives.

    `CannotRead` where it is none: where the same windows do not have the same values at every place.
    """
    name = place_of(node)
    axis = _time_axis(function, length, size, name)
    places = partial(_by_place, function, axis)
    count = len(places(torch.zeros(length * size, dtype=torch.float64)))
    middle = min(count // 2, count - 2)  # there is one after it
    weights, biases = _at(places, middle, length, size)
    read = torch.nonzero(weights.abs().amax((0, 2)) > 0).flatten()
    if not len(read):
        raise CannotRead(f"before {name} stands no convolution over the words")
    first, last = int(read[0]), int(read[-1])
    further, _ = _at(lambda x: places(x).sum(1, keepdim=True), middle + 1, length, size)
    stride = int(torch.nonzero(further.abs().amax((0, 2)) > 0).flatten()[0]) - first
    if stride != 1:
        raise CannotRead(
            f"windows before {name} begin {stride} words apart, and exact answers need one at every word"
        )
    n = last - first + 1
    steps = torch.unique(torch.diff(read))
    dilation = int(steps[0]) if len(steps) == 1 else 1
    left = middle - first
    conv = Convolution(
        weights[:, first : last + 1], biases, max(left, 0), max(count - 1 + n - length - left, 0), dilation
    )
    if left < 0 or count - 1 + n - length < left or not _is(conv, places, length, size):
        raise CannotRead(f"before {name} stands no convolution that does the same at every word")
    return conv, axis


def _at(places: Function, place: int, length: int, size: int) -> tuple[Tensor, Tensor]:
    weights, biases = matrix(lambda x: places(x)[place], length * size, "a filter")
    return weights.reshape(-1, length, size), biases


def _is(conv: Convolution, places: Function, length: int, size: int) -> bool:
    x = random_values(length * size)
    padded = F.pad(x.reshape(length, size).T, (conv.left, conv.right))
    return _close(places(x), F.conv1d(padded[None], conv.weights.transpose(1, 2), conv.biases)[0].T)


def _by_place(function: Function, axis: int, x: Tensor) -> Tensor:
    """Values (places, F)."""
    value = function(x)[0].movedim(axis - 1, 0)
    return value.reshape(len(value), -1)


def _time_axis(function: Function, length: int, size: int, name: str) -> int:
    """The axis along which one word is felt at some places only; that of places where it has no other."""
    x = random_values(length * size)
    moved = x.clone().reshape(length, size)
    moved[0] += 1  # of all words it is felt at the fewest places
    differs = (function(moved.reshape(-1)) - function(x)).abs() > CLOSE
    axes = [i for i, count in enumerate(differs.shape) if i and count > 1]
    shares = {i: float(differs.movedim(i, 0).flatten(1).any(1).double().mean()) for i in axes}
    if not shares or min(shares.values()) == 1:
        raise CannotRead(
            f"before {name} one word is felt at all places, so there is no convolution over the words"
        )
    return min(shares, key=shares.__getitem__)


def scaling(
    function: Function, shape: torch.Size, axis: int, name: str
) -> tuple[Tensor, Tensor, Tensor, int]:
    """Order, scales and shifts (F,) by which a function only moves filters' values, and the axis of places that it gives.

    Where it gives out value `f` stands `scale[f] * x[order[f]] + shift[f]`, at every place. `CannotRead` for others.
    """
    x = random_values(shape.numel())
    moved = x.reshape(shape).clone()
    place = shape[axis] // 2
    moved.select(axis, place).add_(1)
    before, after = function(x), function(moved.reshape(-1))
    differs = (after - before).abs() > CLOSE
    axes = [
        i
        for i, count in enumerate(differs.shape)
        if count == shape[axis]
        and torch.nonzero(differs.movedim(i, 0).flatten(1).any(1)).flatten().tolist() == [place]
    ]
    if not axes:
        raise CannotRead(f"before {name} one place is felt at others: there is a second layer of convolution")
    activations = x.reshape(shape).movedim(axis, 0).reshape(shape[axis], -1)  # (places, F)
    filters = activations.shape[1]

    def at_place(value: Tensor) -> Tensor:
        out = function(_spread(value, shape, axis)).movedim(axes[0], 0)
        return out.reshape(shape[axis], -1)[place]

    weights, shifts = matrix(at_place, filters, name)
    order = weights.abs().argmax(1)
    scales = weights[torch.arange(len(weights)), order]
    result = before.movedim(axes[0], 0).reshape(shape[axis], -1)
    if (
        len(weights) != filters
        or len(set(order.tolist())) != filters
        or not _close(result, activations[:, order] * scales + shifts)
    ):
        raise CannotRead(f"before {name} filters are mixed once more: there is a second layer")
    return order, scales, shifts, axes[0]


def _spread(values: Tensor, shape: torch.Size, axis: int) -> Tensor:
    """A value of each filter (F,) at every place, flat."""
    rest = [count for i, count in enumerate(shape) if i != axis]
    return values.double().reshape(rest).unsqueeze(axis).expand(shape).reshape(-1)


def random_values(size: int) -> Tensor:
    """The same random numbers (size,) each time."""
    return torch.randn(size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def _close(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and bool(((a - b).abs() <= CLOSE * (1 + b.abs())).all())
