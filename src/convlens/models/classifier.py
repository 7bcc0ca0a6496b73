"""What is saved, loaded and explained: a model with its tokeniser and the names of its classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import check_settings, checked, taken
from convlens.data import Corpus, TrainedOn, align_to, check_separator, without
from convlens.errors import InputError
from convlens.models.adoption import Adoption, ForeignConfig
from convlens.models.arrays import Weights
from convlens.models.batches import by_length, pad
from convlens.models.history import TrainingHistory
from convlens.models.kinds import for_label, has_batch_norm, one_output, weights_of
from convlens.shown import listed, suggestion
from convlens.text import Tokenizer

if TYPE_CHECKING:
    from torch import Tensor

    from convlens.models.families import TextModel

AT_ONCE = 4096  # texts


@dataclass(frozen=True)
class Classifier:
    """Raw strings in, labels and probabilities out.

    With a `label_separator` a text may have several labels at once, or none: those whose logit is above 0. It stands between them
    in data and in answers. `trained_on` knows the rows of the fit again; None for a model from elsewhere, or of an older ConvLens.
    `adoption` tells how a model from elsewhere was taken over.
    """

    model: "TextModel"
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    record: TrainingHistory = field(default_factory=TrainingHistory)
    trained_on: TrainedOn | None = None
    label_separator: str | None = None
    adoption: Adoption | None = None

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
        if has_batch_norm(model.config):
            raise InputError(
                "the model has batch normalisation, as in training: what fit returns has it in its weights"
            )
        if self.label_separator is not None:
            self._check_several(model)

    def _check_several(self, model: "TextModel | Weights") -> None:
        check_separator(self.label_separator or "", self.labels)
        if not isinstance(model.config, ForeignConfig) and one_output(model.config):
            raise InputError(
                "one output cannot tell several labels apart: leave out one_logit or the sigmoid"
            )

    @property
    def weights(self) -> Weights | None:
        """The weights of a one-layer model on a CPU, in float32 or float64, as arrays; None for other models."""
        return weights_of(self.__dict__["model"])

    @property
    def network(self) -> "TextModel | Weights":
        """The weights where they will do, so that torch is not loaded for them; else the model."""
        return self.weights or self.model

    @property
    def multilabel(self) -> bool:
        """Whether a text may have several labels."""
        return self.label_separator is not None

    @checked
    def of_label(self, label: str) -> "Classifier":
        """One label of several as a classifier of its own, which tells "not LABEL" from LABEL by one output.

        Its logits are -z / 2 and z / 2 of the label's logit z, so that their softmax is the label's probability.
        """
        if not self.multilabel:
            raise InputError("this model gives one label to a text: it needs no choice among several")
        return replace(
            self,
            model=for_label(self.__dict__["model"], self.target(label)),
            labels=without(label),
            label_separator=None,
        )

    @checked
    def predict(self, texts: Sequence[str]) -> list[str]:
        """The most probable label of each text."""
        if self.multilabel:
            raise InputError(
                "this model gives several labels to a text: ask predict_sets, or of_label(LABEL) for one"
            )
        return [self.labels[i] for i in self.logits(texts).argmax(1)]

    @checked
    def predict_sets(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The labels of each text, of a model that gives several: those whose probability is above one half."""
        if not self.multilabel:
            raise InputError("this model gives one label to a text: ask predict")
        return [tuple(np.array(self.labels)[row].tolist()) for row in self.logits(texts) > 0]

    @checked
    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability of each class: (texts, classes), in the order of `labels`; of several labels each has its own."""
        return self.probabilities(self.logits(texts))

    def probabilities(self, logits: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Probabilities (..., classes) of logits (..., classes)."""
        logits = logits.astype(np.float64)
        if self.multilabel:
            return np.asarray(np.exp(-np.logaddexp(0, -logits)), np.float32)
        raised = np.exp(logits - logits.max(-1, keepdims=True))
        return np.asarray(raised / raised.sum(-1, keepdims=True), np.float32)

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


def aligned(classifier: Classifier, corpus: Corpus) -> Corpus:
    """The corpus with its labels numbered as the classifier's, for what needs one decision a text.

    `InputError` for labels that the classifier does not know, for a classifier of several labels at once, and for sets of
    labels where the classifier gives one. A corpus without labels comes back as it is.
    """
    check_one_label(classifier)
    if corpus.sets is not None:
        raise InputError(
            f"{corpus.source} has a set of labels for each text, and the model gives one label: take corpus.of_label(LABEL) "
            "for a model of one label, or train one of several"
        )
    return align_to(classifier.labels, corpus)


def check_one_label(classifier: Classifier) -> None:
    """Refuse a classifier of several labels where one decision a text is needed."""
    if classifier.multilabel:
        raise InputError(
            "this model gives several labels to a text, and here one decision is needed: choose a label by --of-label (in Python "
            f"of_label), the labels are {listed(classifier.labels)}"
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
