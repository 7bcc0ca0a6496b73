"""Training state on disk after every epoch, so that a killed run can go on where it was."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from convlens.decoding import read_json
from convlens.errors import InputError
from convlens.files import beside, discard, failing_clearly, recover, replacing_folder, tidy
from convlens.models.history import Epoch
from convlens.models.training import State

STATE = "state.json"


@dataclass(frozen=True)
class Written:
    """What `state.json` holds: the run that it belongs to, and its epochs."""

    run: str
    epochs: tuple[Epoch, ...]


def fingerprint(*parts: Any) -> str:
    """A short hash of everything a run depends on."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:16]


def checkpoint_of(output: Path) -> Path:
    """Where the state of the training lies that will make the model `output`."""
    return beside(output.absolute(), "partial")


def is_there(checkpoint: Path) -> bool:
    """Whether there is a checkpoint, also one that its writer was killed at."""
    recover(checkpoint)
    return checkpoint.exists()


def drop(checkpoint: Path) -> None:
    """Remove a checkpoint, and what killed runs left beside it."""
    tidy(checkpoint)
    if checkpoint.exists():
        with failing_clearly(checkpoint):
            discard(checkpoint)


def epochs_in(checkpoint: Path) -> tuple[Epoch, ...]:
    """The epochs of the run that a checkpoint belongs to; none where there is no checkpoint that can be read."""
    recover(checkpoint)
    try:
        return read_json(checkpoint / STATE, Written, "").epochs
    except InputError:
        return ()


def store(state: State, folder: Path, run: str) -> None:
    """Write weights, best weights, Adam's moments and the epochs so far, whole."""
    moments = state.optimizer.state_dict()["state"]
    tensors = {
        **{f"model/{name}": t for name, t in state.model.state_dict().items()},
        **{f"best/{name}": t for name, t in state.best.items()},
        **{f"adam/{i}/{name}": t for i, values in moments.items() for name, t in values.items()},
    }
    with replacing_folder(folder) as place:
        save_file(
            {name: t.detach().cpu().contiguous() for name, t in tensors.items()}, place / "state.safetensors"
        )
        content = {"run": run, "epochs": [asdict(e) for e in state.epochs]}
        (place / STATE).write_text(json.dumps(content), encoding="utf-8")


def restore(state: State, folder: Path, run: str) -> None:
    """Bring `state` to where `store` left it; `InputError` if the folder is of another run."""
    written = read_json(folder / STATE, Written, "leave out --resume")
    if written.run != run:
        raise InputError(
            f"{folder} belongs to another run, its data or settings differ: repeat that run's command, "
            "or leave out --resume"
        )
    try:
        tensors = load_file(folder / "state.safetensors")
    except (OSError, ValueError, SafetensorError) as error:
        raise InputError(f"cannot go on from {folder} ({error}): leave out --resume") from None
    if not _fits(state, tensors):
        raise InputError(f"cannot go on from {folder}, it lacks tensors or holds others: leave out --resume")
    state.model.load_state_dict(_part(tensors, "model"))
    state.best = _part(tensors, "best")
    state.optimizer.load_state_dict(
        {"state": _moments(tensors), "param_groups": state.optimizer.state_dict()["param_groups"]}
    )
    state.epochs = written.epochs


def _fits(state: State, tensors: dict[str, Tensor]) -> bool:
    """Whether these are the tensors that `store` writes of such a state, finite all of them."""
    weights = state.model.state_dict()
    wanted = {f"{part}/{name}": tensor for part in ("model", "best") for name, tensor in weights.items()}
    trained = [p for group in state.optimizer.param_groups for p in group["params"]]
    if any(name.startswith("adam/") for name in tensors):
        for i, tensor in enumerate(trained):
            moments = {"step": torch.zeros(()), "exp_avg": tensor, "exp_avg_sq": tensor}
            wanted |= {f"adam/{i}/{name}": moment for name, moment in moments.items()}
    return set(wanted) == set(tensors) and all(
        (tensors[name].shape, tensors[name].dtype) == (tensor.shape, tensor.dtype)
        and bool(torch.isfinite(tensors[name]).all())
        for name, tensor in wanted.items()
    )


def _part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {key.removeprefix(f"{name}/"): t for key, t in tensors.items() if key.startswith(f"{name}/")}


def _moments(tensors: dict[str, Tensor]) -> dict[int, dict[str, torch.Tensor]]:
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in _part(tensors, "adam").items():
        number, name = key.split("/")
        moments.setdefault(int(number), {})[name] = tensor
    return moments
