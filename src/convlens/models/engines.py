"""Training engines: forward and backward pass and step of a batch, by torch, or by kernels over the words that occur."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.kernels import compiles
from convlens.models.batches import pad
from convlens.models.families import TextModel
from convlens.models.textcnn import TextCNN

WORTHWHILE = 20_000  # words to train on; below, loading the compiled kernels (half a second) takes longer than they save
Documents = Sequence[NDArray[np.int64]]


class TrainingEngine(Protocol):
    """Logits with gradients, and the optimizer's steps on them: `begin`, then steps, then `flush`."""

    def begin(self, steps: int) -> None: ...
    def logits(self, documents: Documents) -> Tensor: ...
    def step(self) -> None: ...
    def flush(self) -> None: ...


class TorchEngine:
    """By torch alone: for any model on any device."""

    def __init__(self, model: TextModel, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer

    def begin(self, steps: int) -> None:
        """Nothing to prepare."""

    def logits(self, documents: Documents) -> Tensor:
        """Logits (B, C)."""
        return self.model(pad(documents))  # type: ignore[no-any-return]

    def step(self) -> None:
        """One step of all weights; forgets the gradients."""
        if isinstance(self.model, TextCNN):
            self.model.drop_fixed_gradients()
        self.optimizer.step()
        self.optimizer.zero_grad()

    def flush(self) -> None:
        """Nothing is left to do."""


def choose_engine(model: TextModel, optimizer: torch.optim.Optimizer, words: int) -> TrainingEngine:
    """The faster way for so many words to train on; the weights of both ways agree to rounding."""
    weight = model.embed.weight
    plain = weight.device.type == "cpu" and weight.dtype == torch.float32
    if words < WORTHWHILE or not isinstance(model, TextCNN) or not plain or not compiles():
        return TorchEngine(model, optimizer)
    from convlens.models.kernel_engine import KernelEngine

    return KernelEngine(model, optimizer)
