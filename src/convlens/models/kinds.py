"""The kinds of models there are: what saving, loading and explaining look up, without torch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.models.adoption import ForeignConfig
from convlens.models.arrays import Weights
from convlens.models.config import TextCNNConfig
from convlens.models.deep_config import DeepTextCNNConfig

ModelConfig = TextCNNConfig | DeepTextCNNConfig


@dataclass(frozen=True)
class Family:
    """A family's config, how documents call it, and the method that explains it by default."""

    config: type[TextCNNConfig] | type[DeepTextCNNConfig] | type[ForeignConfig]
    title: str
    method: str


FAMILIES = {  # of models that are trained and saved, by the name of the model's class
    "TextCNN": Family(TextCNNConfig, "one-layer convolutional network (Kim 2014)", "words"),
    "DeepTextCNN": Family(DeepTextCNNConfig, "convolutional network of stacked layers", "gradient-x-input"),
}
FOREIGN = Family(ForeignConfig, "network that is asked from outside", "gradient-x-input")


def family_name(model: object) -> str:
    """The name of the family that a model, or the weights of one, is of."""
    return "TextCNN" if isinstance(model, Weights) else type(model).__name__


def family_of(model: object) -> Family:
    """The family that a model, or the weights of one, is of."""
    return FAMILIES.get(family_name(model), FOREIGN)


def weights_of(model: Any) -> Weights | None:
    """The weights of a one-layer model on a CPU, in float32 or float64, as arrays; None for other models."""
    if isinstance(model, Weights) or family_name(model) != "TextCNN":
        return model if isinstance(model, Weights) else None
    tensor = model.embed.weight
    fits = tensor.device.type == "cpu" and str(tensor.dtype) in ("torch.float32", "torch.float64")
    weights: Weights | None = model.weights if fits else None
    return weights


def arrays_of(model: Any) -> Weights:
    """The weights of a one-layer model wherever it is, as arrays in memory: copies of what is on another device."""
    weights: Weights = model if isinstance(model, Weights) else model.weights
    return weights


def one_output(config: ModelConfig) -> bool:
    """Whether one output z tells two classes apart, with the logits -z / 2 and z / 2."""
    if isinstance(config, ForeignConfig):
        return False  # one output of it is two logits already
    return config.one_logit if isinstance(config, TextCNNConfig) else config.sigmoid


def has_batch_norm(config: ModelConfig) -> bool:
    """Whether it is a network in training, whose batch normalisation is not yet in its weights."""
    return isinstance(config, DeepTextCNNConfig) and config.batch_norm


def for_label(model: Any, number: int) -> Any:
    """The model of one output of several, of the same family: its logit z as (-z / 2, z / 2). Thresholds stay behind.

    `model` has one output for each class. Weights give weights, and a model a model in evaluation on the CPU.
    """
    if (weights := weights_of(model)) is not None:
        arrays = weights.arrays()
        one = Weights.of(replace(weights.config, one_logit=True), _of_output(arrays, number))
        return replace(one, gates=weights.gates)
    from convlens.models.families import from_arrays
    from convlens.models.weights import arrays_of

    name = "sigmoid" if isinstance(model.config, DeepTextCNNConfig) else "one_logit"
    return from_arrays(replace(model.config, **{name: True}), _of_output(arrays_of(model), number), 2)


def _of_output(arrays: Mapping[str, Floats], number: int) -> dict[str, Floats]:
    """The arrays with one output's part of the head."""
    return {name: v[number : number + 1] if name.startswith("head.") else v for name, v in arrays.items()}


def vectors_of(model: Any) -> Floats:
    """The word vectors of a model of any family, or of its weights: (V, d)."""
    if isinstance(model, Weights):
        return model.vectors
    vectors: Floats = model.embed.weight.detach().cpu().numpy()
    return vectors


def _deep(model: Any) -> str:
    layers = getattr(model.config, "layers", None)
    return "foreign network" if layers is None else f"DeepTextCNN of {len(layers)} layers"


def check_one_layer(model: Any, asker: str) -> None:
    """Refuse a deep model where `asker` needs a one-layer trace: `InputError` says why."""
    if family_name(model) != "TextCNN":
        raise InputError(
            f"{asker} needs the trace of a one-layer TextCNN, and this {_deep(model)} "
            f"has none: explain its texts by {family_of(model).method}, or train a TextCNN"
        )
