"""Networks of files, by the ending of their names; none of a file's own code is run, and nothing is unpickled."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from convlens.adopt.keras_files import input_length, is_keras, load_keras
from convlens.errors import InputError

ENDINGS = ".keras, .h5, .onnx, .pt2"
LIBRARIES = {"Keras": ("keras",), "ONNX": ("onnx", "onnxruntime"), "torch.export": ()}  # that read a file


def load_network(path: Path, words: int | None) -> nn.Module:
    """The network of a file of Keras, ONNX or `torch.export`, which takes texts of so many words if that is known.

    `InputError` for other files says what to do.
    """
    if is_keras(path):
        return load_keras(path)
    if path.suffix == ".onnx":
        try:
            from convlens.adopt.onnx_files import load_onnx
        except ImportError:
            raise InputError("onnx is not installed: pip install convlens[onnx]") from None
        return load_onnx(path, words)
    if path.suffix == ".pt2":
        from convlens.adopt.exported import load_exported

        return load_exported(path, words)
    raise InputError(
        f"{path} is a file of no kind that is read ({ENDINGS}): ConvLens never unpickles a model, so load the network "
        "yourself and give the nn.Module"
    )


def source_of(model: Any) -> str:
    """What somebody gave, for people."""
    if isinstance(model, str | Path):
        return f"a file of {_format(Path(model))}"
    return f"{type(model).__module__}.{type(model).__qualname__}"


def versions_of(model: Any) -> dict[str, str]:
    """The libraries that read it, with their versions."""
    own = LIBRARIES[_format(Path(model))] if isinstance(model, str | Path) else ()
    return {name: version(name) for name in ("torch", *own, "convlens")}


def _format(path: Path) -> str:
    return {".onnx": "ONNX", ".pt2": "torch.export"}.get(path.suffix, "Keras")


def length_of(network: nn.Module) -> int | None:
    """The words that a network takes, where its file says so."""
    if isinstance(length := getattr(network, "length", None), int):
        return length
    return input_length(network)
