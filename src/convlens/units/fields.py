"""Receptive fields: the words that each place of a hidden layer sees."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError
from convlens.models import DeepTextCNNConfig, ModelConfig, TextCNNConfig


@dataclass(frozen=True)
class Field:
    """Place i of `layer` (1 is next to the words) sees the `width` words from word `i * stride` on."""

    layer: int
    width: int
    stride: int = 1

    def places(self, words: int, needed: int | None = None) -> int:
        """Places over a document of so many words that see at least one of them.

        `needed` is the length to which the network extends a document by zeros (None: to the width).
        """
        if words == 0:
            return 0
        all_places = (max(words, needed or self.width) - self.width) // self.stride + 1
        return min(all_places, -(-words // self.stride))

    def words(self, places: NDArray[np.int64], words: int) -> NDArray[np.int64]:
        """First and last word (P, 2) that places (P,) see in a document of so many words."""
        first = places * self.stride
        return np.stack([first, np.minimum(first + self.width, words) - 1], 1)


def fields(config: ModelConfig) -> tuple[Field, ...]:
    """The layers' fields, from the words up. A `TextCNN` has one layer, with a field for each region size."""
    if isinstance(config, TextCNNConfig):
        return tuple(Field(1, n) for n in config.regions)
    if config.beside:
        raise InputError(
            f"hidden units are those of one stack of layers, and this network has {len(config.branches)} side by side: explain its "
            "words, by gradients or exactly"
        )
    return tuple(Field(number, *field) for number, field in enumerate(config.fields, 1))


def extent(config: ModelConfig, words: int) -> tuple[int, int | None]:
    """Words of a document that the network reads, and the length to which it extends them by zeros."""
    if not isinstance(config, DeepTextCNNConfig):
        return words, None
    if config.length is not None:
        return min(words, config.length), config.length
    return words, config.field
