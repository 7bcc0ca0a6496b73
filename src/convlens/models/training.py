"""The training loop: Adam, batches of like length, early stopping, one state that can be stored."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from convlens.errors import InputError
from convlens.models.batches import by_length, shuffled
from convlens.models.config import TrainConfig
from convlens.models.engines import TrainingEngine, choose_engine
from convlens.models.families import TextModel
from convlens.models.history import Epoch

PART = 2**16  # padded tokens that go through the network at once: bounds memory whatever a batch holds


@dataclass(frozen=True)
class Examples:
    """Documents as word numbers, with their classes (D,), or with 1 for each label that they have, else 0: (D, C)."""

    documents: Sequence[NDArray[np.int64]]
    truth: NDArray[np.int64] | NDArray[np.float32]

    @property
    def multilabel(self) -> bool:
        return self.truth.ndim == 2

    @property
    def lengths(self) -> list[int]:
        return [len(d) for d in self.documents]

    def batch(self, places: NDArray[np.int64]) -> tuple[list[NDArray[np.int64]], Tensor]:
        """Documents and what is true of them (B,) or (B, C)."""
        return [self.documents[i] for i in places], torch.from_numpy(self.truth[places])


@dataclass(frozen=True)
class Step:
    """Where training stands, for a progress display: batch `done` of `batches` in epoch `epoch`."""

    epoch: int
    done: int
    batches: int
    loss: float
    accuracy: float


@dataclass
class State:
    """All that changes in training. `best` is a copy of the weights with the lowest validation loss."""

    model: TextModel
    optimizer: torch.optim.Optimizer
    best: dict[str, Tensor]
    epochs: tuple[Epoch, ...] = ()

    @property
    def best_epoch(self) -> int:
        """Number, from 1, of the epoch with the lowest validation loss; 0 before the first."""
        losses = [e.validation_loss for e in self.epochs]
        return int(np.argmin(losses)) + 1 if losses else 0

    def finished(self, config: TrainConfig) -> bool:
        """Whether the epochs are done or the validation loss has stopped falling."""
        count = len(self.epochs)
        return count >= config.epochs or count - self.best_epoch >= config.patience


def start(model: TextModel, config: TrainConfig) -> State:
    """The state before the first epoch."""
    model.embed.weight.requires_grad_(config.tune_vectors)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr=config.lr, weight_decay=config.weight_decay, fused=True)
    return State(model, optimizer, copy.deepcopy(model.state_dict()))


def run(
    state: State,
    train: Examples,
    validation: Examples,
    config: TrainConfig,
    on_step: Callable[[Step], None] = lambda step: None,
) -> Iterator[Epoch]:
    """Train `state` epoch by epoch until `state.finished`; yields each epoch once it is in the state.

    Chance depends only on the seed and the number of the epoch, so that a run which goes on from
    a stored state ends with the same bits as one that never stopped. `InputError` where a loss or a weight
    is no finite number any more, before that epoch is in the state.
    """
    _check_finite(state, config, *(epoch.validation_loss for epoch in state.epochs))
    weights = _class_weights(train, state.model.classes) if config.class_weights else None
    engine = choose_engine(state.model, state.optimizer, sum(train.lengths))
    while not state.finished(config):
        begin = time.perf_counter()
        loss, accuracy = _epoch(state, engine, (train, weights), config, on_step)
        held_loss, held_accuracy = evaluate(state.model, engine, validation, weights)
        _check_finite(state, config, loss, held_loss)
        epoch = Epoch(loss, accuracy, held_loss, held_accuracy, time.perf_counter() - begin)
        state.epochs = (*state.epochs, epoch)
        if state.best_epoch == len(state.epochs):
            state.best = copy.deepcopy(state.model.state_dict())
        yield epoch


def _epoch(
    state: State,
    engine: TrainingEngine,
    rows: tuple[Examples, Tensor | None],
    config: TrainConfig,
    on_step: Callable[[Step], None],
) -> tuple[float, float]:
    """One pass over the training rows, with the weights of their classes; mean loss and accuracy."""
    train, weights = rows
    number = len(state.epochs) + 1
    state.model.train()
    batches = shuffled(train.lengths, config.batch_size, np.random.default_rng([config.seed, number]))
    total = right = rows_done = 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed * 1_000_003 + number)
        engine.begin(len(batches))
        for done, places in enumerate(batches, 1):
            loss, hits = _gradients(engine, train, places, weights)
            if number == done == 1 and not math.isfinite(loss):
                raise InputError(
                    "the loss is not finite before any weight has changed: the numbers of the word vectors are too "
                    f"large (up to {state.model.embed.weight.abs().max():.3g}), scale them down"
                )
            _check_finite_loss(loss, config)
            engine.step()
            total += loss * len(places)
            right += hits
            rows_done += len(places)
            on_step(Step(number, done, len(batches), total / rows_done, right / rows_done))
    engine.flush()
    return total / rows_done, right / rows_done


def _gradients(
    engine: TrainingEngine, train: Examples, places: NDArray[np.int64], weights: Tensor | None
) -> tuple[float, int]:
    """Add up the gradients of a batch's mean loss, long documents in parts; that loss, and how many are right."""
    rows = _weight_of(torch.from_numpy(train.truth[places]), weights)
    total, right = 0.0, 0
    for part in by_length([len(train.documents[i]) for i in places], PART):
        documents, truth = train.batch(places[part])
        logits = engine.logits(documents)
        loss = _loss(logits, truth, weights) / rows
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
        right += _right(logits, truth)
    return total, right


