"""A classifier as a folder: `config.json`, `tokenizer.json`, `model.safetensors`, `training.safetensors`, `README.md`."""

import json
import math
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import save_file

from convlens.arguments import checked
from convlens.arrays import Floats
from convlens.decoding import decode, read_json, read_text
from convlens.errors import InputError
from convlens.files import check_target, printable, recover, replacing_folder
from convlens.models.adoption import Adoption, ForeignConfig
from convlens.models.arrays import Weights
from convlens.models.card import model_card
from convlens.models.classifier import Classifier
from convlens.models.config import TextCNNConfig, TrainConfig
from convlens.models.history import TrainingHistory
from convlens.models.kinds import FAMILIES, ModelConfig, family_name
from convlens.models.rows import read_trained_on, write_trained_on
from convlens.models.weights import arrays_of, check_weights, read_weights
from convlens.shown import shown
from convlens.text import FUNCTION, Tokenizer, cutter_of

if TYPE_CHECKING:
    from convlens.models.families import TextModel

FORMAT = 1
RESTORE = "restore it or train again"
LATER = {  # settings that older folders lack, which have them by default; written where they differ from it
    "TextCNN": {"padding", "activation", "hidden", "one_logit", "dilation", "static_channel"},
    "DeepTextCNN": {"over_time", "k", "beside", "batch_norm"},
}
FILES = ("config.json", "tokenizer.json", "model.safetensors")


@dataclass(frozen=True)
class Config:
    """What `config.json` holds; the type of `model` follows from `kind`."""

    format: int
    kind: str
    model: Any
    labels: tuple[str, ...]
    record: TrainingHistory
    thresholds: tuple[float | None, ...] | None = None  # older models have none
    gates: tuple[float | None, ...] | None = None
    label_separator: str | None = None  # of a model of several labels at once
    adoption: Adoption | None = None  # of a model from elsewhere


@checked
def save(classifier: Classifier, folder: Path | str, *, force: bool = False) -> None:
    """Write the folder whole: beside its place, then renamed. Refuses to replace without `force`.

    Where there is no room, no right to write or the like, it is an `InputError` too, and what was there stays.
    """
    folder = Path(folder)
    check_model_target(folder, force=force)
    model = classifier.weights or classifier.model
    if isinstance(model.config, ForeignConfig):
        raise InputError(
            "a foreign network is not saved, as its code is not ConvLens': keep it as its framework does, and adopt it again"
        )
    arrays = arrays_of(model)
    check_weights(arrays, model.config, "the model")
    config = {
        "format": FORMAT,
        "kind": family_name(model),
        "model": _settings(model.config, family_name(model)),
        "labels": classifier.labels,
        "thresholds": _of_filters(model, "thresholds"),
        "gates": _of_filters(model, "gates"),
        "record": asdict(classifier.record),
    }
    if classifier.multilabel:
        config["label_separator"] = classifier.label_separator
    if classifier.adoption is not None:
        config["adoption"] = asdict(classifier.adoption)
    with replacing_folder(folder) as place:
        (place / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
        (place / "tokenizer.json").write_text(classifier.tokenizer.to_json(), encoding="utf-8")
        save_file(arrays, place / "model.safetensors")
        write_trained_on(classifier.trained_on, place)
        (place / "README.md").write_text(printable(model_card(classifier)), encoding="utf-8")


def _settings(config: ModelConfig, kind: str) -> dict[str, Any]:
    """The settings of a model, so that a ConvLens that has fewer of them reads those of a model that it knows."""
    values, default = asdict(config), type(config)()
    stacks = (values, *values.get("beside", ()))
    for layer in (layer for stack in stacks for layer in stack.get("layers", ())):
        if layer["stride"] == 1:
            del layer["stride"]
    later = {name for name in LATER[kind] if getattr(config, name) == getattr(default, name)}
    return {name: value for name, value in values.items() if name not in later}


def check_model_target(folder: Path, *, force: bool) -> None:
    """Refuse a path that cannot be written, and a folder that is no model even with `force`."""
    replaceable = os.path.exists(folder) and (
        is_model(folder) or (folder.is_dir() and not any(folder.iterdir()))
    )
    if force and os.path.exists(folder) and not replaceable:
        raise InputError(f"{folder} is not a model folder, so it is not replaced: give another path")
    check_target(folder, force=force, folder=True)


@checked
def load(folder: Path | str, *, tokenizer: Any = None) -> Classifier:
    """Read what `save` wrote. Nothing in it is executed; whatever does not fit is an `InputError`.

    `tokenizer` is the function, or the fast tokenizer of Hugging Face, that cuts the texts of a model that was adopted with one.
    """
    folder = Path(folder)
    _check_folder(folder)
    config = _read_config(folder / "config.json")
    words = _with_function(
        Tokenizer.from_json(read_text(folder / "tokenizer.json", RESTORE)), tokenizer, folder
    )
    path, shape = folder / "model.safetensors", (words.size, len(config.labels))
    arrays = read_weights(path, config.model, *shape)
    check_weights(arrays, config.model, str(path))
    if isinstance(config.model, TextCNNConfig):
        filters = len(config.model.widths)
        thresholds, gates = (_values_of(config, name, filters) for name in ("thresholds", "gates"))
        model: Any = Weights.of(config.model, arrays, thresholds, gates)
    else:
        from convlens.models.families import from_arrays

        model = from_arrays(config.model, arrays, len(config.labels))
    trained_on = read_trained_on(folder)
    several, adoption = config.label_separator, config.adoption
    return Classifier(model, words, config.labels, config.record, trained_on, several, adoption)


def _with_function(tokenizer: Tokenizer, function: Any, folder: Path) -> Tokenizer:
    if function is None:
        return tokenizer
    if tokenizer.config.splitter != FUNCTION:
        raise InputError(f"the tokeniser of {folder} is saved with it: load it without tokenizer=")
    return replace(tokenizer, cutter=cutter_of(function))


def is_model(folder: Path) -> bool:
    """Whether a folder holds the files of a model; they appear in it all at once."""
    recover(folder)
    return all((folder / name).is_file() for name in FILES)


def _check_folder(folder: Path) -> None:
    recover(folder)
    if not folder.exists():
        raise InputError(f"no model at {folder}: train one with 'convlens fit DATA -o {folder}'")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} is not a whole model folder, {', '.join(missing)} missing: give a folder that "
            "'convlens fit' wrote"
        )


