"""How a classifier was trained and changed: what its model card tells."""

from dataclasses import dataclass, field, replace
from typing import Any

from convlens.data import HeldOut

CLASSES = 100


@dataclass(frozen=True)
class Epoch:
    """Mean training loss and accuracy of one epoch, and both on the validation split."""

    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


@dataclass(frozen=True)
class TrainingHistory:
    """Data, settings and outcome of a training run; all empty for a model from elsewhere."""

    data: str = ""
    note: str = ""
    rows: dict[str, int] = field(default_factory=dict)  # of train, validation, test
    settings: dict[str, Any] = field(default_factory=dict)
    vectors: str = ""
    epochs: tuple[Epoch, ...] = ()
    best: int = 0  # the epoch, from 1, whose weights were kept
    interrupted: bool = False
    test: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    version: str = ""
    changes: tuple[str, ...] = ()  # made after training, in their order
    held_out: HeldOut | None = None  # None where the test rows were not chosen by a command

    @property
    def seconds(self) -> float:
        """Time spent in training."""
        return sum(e.seconds for e in self.epochs)

    def changed(self, *sentences: str) -> "TrainingHistory":
        """This record of a model that was changed so: its test metrics are no longer those of the model."""
        return replace(self, test={}, changes=(*self.changes, *sentences))

    def tested(self, rows: int, metrics: dict[str, Any], command: str = "") -> "TrainingHistory":
        """This record with the outcome on a test corpus; of more than `CLASSES` classes without the confusions.

        These would be millions of numbers, read whenever the model is loaded.
        """
        many = len(metrics.get("labels", ())) > CLASSES
        test = {name: value for name, value in metrics.items() if not (many and name == "confusion")}
        return replace(self, rows={**self.rows, "test": rows}, test=test, command=command)
