"""The families' models: built for a config, and from arrays."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

from convlens.errors import InputError
from convlens.models.arrays import Weights
from convlens.models.config import TextCNNConfig
from convlens.models.deep import DeepTextCNN
from convlens.models.foreign import Foreign
from convlens.models.kinds import ModelConfig, check_one_layer
from convlens.models.textcnn import TextCNN

TextModel = TextCNN | DeepTextCNN | Foreign


def build(config: ModelConfig, words: int, classes: int) -> TextModel:
    """A model of the family of its config, for so many rows of word vectors and classes."""
    if isinstance(config, TextCNNConfig):
        return TextCNN(config, words, classes)
    return DeepTextCNN(config, words, classes)


def from_arrays(config: ModelConfig, arrays: Mapping[str, NDArray[Any]], classes: int) -> TextModel:
    """A model, ready to predict, whose tensors share the memory of arrays by name."""
    with torch.device("meta"):  # shapes but no memory: that is the arrays'
        model = build(config, len(arrays["embed.weight"]), classes)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, assign=True)
    return model.eval()


def from_weights(weights: Weights) -> TextCNN:
    """The model of the weights, which share its memory."""
    model = from_arrays(weights.config, weights.arrays(), weights.classes)
    assert isinstance(model, TextCNN)
    for name in ("thresholds", "gates"):
        values = getattr(weights, name)
        setattr(model, name, None if values is None else torch.from_numpy(values))
    return model


def folded(model: TextModel) -> TextModel:
    """The model without batch normalisation, which becomes a part of its convolutions; others come back as they are."""
    if not isinstance(model, DeepTextCNN) or not model.config.batch_norm:
        return model
    for trunk in model.trunks:
        trunk.fold()
    plain = DeepTextCNN(replace(model.config, batch_norm=False), model.embed.num_embeddings, model.classes)
    plain.to(model.head.weight)
    plain.load_state_dict({name: w for name, w in model.state_dict().items() if "norms." not in name})
    return plain


def all_convolutions(model: TextModel) -> list[nn.Conv1d]:
    """The convolutions of a model of any family, of all its stacks; none of a foreign network, whose parts are not known."""
    if isinstance(model, Foreign):
        return []
    trunks = model.trunks if isinstance(model, DeepTextCNN) else [model]
    return [conv for trunk in trunks for conv in trunk.convolutions]


def layered(model: TextModel, asker: str) -> TextCNN | DeepTextCNN:
    """The model, where `asker` can have what it needs from it: its layers. Else `InputError` says why not."""
    if isinstance(model, Foreign):
        raise InputError(
            f"{asker} reads the layers of a model, and those of a foreign network are not known: explain its texts by "
            "gradient-x-input, or take over a network that can be read"
        )
    return model


def one_layer(model: TextModel, asker: str) -> TextCNN:
    """The model, where `asker` can have what it needs from it: a one-layer trace. Else `InputError` says why not."""
    check_one_layer(model, asker)
    assert isinstance(model, TextCNN)
    return model