def _read_config(path: Path) -> Config:
    values = read_json(path, dict[str, Any], RESTORE)
    if values.get("format") != FORMAT:
        raise InputError(
            f"{path} has format {shown(values.get('format'))}, this ConvLens reads format {FORMAT}: "
            "install the ConvLens that wrote it"
        )
    kind, model = values.get("kind"), values.get("model")
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise InputError(
            f"{path} describes a {shown(kind)}, expected a {' or '.join(FAMILIES)}: restore it or train again"
        )
    family = FAMILIES[kind].config
    names = {f.name for f in fields(family)}
    if not isinstance(model, dict) or not names - LATER[kind] <= set(model) <= names:
        raise InputError(
            f"{path} is damaged or was edited, its 'model' lacks entries or has others: {RESTORE}"
        )
    shape = decode(json.dumps(model), family, f"{path}: 'model'", RESTORE)
    config = decode(json.dumps({**values, "model": {}}), Config, str(path), RESTORE)
    _check_record(config, path)
    return replace(config, model=shape)


def _check_record(config: Config, path: Path) -> None:
    """What later commands read of labels and record, where their types leave it open."""
    record = config.record
    if len(set(config.labels)) != len(config.labels):
        raise InputError(f"{path} is damaged or was edited, labels must be different strings: {RESTORE}")
    shares = [record.test.get(name, 0) for name in ("accuracy", "macro_f1", "majority_baseline")]
    simple = record.test.get("baseline", {"model": "", "accuracy": 0})
    has_name = isinstance(simple, dict) and isinstance(simple.get("model"), str)
    shares.append(simple.get("accuracy") if has_name else None)
    if record.test and (len(record.test) < 3 or not all(type(share) in (int, float) for share in shares)):
        raise InputError(f"{path} is damaged or was edited, its record has no metrics of a test: {RESTORE}")
    decode(json.dumps(record.settings.get("train", {})), TrainConfig, f"{path}: 'train'", RESTORE)


def _of_filters(model: "TextModel | Weights", name: str) -> list[float | None] | None:
    """Thresholds or gates, None for those that no value reaches: JSON knows no infinity."""
    values = getattr(model, name, None)
    if values is None:
        return None
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _values_of(config: Config, name: str, filters: int) -> Floats | None:
    """Thresholds or gates (k,), infinity for null; None where there are none."""
    values = getattr(config, name)
    if values is None:
        return None
    with np.errstate(over="ignore"):  # what float32 cannot hold no value reaches
        array = np.array([math.inf if value is None else value for value in values], np.float32)
    signed = name == "thresholds" and config.model.activation != "relu"
    if array.shape != (filters,) or not (signed or (array >= 0).all()):
        raise InputError(
            f"{name} in config.json must be a number from 0 on, or null, for each of {filters} "
            "filters: restore it or train again"
        )
    return array
