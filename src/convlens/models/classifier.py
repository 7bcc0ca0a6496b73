"""What is saved, loaded and explained: a model with its tokeniser and the names of its classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import check_settings, checked, taken
from convlens.data import TrainedOn
from convlens.errors import InputError
from convlens.models.arrays import Weights
from convlens.models.batches import by_length, pad
from convlens.models.history import TrainingHistory
from convlens.models.kinds import weights_of
from convlens.shown import listed, suggestion
from convlens.text import Tokenizer

if TYPE_CHECKING:
    from torch import Tensor

    from convlens.models.families import TextModel

AT_ONCE = 4096  # texts


@dataclass(frozen=True)
class Classifier:
    """Raw strings in, labels and probabilities out.

    `trained_on` knows the rows of the fit again; None for a model from elsewhere, or of an older ConvLens.
    """

    model: "TextModel"
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    record: TrainingHistory = field(default_factory=TrainingHistory)
    trained_on: TrainedOn | None = None

    def __post_init__(self) -> None:
        check_settings(self, besides=("model",))
        model = self.__dict__["model"]
        if isinstance(model, Weights):
            rows, classes = len(model.vectors), model.classes
        else:
            from convlens.models.families import TextModel

            taken(model, TextModel, "model")
            rows, classes = model.embed.num_embeddings, model.classes
        if rows != self.tokenizer.size:
            raise InputError(f"the model has {rows} word vectors, its vocabulary needs {self.tokenizer.size}")
        if classes != len(self.labels):
            raise InputError(f"the model has {classes} classes, but {len(self.labels)} labels are named")

    @property
    def weights(self) -> Weights | None:
        """The weights of a one-layer model on a CPU, in float32 or float64, as arrays; None for other models."""
        return weights_of(self.__dict__["model"])

    @property
    def network(self) -> "TextModel | Weights":
        """The weights where they will do, so that torch is not loaded for them; else the model."""
        return self.weights or self.model

    @checked
    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        return [self.labels[i] for i in self.logits(texts).argmax(1)]

    @checked
    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability of each class: (texts, classes), in the order of `labels`."""
        logits = self.logits(texts).astype(np.float64)
        raised = np.exp(logits - logits.max(1, keepdims=True))
        return np.asarray(raised / raised.sum(1, keepdims=True), np.float32)

    @checked
    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits of each class: (texts, classes)."""
        logits = np.zeros((len(texts), len(self.labels)), dtype=np.float32)
        if self.weights is None:
            import torch

            with torch.no_grad():
                for places, ids in self.batched(texts):
                    logits[places] = self.model(ids).float().cpu().numpy()
            return logits
        for first in range(0, len(texts), AT_ONCE):
            documents = self.tokenizer.documents(texts[first : first + AT_ONCE])
            logits[first : first + AT_ONCE] = self.weights.logits(documents)
        return logits

    @checked
    def batched(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int64], "Tensor"]]:
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
        raise InputError(
            f"unknown label {label!r}: {suggestion(label, self.labels)}the labels are {listed(self.labels)}"
        )


class BuiltWhenAsked:
    """The model of a classifier, which may be there as `Weights` alone: torch is loaded for who asks for the model."""

    def __get__(self, classifier: Classifier, kind: type) -> "TextModel":
        if isinstance(classifier.__dict__["model"], Weights):
            from convlens.models.families import from_weights

            classifier.__dict__["model"] = from_weights(classifier.__dict__["model"])
        model: TextModel = classifier.__dict__["model"]
        return model

    def __set__(self, classifier: Classifier, model: "TextModel | Weights") -> None:
        classifier.__dict__["model"] = model


Classifier.model = BuiltWhenAsked()  # type: ignore[assignment]  # it takes and gives what the field says