def _loss(logits: Tensor, truth: Tensor, weights: Tensor | None) -> Tensor:
    """The sum of the texts' cross entropies; of labels (B, C) each text's is the mean of theirs, weighed where it has them."""
    if truth.dim() == 1:
        return F.cross_entropy(logits, truth, weight=weights, reduction="sum")
    of_labels = F.binary_cross_entropy_with_logits(logits, truth, pos_weight=weights, reduction="sum")
    return of_labels / logits.shape[1]


def _right(logits: Tensor, truth: Tensor) -> int:
    """How many texts get their class, or exactly their labels."""
    right = logits.argmax(1) == truth if truth.dim() == 1 else ((logits > 0) == truth.bool()).all(1)
    return int(right.sum())


def _weight_of(truth: Tensor, weights: Tensor | None) -> float | Tensor:
    """What the losses of texts are divided by: how many they are, or the sum of the weights of their classes."""
    return len(truth) if weights is None or truth.dim() == 2 else weights[truth].sum()


@torch.no_grad()
def evaluate(
    model: TextModel, engine: TrainingEngine, examples: Examples, weights: Tensor | None = None
) -> tuple[float, float]:
    """Mean loss and accuracy without dropout."""
    model.eval()
    losses = right = total = 0.0
    for places in by_length(examples.lengths):
        documents, truth = examples.batch(places)
        logits = engine.logits(documents)
        losses += _loss(logits, truth, weights).item()
        total += float(_weight_of(truth, weights))
        right += _right(logits, truth)
    return losses / total, right / len(examples.documents)


def _check_finite(state: State, config: TrainConfig, *losses: float) -> None:
    for loss in losses:
        _check_finite_loss(loss, config)
    weights = (*state.model.state_dict().items(), *state.best.items())
    if odd := next((name for name, weight in weights if not weight.isfinite().all()), None):
        raise InputError(
            f"training broke: weights of {odd} are not finite: take a smaller --lr than {config.lr}"
        )


def _check_finite_loss(loss: float, config: TrainConfig) -> None:
    if not math.isfinite(loss):
        raise InputError(f"training broke: the loss is {loss}: take a smaller --lr than {config.lr}")


def _class_weights(examples: Examples, classes: int) -> Tensor:
    """Rows / (classes x rows of the class), as scikit-learn's "balanced"; of labels the rows without over those with each."""
    rows = len(examples.truth)
    if examples.multilabel:
        having = np.maximum(examples.truth.sum(0), 1)
        return torch.tensor((rows - having) / having, dtype=torch.float32)
    counts = np.bincount(examples.truth.astype(np.int64), minlength=classes)
    return torch.tensor(rows / (classes * np.maximum(counts, 1)), dtype=torch.float32)
