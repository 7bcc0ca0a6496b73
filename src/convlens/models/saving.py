"""A classifier as a folder: `config.json`, `tokenizer.json`, `model.safetensors`, `training.safetensors`, `README.md`."""

import json
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from convlens.arguments import WrongType, checked
from convlens.data import HeldOut
from convlens.errors import InputError
from convlens.files import check_target, printable, replacing_folder
from convlens.models.card import model_card
from convlens.models.classifier import Classifier
from convlens.models.deep_config import ConvLayer
from convlens.models.families import FAMILIES, ModelConfig, TextModel, build
from convlens.models.record import Epoch, Record
from convlens.models.rows import read_trained_on, write_trained_on
from convlens.models.textcnn import TextCNN
from convlens.text import Tokenizer

FORMAT = 1
FILES = ("config.json", "tokenizer.json", "model.safetensors")


@checked
def save(classifier: Classifier, folder: Path | str, *, force: bool = False) -> None:
    """Write the folder whole: beside its place, then renamed. Refuses to replace without `force`."""
    folder = Path(folder)
    check_model_target(folder, force=force)
    config = {
        "format": FORMAT,
        "kind": type(classifier.model).__name__,
        "model": asdict(classifier.model.config),
        "labels": classifier.labels,
        "thresholds": _of_filters(classifier.model, "thresholds"),
        "gates": _of_filters(classifier.model, "gates"),
        "record": asdict(classifier.record),
    }
    with replacing_folder(folder) as place:
        (place / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (place / "tokenizer.json").write_text(classifier.tokenizer.to_json(), encoding="utf-8")
        weights = {name: t.detach().cpu().contiguous() for name, t in classifier.model.state_dict().items()}
        save_file(weights, place / "model.safetensors")
        write_trained_on(classifier.trained_on, place)
        (place / "README.md").write_text(printable(model_card(classifier)), encoding="utf-8")


def check_model_target(folder: Path, *, force: bool) -> None:
    """Refuse a path that cannot be written, and a folder that is no model even with `force`."""
    check_target(folder, force=force)
    if folder.exists() and not is_model(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(f"{folder} is not a model folder, so it is not replaced: give another path")


@checked
def load(folder: Path | str) -> Classifier:
    """Read what `save` wrote. Nothing in it is executed; whatever does not fit is an `InputError`."""
    folder = Path(folder)
    _check_folder(folder)
    config = _read_config(folder / "config.json")
    tokenizer = _read_tokenizer(folder / "tokenizer.json")
    model = _shapes(config["model"], tokenizer.size, len(config["labels"]))
    weights = _read_weights(folder / "model.safetensors", model.state_dict())
    model.load_state_dict(weights, assign=True)
    model.eval()
    for name in ("thresholds", "gates"):
        _set_of_filters(model, name, config[name])
    return Classifier(model, tokenizer, config["labels"], config["record"], read_trained_on(folder))


def is_model(folder: Path) -> bool:
    """Whether a folder holds the files of a model; they appear in it all at once."""
    return all((folder / name).is_file() for name in FILES)


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise InputError(f"no model at {folder}: train one with 'convlens fit DATA -o {folder}'")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} is not a whole model folder, {', '.join(missing)} missing: give a folder that "
            "'convlens fit' wrote"
        )


def _read_config(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise InputError(
                f"{path} has format {content['format']!r}, this ConvLens reads format {FORMAT}: "
                "install the ConvLens that wrote it"
            )
        if content["kind"] not in FAMILIES:
            raise InputError(f"{path} describes a {content['kind']!r}, expected a {' or '.join(FAMILIES)}")
        return {
            "model": _model_config(content["kind"], content["model"]),
            "labels": _labels(content["labels"]),
            "record": _record(content["record"]),
            "thresholds": content.get("thresholds"),  # older models have none
            "gates": content.get("gates"),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError) and not isinstance(error, WrongType):
            raise
        raise InputError(f"{path} is damaged or was edited ({error!r}): restore it or train again") from None


def _model_config(kind: str, values: dict[str, Any]) -> ModelConfig:
    config = FAMILIES[kind].config
    known = {f.name for f in fields(config)}
    if set(values) != known:
        raise ValueError(f"model entries must be {sorted(known)}")
    return config(**{name: _frozen(value) for name, value in values.items()})


def _frozen(value: Any) -> Any:
    """Tuples for the lists of JSON, and layers for its objects."""
    if isinstance(value, list):
        return tuple(_frozen(v) for v in value)
    return ConvLayer(**value) if isinstance(value, dict) else value


def _shapes(config: ModelConfig, words: int, classes: int) -> TextModel:
    """A model whose tensors have shapes but no memory: a wrong config costs nothing."""
    try:
        with torch.device("meta"):
            return build(config, words, classes)
    except (RuntimeError, TypeError) as error:  # numbers that no tensor can have
        raise InputError(
            f"config.json describes no possible model ({error}): restore it or train again"
        ) from None


def _labels(values: list[str]) -> tuple[str, ...]:
    if not all(isinstance(v, str) for v in values) or len(set(values)) != len(values):
        raise ValueError("labels must be different strings")
    return tuple(values)


def _of_filters(model: TextModel, name: str) -> list[float | None] | None:
    """Thresholds or gates, None for those that no value reaches: JSON knows no infinity."""
    values = getattr(model, name, None)
    if values is None:
        return None
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _set_of_filters(model: TextModel, name: str, values: Any) -> None:
    if values is None or not isinstance(model, TextCNN):
        return
    try:
        found = torch.tensor(
            [math.inf if v is None else float(v) for v in values], dtype=model.head.weight.dtype
        )
    except (TypeError, ValueError):
        found = torch.zeros(0)
    if found.shape != (model.head.in_features,) or not (found >= 0).all():
        raise InputError(
            f"{name} in config.json must be a number from 0 on, or null, for each of {model.head.in_features} "
            "filters: restore it or train again"
        )
    setattr(model, name, found)


def _record(values: dict[str, Any]) -> Record:
    epochs = tuple(Epoch(**e) for e in values["epochs"])
    held_out = values.get("held_out")  # older models have none
    return Record(
        **{
            **values,
            "epochs": epochs,
            "changes": tuple(values.get("changes", ())),
            "held_out": None if held_out is None else HeldOut(**held_out),
        }
    )


def _read_tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text: restore it or train again") from None


def _read_weights(path: Path, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise InputError(
            f"{path} cannot be read, it may be cut off ({error}): restore or train again"
        ) from None
    for name in sorted(set(weights) | set(expected)):
        found = tuple(weights[name].shape) if name in weights else "missing"
        wanted = tuple(expected[name].shape) if name in expected else "absent"
        if found != wanted:
            raise InputError(
                f"{path}: {name} is {found}, the model's config asks for {wanted}: restore both or train again"
            )
    if not all(torch.isfinite(w).all() for w in weights.values()):
        raise InputError(f"{path} holds numbers that are not finite: train again, with a smaller --lr")
    return weights
