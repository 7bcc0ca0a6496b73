"""`export`: a model goes back to where it is deployed, as a graph of ONNX, as plain tensors, or as plain layers of Keras."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from convlens.adopt import keras_export, onnx_graph, plain
from convlens.adopt.export_proof import Asked, Run, prove
from convlens.adopt.onnx_deep import write_deep_onnx
from convlens.adopt.onnx_export import write_onnx
from convlens.adopt.onnx_run import OnnxRun
from convlens.adopt.served import Chosen, Served
from convlens.arguments import checked
from convlens.errors import InputError
from convlens.files import check_target, replacing_folder
from convlens.models import (
    Classifier,
    DeepTextCNN,
    ModelConfig,
    Proof,
    TextCNNConfig,
    Weights,
    arrays_of,
    family_name,
)
from convlens.shown import suggestion
from convlens.text import PAD, UNKNOWN, Tokenizer
from convlens.text.splitters import PATTERNS
from convlens.version import VERSION

VOCABULARY, SETTINGS = "vocabulary.json", "settings.json"


@dataclass(frozen=True)
class Format:
    """A file of a format, what writes it, what runs it from a folder, and the words of the shortest text that it answers."""

    file: str
    write: Callable[[Any, Path], None]
    run: Callable[[Any, Path], Run]
    shortest: Callable[[TextCNNConfig], int] = lambda config: 0
    plain: bool = True  # layers as others have them, which know nothing of gates and of padding in a batch


def _as_served(network: Callable[[TextCNNConfig, Path], Any]) -> Callable[[TextCNNConfig, Path], Run]:
    """What runs a network of torch on texts of one length, padded before it."""

    def of(config: TextCNNConfig, folder: Path) -> Run:
        served = Served(Chosen(network(config, folder), None), PAD, config.padding)
        return lambda documents: {"logits": served.outputs(documents)}

    return of


def _write_onnx(network: Weights | DeepTextCNN, folder: Path) -> None:
    if isinstance(network, Weights):
        write_onnx(network, folder)
    else:
        write_deep_onnx(network, folder)


FORMATS = {
    "onnx": Format(onnx_graph.FILE, _write_onnx, lambda config, folder: OnnxRun.of(folder), plain=False),
    "torch": Format(plain.FILE, plain.write_torch, _as_served(plain.PlainNetwork)),
    "keras": Format(
        keras_export.FILE,
        keras_export.write_keras,
        _as_served(keras_export.load_exported),
        keras_export.shortest,
    ),
}


@dataclass(frozen=True)
class Export:
    """What was written: the files of a folder, what there is to know of them, and the proof that they answer as the model does."""

    format: str
    files: tuple[str, ...]
    notes: tuple[str, ...]
    proof: Proof

    @property
    def told(self) -> str:
        """What was proven, in a sentence for people."""
        texts = f"{self.proof.texts:,} texts of yours and " if self.proof.texts else ""
        return f"logits equal to those of the model on {texts}{self.proof.hard} hard ones, to {self.proof.largest:.1e}"


@checked
def export(
    classifier: Classifier,
    path: Path | str,
    *,
    format: str = "onnx",
    prove_on: Sequence[str] | None = None,
    force: bool = False,
) -> Export:
    """Write a model for another program into a folder, and prove that what was written answers the same.

    `format` is one of `FORMATS`: "onnx" (`model.onnx`, of any model), "torch" (`weights.safetensors`, plain tensors) or "keras"
    (`model.keras`, plain layers). Beside it stand `vocabulary.json`, the number of each word, and `settings.json`. The file
    is run on hard texts made for the proof, and on those of `prove_on`: logits must be equal to 1e-5, or that share of a value
    above 1, and so must the windows of filters where they are given. Raises `NotEqual` where they are not, and `InputError`
    for what a format cannot hold; nothing is written then.
    """
    folder = Path(path)
    kind = _format(classifier, format)
    check_export_target(folder, force=force)
    network: Any = classifier.network
    network = arrays_of(network) if family_name(network) == "TextCNN" else network
    config = network.config
    shortest = kind.shortest(config)
    asked = Asked.of(classifier, prove_on or (), shortest)
    with replacing_folder(folder) as place:
        kind.write(network, place)
        numbers = {word: number for number, word in enumerate(classifier.tokenizer.words, UNKNOWN + 1)}
        settings = {"format": format, "convlens": VERSION, **_settings(classifier, config)}
        for name, values in ((VOCABULARY, numbers), (SETTINGS, settings)):
            (place / name).write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        proof = prove(classifier, kind.run(config, place), asked, format)
    notes = _notes(config, shortest) if kind.plain else ()
    return Export(format, (kind.file, VOCABULARY, SETTINGS), notes, proof)


def check_export_target(folder: Path, *, force: bool) -> None:
    """Refuse a path that cannot be written, and a folder that is no export even with `force`."""
    own = {VOCABULARY, SETTINGS, *(kind.file for kind in FORMATS.values())}
    if force and folder.is_dir() and not {path.name for path in folder.iterdir()} <= own:
        raise InputError(f"{folder} holds more than an export, so it is not replaced: give another path")
    check_target(folder, force=force, folder=True)


def _format(classifier: Classifier, name: str) -> Format:
    """A format by its name, where it can hold the model."""
    if name not in FORMATS:
        raise InputError(
            f"unknown format {name!r}: {suggestion(name, FORMATS)}choose one of {', '.join(FORMATS)}"
        )
    kind = FORMATS[name]
    network: Any = classifier.network
    if family_name(network) == "Foreign":
        raise InputError(
            "a foreign network is not exported, as its layers are not known: export it by its own framework"
        )
    if kind.plain and family_name(network) != "TextCNN":
        raise InputError(f"a network of stacked layers has no export to {name}: export it to onnx")
    if kind.plain and network.gates is not None:
        raise InputError(
            f"this model has gates in the place of the ReLU, for which {name} has no plain layer: export it to onnx"
        )
    return kind


def _notes(config: TextCNNConfig, shortest: int) -> tuple[str, ...]:
    """Where plain layers need care that ConvLens takes by itself."""
    notes = []
    if config.padding.length is None:
        notes.append("the texts of a batch must have one length: padding to the longest could win a maximum")
    if shortest > 0:
        least = f"a text of fewer than {shortest} words" if shortest > 1 else "an empty text"
        notes.append(
            f"{least} is answered otherwise than by ConvLens: leave it out, or export to torch or onnx"
        )
    return tuple(notes)


def _settings(classifier: Classifier, config: ModelConfig) -> dict[str, Any]:
    """What a program must know to serve the file."""
    return {
        "labels": classifier.labels,
        "label_separator": classifier.label_separator,
        "words": classifier.tokenizer.size,
        **(_of_network(config) if isinstance(config, TextCNNConfig) else {"network": asdict(config)}),
        "padding_row": PAD,
        **_of_tokenizer(classifier.tokenizer),
    }


def _of_network(config: TextCNNConfig) -> dict[str, Any]:
    """The shape of a one-layer network, and how texts are padded before it."""
    padding = config.padding
    names = ("length", "least", "before", "after", "side", "cut")
    return {
        "width": config.width,
        "regions": config.regions,
        "filters": config.counts,
        "dilations": config.dilations,
        "zeros": padding.of_regions(config.regions),
        "activation": config.activation,
        "hidden": config.hidden,
        "one_logit": config.one_logit,
        "padding": {name: getattr(padding, name) for name in names},
    }


def _of_tokenizer(tokenizer: Tokenizer) -> dict[str, Any]:
    """How texts become word numbers, with the regular expression of the tokens where there is one."""
    config = tokenizer.config
    settings = asdict(config) | {"masked": tokenizer.masked}
    if config.splitter in PATTERNS:
        settings["pattern"] = PATTERNS[config.splitter]("é").pattern
    return {"unknown_row": UNKNOWN if config.keep_unknown else None, "tokenizer": settings}
