"""Keras models and files through Keras' torch backend, where they are modules of torch; files are looked through before they are loaded."""

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import nn

from convlens.decoding import decode
from convlens.errors import InputError
from convlens.shown import listed, shown

LARGEST = 2**24  # bytes of a config
LAYERS = {  # that no code of a file's own comes with
    *(
        "Functional",
        "Model",
        "Sequential",
        "InputLayer",
        "Embedding",
        "Conv1D",
        "Conv2D",
        "SeparableConv1D",
        "Dense",
    ),
    *("GlobalMaxPooling1D", "GlobalMaxPooling2D", "MaxPooling1D", "MaxPooling2D", "GlobalAveragePooling1D"),
    *(
        "AveragePooling1D",
        "Flatten",
        "Reshape",
        "Permute",
        "Concatenate",
        "Add",
        "Average",
        "Maximum",
        "Multiply",
    ),
    *(
        "Dropout",
        "SpatialDropout1D",
        "BatchNormalization",
        "LayerNormalization",
        "Activation",
        "ReLU",
        "LeakyReLU",
    ),
    *(
        "ELU",
        "Softmax",
        "ZeroPadding1D",
        "LSTM",
        "GRU",
        "SimpleRNN",
        "Bidirectional",
        "MultiHeadAttention",
        "Attention",
    ),
}
PARTS = {  # of layers, and of what a training leaves in a file
    *(
        "DTypePolicy",
        "Policy",
        "__tensor__",
        "Zeros",
        "Ones",
        "Constant",
        "GlorotUniform",
        "GlorotNormal",
        "HeNormal",
    ),
    *(
        "HeUniform",
        "RandomUniform",
        "RandomNormal",
        "TruncatedNormal",
        "Orthogonal",
        "L1",
        "L2",
        "L1L2",
        "MaxNorm",
    ),
    *(
        "VarianceScaling",
        "LecunNormal",
        "LecunUniform",
        "UnitNorm",
        "NonNeg",
        "Identity",
        "LSTMCell",
        "GRUCell",
    ),
    *("__keras_tensor__", "OrthogonalRegularizer", "SeedGenerator", "__numpy__", "__tuple__"),
}


def is_keras(path: Path) -> bool:
    """Whether a path is that of a model of Keras, by its name."""
    return path.suffix in (".keras", ".h5", ".hdf5")


def load_keras(path: Path) -> nn.Module:
    """The model of a file, none of whose own code is run: `InputError` for layers that are not plain ones of Keras."""
    config = _config(path)
    classes = set(_classes(config))
    if odd := classes - LAYERS - PARTS:
        raise InputError(
            f"{path} has layers that may run code of their own, or that no text CNN has ({listed(sorted(odd))}): build the model "
            "yourself, load its weights, and give the model"
        )
    if running_backend() not in (None, "torch"):
        from convlens.adopt.keras_elsewhere import load_elsewhere

        return load_elsewhere(path)
    keras = keras_with_torch()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # noqa: BLE001  whatever Keras raises for a damaged file
        raise InputError(
            f"Keras cannot load {path} ({type(error).__name__}: {shown(str(error))}): give a file that Keras 3 can load"
        ) from None
    if not isinstance(model, nn.Module):
        raise InputError(f"{path} is no model of Keras with the torch backend: set KERAS_BACKEND=torch")
    return model


def input_length(model: Any) -> int | None:
    """The words that a model of Keras takes, where its input says so."""
    shape = getattr(model, "input_shape", None)
    fixed = isinstance(shape, tuple) and len(shape) == 2 and isinstance(shape[1], int)
    return shape[1] if fixed else None  # type: ignore[index]  # it is a tuple then


def is_keras_model(model: Any) -> bool:
    """Whether a value is a model of Keras, of any backend."""
    return type(model).__module__.startswith("keras.") or any(
        kind.__module__.startswith("keras.src.models") for kind in type(model).__mro__
    )


def of_another_backend(model: Any) -> nn.Module:
    """A model of Keras that does not run on torch, by way of a file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return load_keras(path)


def running_backend() -> str | None:
    """What Keras runs on in this process; None where it is not loaded."""
    keras = sys.modules.get("keras")
    return None if keras is None else str(keras.backend.backend())


def keras_with_torch() -> Any:
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "torch")
    try:
        import keras
    except ImportError:
        raise InputError("Keras is not installed: pip install convlens[keras]") from None
    if keras.backend.backend() != "torch":
        raise InputError(
            f"Keras runs on {keras.backend.backend()} here: set KERAS_BACKEND=torch before Keras is imported, and load again"
        )
    return keras


def _config(path: Path) -> Any:
    """The architecture that a file describes, as JSON."""
    if not path.is_file():
        raise InputError(f"no file at {path}: give the path of a Keras model")
    try:
        content = _of_zip(path) if path.suffix == ".keras" else _of_hdf5(path)
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        raise InputError(
            f"{path} is no model of Keras ({shown(str(error))}): give a .keras or .h5 file"
        ) from None
    if len(content) > LARGEST:
        raise InputError(f"{path} describes a model in more than {LARGEST:,} bytes: no text CNN is so large")
    return decode(content, dict[str, Any], f"{path}, its architecture,", "save the model again")


def _of_zip(path: Path) -> str:
    with zipfile.ZipFile(path) as archive, archive.open("config.json") as file:
        return file.read(LARGEST + 1).decode("utf-8", "replace")


def _of_hdf5(path: Path) -> str:
    try:
        import h5py
    except ImportError:
        raise InputError("h5py is not installed: pip install convlens[keras]") from None
    with h5py.File(path, "r") as file:
        config = file.attrs.get("model_config")
        if config is None:
            raise KeyError("it has weights alone, without an architecture")
        return config if isinstance(config, str) else bytes(config).decode("utf-8", "replace")


def _classes(config: Any) -> Iterator[str]:
    """Every class that a description names, wherever."""
    todo = [config]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                own = str(value["class_name"])
                registered = value.get("registered_name") in (None, own, "Functional", "Sequential")
                plain = registered and str(value.get("module") or "keras").split(".")[0] in (
                    "keras",
                    "builtins",
                )
                yield own if plain else f"{value.get('module')}.{value.get('registered_name') or own}"
            todo += value.values()
        elif isinstance(value, list):
            todo += value
