"""What the head reads of a filter's greatest value: activations that never fall, so that they may stand before the max or after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from convlens.arrays import Floats

Name = Literal["relu", "none", "tanh", "sigmoid", "softplus", "elu", "leaky-relu"]
LEAK = 0.01  # slope of the leaky ReLU below zero


@dataclass(frozen=True)
class Activation:
    """A function of a number, its slope, and whether it is made of straight lines, between which logits jump in no slope."""

    of: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]

    def ratio(self, values: Floats) -> Floats:
        """`(a(z) - a(0)) / z` of values z (...), the slope at 0 where z is: with `a(0)` the rest, an exact split of a(z)."""
        zero = np.zeros_like(values)
        near = np.abs(values) < np.sqrt(np.finfo(values.dtype).tiny)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (self.of(values) - self.of(zero)) / values
        return np.asarray(np.where(near, self.slope(zero), ratio))


def _sigmoid(z: Floats) -> Floats:
    half = z.dtype.type(0.5)
    return np.asarray(half * np.tanh(half * z) + half)


def _sigmoid_slope(z: Floats) -> Floats:
    value = _sigmoid(z)
    return value * (1 - value)


def _softplus(z: Floats) -> Floats:
    return np.asarray(np.logaddexp(z, z.dtype.type(0)))


def _below(z: Floats, value: Floats | float) -> Floats:
    """1 above zero, and the value below."""
    return np.asarray(np.where(z > 0, 1, value), z.dtype)


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(lambda z: np.maximum(z, 0), lambda z: _below(z, 0)),
    "none": Activation(lambda z: z, np.ones_like),
    "tanh": Activation(np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope),
    "softplus": Activation(_softplus, _sigmoid),
    "elu": Activation(
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: _below(z, np.exp(np.minimum(z, 0))),
    ),
    "leaky-relu": Activation(lambda z: np.maximum(z, z.dtype.type(LEAK) * z), lambda z: _below(z, LEAK)),
}
