"""The rows that a classifier was trained on: their file in a model folder."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from convlens.data import TrainedOn
from convlens.errors import InputError

ROWS = "training.safetensors"


def write_trained_on(rows: TrainedOn | None, folder: Path) -> None:
    """Write the fingerprints into a model folder, where there are any."""
    if rows is not None:
        tensors = {name: torch.from_numpy(getattr(rows, name)) for name in ("train", "validation")}
        save_file(tensors, folder / ROWS)


def read_trained_on(folder: Path) -> TrainedOn | None:
    """The fingerprints in a model folder: None where there are none, `InputError` for a file that is damaged."""
    path = folder / ROWS
    if not path.exists():
        return None
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"{path} cannot be read, it may be cut off ({error}): restore it, or delete it and the rows that "
            "the model was trained on are not known"
        ) from None
    if set(tensors) != {"train", "validation"} or not all(map(_ordered, tensors.values())):
        raise InputError(
            f"{path} must hold fingerprints in order of size, int64, as 'train' and 'validation': restore it, or delete it "
            "and the rows that the model was trained on are not known"
        )
    return TrainedOn(tensors["train"].numpy(), tensors["validation"].numpy())


def _ordered(marks: Tensor) -> bool:
    return marks.dtype == torch.int64 and marks.ndim == 1 and bool((marks[1:] > marks[:-1]).all())
