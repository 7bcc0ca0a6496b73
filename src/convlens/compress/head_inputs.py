"""A labelled corpus as what the head of a one-layer model reads: what thresholds and filters are chosen from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from convlens.data import Corpus, Splits, TrainedOn, fingerprints, split
from convlens.errors import InputError
from convlens.models import Classifier, TextCNN, TrainingHistory, aligned, one_layer
from convlens.trace import trace_texts

LOSS = 1.05  # of the loss before: accuracies of some hundred documents are kept by chance, losses are not


@dataclass(frozen=True)
class Parts:
    """Rows that a model was trained on, rows to choose by, and rows that nothing is chosen by."""

    train: Corpus
    validation: Corpus
    test: Corpus


def three_parts(data: Splits, record: TrainingHistory, trained_on: TrainedOn | None = None) -> Parts:
    """The rows that `fit` trained on, those it held out to decide when to stop, and the test rows.

    They are those of the fit where its data is given again, as the record has its share and seed. In other data
    `trained_on` tells them apart.
    """
    settings = record.settings.get("train", {})
    fitted = split(data.train, share=settings.get("validation", 0.1), seed=settings.get("seed", 0))
    if trained_on is not None and not np.isin(fingerprints(fitted.test.texts), trained_on.validation).all():
        marks = fingerprints(data.train.texts)
        stopping = np.isin(marks, trained_on.validation) & ~np.isin(marks, trained_on.train)
        if 0 < stopping.sum() < len(stopping):
            rows, others = np.flatnonzero(~stopping).tolist(), np.flatnonzero(stopping).tolist()
            fitted = Splits(data.train.take(rows), data.train.take(others))
    return Parts(fitted.train, fitted.test, data.test)


@dataclass(frozen=True, eq=False)
class HeadInputs:
    """`pooled` (D, k) as the head of `model` reads it, `filled` (D,) whether a document has words, `truth` (D,).

    Gates, removed features and a smaller head are arithmetic on these: the model is not run again.
    """

    model: TextCNN
    pooled: Tensor
    filled: Tensor
    truth: Tensor

    def check_linear(self) -> None:
        """Raise `InputError` for a model whose logits are not a sum over what passes a ReLU."""
        config = self.model.config
        if config.activation != "relu" or config.hidden:
            raise InputError(
                "pruning by thresholds or features needs a ReLU and a head that reads the filters, and this model has "
                f"{config.shape}: prune its words, or switch filters off by 'convlens edit'"
            )

    @cached_property
    def logits(self) -> Tensor:
        """Logits (D, C) of the model as it is."""
        return self.logits_of(self.pooled)

    def take(self, rows: Tensor) -> "HeadInputs":
        """Some of the documents, (D,) bool or numbers."""
        return HeadInputs(self.model, self.pooled[rows], self.filled[rows], self.truth[rows])

    @torch.no_grad()
    def logits_of(self, pooled: Tensor) -> Tensor:
        """Logits (D, C) for other pooled values."""
        return self.model.logits_of(pooled)

    @torch.no_grad()
    def accuracy(self, logits: Tensor) -> float:
        """Share of the documents that logits (D, C) classify correctly."""
        return (logits.argmax(1) == self.truth).double().mean().item()

    @torch.no_grad()
    def loss(self, logits: Tensor) -> float:
        """Mean cross entropy of logits (D, C)."""
        return torch.nn.functional.cross_entropy(logits.double(), self.truth).item()

    def keeps(self, logits: Tensor) -> bool:
        """Whether logits (D, C) are as accurate as those of the model, and their loss no more than `LOSS` times theirs."""
        if self.accuracy(logits) < self.accuracy(self.logits):
            return False
        return self.loss(logits) <= LOSS * self.loss(self.logits)


@torch.no_grad()
def trace_labelled(classifier: Classifier, corpus: Corpus) -> HeadInputs:
    """Trace a labelled corpus once; `InputError` for a deep model, and for a corpus without labels or rows."""
    model = one_layer(classifier.model, "pruning by thresholds or filters")
    if not corpus.labels and not corpus.sets:
        raise InputError(f"{corpus.source} has no labelled rows: accuracies need them, give data with labels")
    corpus = aligned(classifier, corpus)
    traced = trace_texts(classifier, corpus.texts)
    device = model.head.weight.device
    pooled = torch.from_numpy(traced.pooled).to(model.head.weight)
    filled = torch.from_numpy(traced.documents.lengths > 0).to(device)
    return HeadInputs(model, pooled, filled, torch.tensor(corpus.labels, device=device))
