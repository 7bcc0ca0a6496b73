"""The rows that a classifier was trained on: their file in a model folder."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from convlens.data import TrainedOn
from convlens.errors import InputError

ROWS = "training.safetensors"


def write_trained_on(rows: TrainedOn | None, folder: Path) -> None:
    """Write the fingerprints into a model folder, where there are any."""
    if rows is not None:
        arrays = {name: getattr(rows, name) for name in ("train", "validation")}
        save_file(arrays, folder / ROWS)


def read_trained_on(folder: Path) -> TrainedOn | None:
    """The fingerprints in a model folder: None where there are none, `InputError` for a file that is damaged."""
    path = folder / ROWS
    if not path.exists():
        return None
    try:
        with safe_open(path, "np") as file:
            kinds = {name: str(file.get_slice(name).get_dtype()) for name in file.keys()}  # noqa: SIM118 (no mapping)
        arrays = (
            load_file(path) if set(kinds.values()) <= {"I64"} else {}
        )  # NumPy does not know all that there are
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"{path} cannot be read, it may be cut off ({error}): restore it, or delete it and the rows that "
            "the model was trained on are not known"
        ) from None
    if set(arrays) != {"train", "validation"} or not all(map(_ordered, arrays.values())):
        raise InputError(
            f"{path} must hold fingerprints in order of size, int64, as 'train' and 'validation': restore it, or delete it "
            "and the rows that the model was trained on are not known"
        )
    return TrainedOn(arrays["train"], arrays["validation"])


def _ordered(marks: NDArray[Any]) -> bool:
    return marks.dtype == np.int64 and marks.ndim == 1 and bool((marks[1:] > marks[:-1]).all())
