"""The shape of a `TextCNN` and the settings of a training, checked at birth and saved with the model."""

import math
from dataclasses import dataclass
from functools import cached_property

from convlens.arguments import check_settings
from convlens.errors import InputError


@dataclass(frozen=True)
class TextCNNConfig:
    """`filters` feature maps for each of the region sizes `regions`, over vectors of `dim` numbers.

    `filters` is one number for all regions or one for each. In training, `dropout`
    acts on the pooled features and `vector_dropout` on the numbers of the word vectors (None: 0.5 in
    a fit that starts from pre-trained vectors, else 0).
    """

    regions: tuple[int, ...] = (3, 4, 5)
    filters: int | tuple[int, ...] = 100
    dim: int = 100
    dropout: float = 0.5
    vector_dropout: float | None = None
    filter_bias: bool = True
    head_bias: bool = True

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

    @property
    def shape(self) -> str:
        """The network in a line for people."""
        parts = [f"{n} x {count}" for n, count in zip(self.regions, self.counts, strict=True)]
        return ", ".join(parts) + " (region size x filters)"

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
