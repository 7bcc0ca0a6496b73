"""One document by itself: its vectors, the logits of changed copies of them, and chance of its own."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from convlens.explain.padded import Padded
from convlens.models import TextModel
from convlens.text import PAD

TOKENS = 16_384  # words in the copies of a document that go through the model at once: bounds memory


class Maskable(Protocol):
    """A document that is asked without some of its words."""

    @property
    def all_words(self) -> Tensor:
        """The mask (1, T) that keeps all words."""

    @property
    def at_once(self) -> int:
        """How many copies are asked at once."""

    def kept(self, masks: Tensor) -> Tensor:
        """The logits (n, C) of copies that keep the words where a mask (n, T) is 1."""

    def chance(self, seed: int) -> AbstractContextManager[None]:
        """Chance that follows from the seed and the document."""


@dataclass(frozen=True)
class Single:
    """A document of T words without padding, so that no batch can have a part in its answer."""

    model: TextModel
    ids: Tensor  # (T,)

    @property
    def vectors(self) -> Tensor:
        """Its word vectors (1, T, d), without gradients."""
        vectors: Tensor = self.model.embed(self.ids[None])
        return vectors.detach()

    @property
    def at_once(self) -> int:
        """How many copies of it go through the model at once."""
        return max(TOKENS // max(len(self.ids), 1), 1)

    def logits(self, x: Tensor) -> Tensor:  # (n, T, d) -> (n, C)
        """The logits of copies with other word vectors and the same length."""
        return self.model.classify(x, torch.full((len(x),), len(self.ids), device=x.device))

    @torch.no_grad()
    def kept(self, masks: Tensor) -> Tensor:  # (n, T) -> (n, C)
        """The logits of copies that keep the words where the mask is 1; others become zero vectors."""
        return self.logits(self.vectors * masks[..., None])

    @property
    def all_words(self) -> Tensor:
        """The mask (1, T) that keeps all words."""
        return torch.ones_like(self.vectors[..., 0])

    def chance(self, seed: int) -> AbstractContextManager[None]:
        """Chance that follows from the seed and the document's words."""
        return chance(self.ids.cpu().numpy().astype("<i8").tobytes() + str(seed).encode())


@contextmanager
def chance(start: bytes) -> Iterator[None]:
    """The global generators of torch and numpy, started from some bytes and put back afterwards."""
    number = int.from_bytes(hashlib.blake2b(start, digest_size=4).digest())
    saved = np.random.get_state()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        try:
            torch.manual_seed(number)
            np.random.seed(number)
            yield
        finally:
            np.random.set_state(saved)


def one_by_one(model: TextModel, ids: Tensor, answer: Callable[[Single], tuple[Tensor, Tensor]]) -> Padded:
    """An answer for each of the documents (B, T): scores (T, C) of its words and bias (C,).

    An empty document is not asked about: its logits go to the bias.
    """
    model.eval()
    lengths = (ids != PAD).sum(1).tolist()
    scores = model.embed.weight.new_zeros(*ids.shape, model.classes)
    bias, logits = scores.new_zeros(2, len(ids), model.classes)
    for row, length in enumerate(lengths):
        one = Single(model, ids[row, :length])
        with torch.no_grad():
            bias[row] = logits[row] = one.logits(one.vectors)[0]
        if length:
            scores[row, :length], bias[row] = answer(one)
    return Padded(scores.detach(), bias, logits)
