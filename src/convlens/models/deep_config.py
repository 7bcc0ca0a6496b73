"""The shape of a `DeepTextCNN`, checked at birth and saved with the model."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import msgspec

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.models.config import MOST_HIDDEN

if TYPE_CHECKING:
    from torch import Tensor

MOST_LAYERS = 100
LONGEST = 100_000  # words that go through the network at once, whatever the text
Count = TypeVar("Count", int, "Tensor")


@dataclass(frozen=True)
class ConvLayer:
    """`filters` feature maps over `kernel` places, a ReLU, and the greatest of every `pool` places (1: none).

    From one place to the next are `stride` places of the layer below.
    """

    filters: int
    kernel: int = 5
    pool: int = 1
    stride: int = 1

    def __post_init__(self) -> None:
        check_settings(self)
        for name in ("filters", "kernel", "pool", "stride"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} of a layer must be at least 1, got {getattr(self, name)}")
        if self.stride > self.kernel:
            raise InputError(
                f"stride of a layer must be at most its kernel of {self.kernel}, got {self.stride}: no place would see "
                "what lies between"
            )


Layers = Annotated[tuple[ConvLayer, ...], msgspec.Meta(max_length=MOST_LAYERS)]


@dataclass(frozen=True)
class Branch:
    """A further stack of layers beside the first, over the same word vectors, with what it keeps over time."""

    layers: Layers
    over_time: Literal["max", "mean", "sum"] = "max"
    k: int = 1

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class DeepTextCNNConfig:
    """Convolutions one upon the other over vectors of `dim` numbers, and further stacks `beside` them.

    With `length` None each feature map of the last layer gives one value for all places of a document: `over_time`,
    their greatest, mean or sum; or its `k` greatest, greatest first and 0 where a document has fewer places. With a number, documents are cut or padded to that many words and all values go on
    (flatten). `hidden` is the
    width of a dense layer with a ReLU before the head, or of several (None: no such layer). With `sigmoid` one
    output tells two classes apart, in place of one for each class. In training, `dropout` acts on
    what enters the head and `vector_dropout` on the numbers of the word vectors; with `batch_norm` every convolution is followed by
    batch normalisation, which becomes a part of its weights when training ends: a trained model has none.
    """

    layers: Layers = (
        ConvLayer(128),
        ConvLayer(64),
        ConvLayer(32),
    )
    length: int | None = None
    over_time: Literal["max", "mean", "sum"] = "max"
    k: int = 1
    hidden: int | tuple[int, ...] | None = None
    sigmoid: bool = False
    dim: int = 100
    dropout: float = 0.5
    vector_dropout: float = 0.0
    beside: Annotated[tuple[Branch, ...], msgspec.Meta(max_length=MOST_LAYERS)] = ()
    batch_norm: bool = False

    def __post_init__(self) -> None:
        check_settings(self)
        if not 0 < len(self.layers) <= MOST_LAYERS:
            raise InputError(
                f"a DeepTextCNN needs at least one layer and at most {MOST_LAYERS}, got {len(self.layers) or 'none'}"
            )
        if max(self.field, self.length or 0) > LONGEST:
            raise InputError(
                f"a network cannot see more than {LONGEST:,} words at once: take smaller kernels, strides and pools"
            )
        if self.dim < 1:
            raise InputError(f"dim must be at least 1, got {self.dim}")
        if isinstance(self.hidden, tuple) and len(self.hidden) < 2:  # written as in models of one dense layer
            object.__setattr__(self, "hidden", self.hidden[0] if self.hidden else None)
        if min((1, *self.dense)) < 1 or len(self.dense) > MOST_HIDDEN:
            raise InputError(
                f"hidden must be at least 1, or at most {MOST_HIDDEN} such widths, got {self.hidden}"
            )
        if self.length is not None and self.length < self.field:
            raise InputError(
                f"length must be at least {self.field}, the words that one place of the last layer sees, "
                f"got {self.length}"
            )
        self._check_over_time()
        self._check_beside()
        for name in ("dropout", "vector_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name} must be in [0, 1), got {getattr(self, name)}")

    def _check_over_time(self) -> None:
        if self.length is not None and self.over_time != "max":
            raise InputError(
                f"a network of {self.length} words passes all values on and takes no {self.over_time} over time: "
                "leave out length, or over_time"
            )
        if not 1 <= self.k <= LONGEST or (
            self.k > 1 and (self.length is not None or self.over_time != "max")
        ):
            raise InputError(
                f"k must be from 1 to {LONGEST:,}, and above 1 only with the max over time, without length, got {self.k}"
            )

    def _check_beside(self) -> None:
        if self.beside and (self.length is not None or len(self.beside) > MOST_LAYERS):
            raise InputError(
                f"stacks stand side by side where each gives one value or k over time, and at most {MOST_LAYERS} beside the first: "
                "leave out length, or some of them"
            )
        for branch in self.branches[1:]:  # each is checked as a network of its own
            branch._check_over_time()

    @cached_property
    def branches(self) -> tuple["DeepTextCNNConfig", ...]:
        """Every stack as a network of its own."""
        if not self.beside:
            return (self,)
        stacks = (Branch(self.layers, self.over_time, self.k), *self.beside)
        return tuple(
            replace(self, layers=one.layers, over_time=one.over_time, k=one.k, beside=()) for one in stacks
        )

    @property
    def fields(self) -> tuple[tuple[int, int], ...]:
        """Of each layer, from the words up: the words that a place sees before the pool, and from one place to the next."""
        fields, width, stride = [], 1, 1
        for layer in self.layers:
            width += (layer.kernel - 1) * stride
            stride *= layer.stride
            fields.append((width, stride))
            width += (layer.pool - 1) * stride
            stride *= layer.pool
        return tuple(fields)

    @property
    def field(self) -> int:
        """Words that one place of the last layer sees: the fewest that give it one place."""
        (width, stride), pool = self.fields[-1], self.layers[-1].pool
        return width + (pool - 1) * stride

    @property
    def stride(self) -> int:
        """Words from one place of the last layer to the next."""
        return self.fields[-1][1] * self.layers[-1].pool

    @property
    def widths(self) -> tuple[int, ...]:
        """The words of the n-gram of each feature that leaves the convolutions, stack after stack."""
        return tuple(branch.field for branch in self.branches for _ in range(branch.own_features))

    def places(self, words: Count) -> Count:
        """Places of the last layer over so many words, at least `field`; a pool that is not whole has none."""
        for layer in self.layers:
            words = ((words - layer.kernel) // layer.stride + 1) // layer.pool
        return words

    @property
    def features(self) -> int:
        """Numbers that leave all stacks for one document."""
        return sum(branch.own_features for branch in self.branches)

    @property
    def own_features(self) -> int:
        """Numbers that leave the first stack."""
        return self.layers[-1].filters * (self.k if self.length is None else self.places(self.length))

    @property
    def dense(self) -> tuple[int, ...]:
        """The widths of the dense layers, from the convolutions up."""
        return (
            self.hidden if isinstance(self.hidden, tuple) else () if self.hidden is None else (self.hidden,)
        )

    @property
    def shape(self) -> str:
        """The network in a line for people."""
        stacks = "; beside it ".join(branch._stack for branch in self.branches)
        dense = [f"dense {width}" for width in self.dense]
        return ", then ".join([stacks, *dense]) + " (filters x kernel / pool)"

    @property
    def _stack(self) -> str:
        layers = [
            f"{n.filters} x {n.kernel}"
            + (f" stride {n.stride}" if n.stride > 1 else "")
            + (f" / {n.pool}" if n.pool > 1 else "")
            for n in self.layers
        ]
        end = f"{self.over_time} over time" if self.k == 1 else f"{self.k} greatest over time"
        end = end if self.length is None else f"all values of {self.length} words"
        return ", then ".join([*layers, end])
