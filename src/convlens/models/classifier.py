"""What is saved, loaded and explained: a model with its tokeniser and the names of its classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.arguments import check_settings, checked
from convlens.data import TrainedOn
from convlens.errors import InputError
from convlens.models.batches import by_length, pad
from convlens.models.families import TextModel
from convlens.models.record import Record
from convlens.shown import listed
from convlens.text import Tokenizer


@dataclass(frozen=True)
class Classifier:
    """Raw strings in, labels and probabilities out.

    `trained_on` knows the rows of the fit again; None for a model from elsewhere, or of an older ConvLens.
    """

    model: TextModel
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    record: Record = field(default_factory=Record)
    trained_on: TrainedOn | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        rows, classes = self.model.embed.num_embeddings, self.model.classes
        if rows != self.tokenizer.size:
            raise InputError(f"the model has {rows} word vectors, its vocabulary needs {self.tokenizer.size}")
        if classes != len(self.labels):
            raise InputError(f"the model has {classes} classes, but {len(self.labels)} labels are named")

    @checked
    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        return [self.labels[i] for i in self.logits(texts).argmax(1)]

    @checked
    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability of each class: (texts, classes), in the order of `labels`."""
        return torch.softmax(torch.from_numpy(self.logits(texts)), 1).numpy()

    @checked
    @torch.no_grad()
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits of each class: (texts, classes)."""
        logits = np.zeros((len(texts), len(self.labels)), dtype=np.float32)
        for places, ids in self.batched(texts):
            logits[places] = self.model(ids).float().cpu().numpy()
        return logits

    @checked
    def batched(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
        """Batches of like length on the model's device: indices of the texts, word numbers (B, T)."""
        self.model.eval()
        documents = self.tokenizer.ids(texts)
        for places in by_length([len(d) for d in documents]):
            yield places, pad([documents[i] for i in places]).to(self.model.embed.weight.device)

    @checked
    def target(self, label: str) -> int:
        """The number of a class; `InputError` lists some labels and suggests the nearest."""
        if label in self.labels:
            return self.labels.index(label)
        near = get_close_matches(label, self.labels, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"unknown label {label!r}: {hint}the labels are {listed(self.labels)}")
