"""What is read of a text CNN of one layer: tensors in float64."""

from dataclasses import dataclass

from torch import Tensor

from convlens.models.activations import Name


@dataclass(frozen=True)
class Convolution:
    """Windows of words under filters: weights (F, n, d), biases (F,), and the zero vectors before and after a text.

    Of the words of a window every `dilation`th is read.
    """

    weights: Tensor
    biases: Tensor
    left: int
    right: int
    dilation: int = 1

    @property
    def region(self) -> int:
        """The words of a window."""
        return self.weights.shape[1]


@dataclass(frozen=True)
class Network:
    """What a graph holds: vectors (V, d), filters before the greatest value, an activation, and layers from there to the logits.

    The network itself puts the word numbers `front` and `back` around those of a text. `layers` are weights (m, k) and
    biases (m,), all but the last with a ReLU after them; columns of the first are the filters of all `convolutions` in turn.
    `squash` is what it makes of its logits in the end, and `folded` tells people what has no part of its own.
    """

    vectors: Tensor
    front: tuple[int, ...]
    back: tuple[int, ...]
    convolutions: tuple[Convolution, ...]
    activation: Name
    layers: tuple[tuple[Tensor, Tensor], ...]
    squash: str = ""
    folded: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        """How many numbers it gives."""
        return len(self.layers[-1][1])
