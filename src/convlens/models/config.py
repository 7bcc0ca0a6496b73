"""The shape of a `TextCNN` and the settings of a training, checked at birth and saved with the model."""

import math
from dataclasses import dataclass, field
from functools import cached_property

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.models.activations import ACTIVATIONS, Name
from convlens.models.padding import Padding

MOST_HIDDEN = 100  # dense layers


@dataclass(frozen=True)
class TextCNNConfig:
    """`filters` feature maps for each of the region sizes `regions`, over vectors of `dim` numbers.

    `filters` is one number for all regions or one for each. In training, `dropout`
    acts on the pooled features and `vector_dropout` on the numbers of the word vectors (None: 0.5 in
    a fit that starts from pre-trained vectors, else 0). `padding` is what the network reads beside a text's words.

    `activation` of `ACTIVATIONS` acts on each feature map, or on its greatest value, which is the same. `hidden` are the widths of
    dense layers with a ReLU between the features and the head, and with `one_logit` one output z tells two classes apart: its
    sigmoid is the probability of the second, so that the logits are (-z / 2, z / 2). Of the words in a window every
    `dilation`th is read, one number for all regions or one for each: a region of 5 words and a dilation of 2 are a kernel of 3.
    With a `static_channel` a second copy of the first word vectors, which is not trained, stands beside them (Kim 2014,
    CNN-multichannel).
    """

    regions: tuple[int, ...] = (3, 4, 5)
    filters: int | tuple[int, ...] = 100
    dim: int = 100
    dropout: float = 0.5
    vector_dropout: float | None = None
    filter_bias: bool = True
    head_bias: bool = True
    padding: Padding = field(default_factory=Padding)
    activation: Name = "relu"
    hidden: tuple[int, ...] = ()
    one_logit: bool = False
    dilation: int | tuple[int, ...] = 1
    static_channel: bool = False

    def __post_init__(self) -> None:
        check_settings(self)
        if not self.regions or min(self.regions) < 1 or len(set(self.regions)) != len(self.regions):
            raise InputError(f"regions must be different positive numbers, got {self.regions}")
        if len(self.counts) != len(self.regions) or min(self.counts) < 1:
            raise InputError(
                f"filters must be one positive number, or one for each of the {len(self.regions)} regions, "
                f"got {self.filters}"
            )
        if self.dim < 1:
            raise InputError(f"dim must be at least 1, got {self.dim}")
        for name in ("dropout", "vector_dropout"):
            if not 0 <= (getattr(self, name) or 0) < 1:
                raise InputError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if len(self.dilations) != len(self.regions) or any(
            step < 1 or (n - 1) % step for n, step in zip(self.regions, self.dilations, strict=False)
        ):
            raise InputError(
                f"dilation must divide the words after the first of every region, or be one number for each of "
                f"{len(self.regions)}, got {self.dilation} for regions {self.regions}: a kernel of 3 and a dilation of 2 "
                "span 5 words"
            )
        if self.activation not in ACTIVATIONS:
            raise InputError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        if min((1, *self.hidden)) < 1 or len(self.hidden) > MOST_HIDDEN:
            raise InputError(f"hidden must be at most {MOST_HIDDEN} positive widths, got {self.hidden}")
        self.padding.check(self.regions)

    @property
    def shape(self) -> str:
        """The network in a line for people."""
        parts = [f"{n} x {count}" for n, count in zip(self.regions, self.counts, strict=True)]
        activation = {"relu": [], "none": ["no activation"]}.get(self.activation, [self.activation])
        dense = [f"then dense {width}" for width in self.hidden]
        padding = [self.padding.told] if self.padding.adds else []
        dilated = [f"dilations {self.dilations}"] if max(self.dilations) > 1 else []
        channels = ["a static channel"] if self.static_channel else []
        filters = ", ".join(parts) + " (region size x filters)"
        return ", ".join([filters, *dilated, *channels, *activation, *dense, *padding])

    @property
    def plain(self) -> bool:
        """Whether a ReLU follows the max and the head reads the features: what kernels add up is the logit."""
        return self.activation == "relu" and not self.hidden and max(self.dilations) == 1

    @property
    def dilations(self) -> tuple[int, ...]:
        """The dilation of each region."""
        return self.dilation if isinstance(self.dilation, tuple) else (self.dilation,) * len(self.regions)

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """The dilation of each filter, in the order of the pooled features (k,)."""
        steps = zip(self.dilations, self.counts, strict=True)
        return tuple(step for step, count in steps for _ in range(count))

    @property
    def width(self) -> int:
        """Numbers of a word vector in all channels."""
        return self.dim * (1 + self.static_channel)

    @property
    def counts(self) -> tuple[int, ...]:
        """Filters of each region size."""
        return self.filters if isinstance(self.filters, tuple) else (self.filters,) * len(self.regions)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Region size of each filter, in the order of the pooled features (k,)."""
        return tuple(n for n, count in zip(self.regions, self.counts, strict=True) for _ in range(count))


@dataclass(frozen=True)
class TrainConfig:
    """How to train. Stops when the validation loss has not fallen for `patience` epochs.

    `validation` is the share of the training rows held out for that. `class_weights` weighs each
    row by the rarity of its class. `tune_vectors` trains the word vectors too.
    """

    epochs: int = 20
    patience: int = 2
    batch_size: int = 64
    lr: float = 1e-3
    weight_decay: float = 0.0
    validation: float = 0.1
    class_weights: bool = False
    tune_vectors: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        check_settings(self)
        for name in ("epochs", "patience", "batch_size"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not 0 < self.lr < math.inf:
            raise InputError(f"lr must be positive, got {self.lr}")
        if not 0 <= self.weight_decay < math.inf:
            raise InputError(f"weight_decay must be at least 0, got {self.weight_decay}")
        if not 0 < self.validation < 1:
            raise InputError(f"validation must be a share between 0 and 1, got {self.validation}")
