"""The table of model families: what fitting, saving and loading look up."""

from dataclasses import dataclass

from convlens.errors import InputError
from convlens.models.config import TextCNNConfig
from convlens.models.deep import DeepTextCNN
from convlens.models.deep_config import DeepTextCNNConfig
from convlens.models.textcnn import TextCNN

TextModel = TextCNN | DeepTextCNN
ModelConfig = TextCNNConfig | DeepTextCNNConfig


@dataclass(frozen=True)
class Family:
    """A family's config and model, how documents call it, and the method that explains it by default."""

    config: type[TextCNNConfig] | type[DeepTextCNNConfig]
    model: type[TextCNN] | type[DeepTextCNN]
    title: str
    method: str


FAMILIES = {
    "TextCNN": Family(TextCNNConfig, TextCNN, "one-layer convolutional network (Kim 2014)", "words"),
    "DeepTextCNN": Family(
        DeepTextCNNConfig, DeepTextCNN, "convolutional network of stacked layers", "gradient-x-input"
    ),
}


def build(config: ModelConfig, words: int, classes: int) -> TextModel:
    """A model of the family of its config, for so many rows of word vectors and classes."""
    if isinstance(config, TextCNNConfig):
        return TextCNN(config, words, classes)
    return DeepTextCNN(config, words, classes)


def family_of(model: TextModel) -> Family:
    """The family a model is of."""
    return FAMILIES[type(model).__name__]


def one_layer(model: TextModel, asker: str) -> TextCNN:
    """The model, where `asker` can have what it needs from it: a one-layer trace. Else `InputError` says why not."""
    if isinstance(model, TextCNN):
        return model
    raise InputError(
        f"{asker} needs the trace of a one-layer TextCNN, and this DeepTextCNN of {len(model.config.layers)} layers "
        f"has none: explain its texts by {family_of(model).method}, or train a TextCNN"
    )
