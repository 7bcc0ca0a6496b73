"""A one-layer network as a file of plain layers of Keras."""

from pathlib import Path
from typing import Any

from torch import nn

from convlens.adopt.keras_files import keras_with_torch, load_keras
from convlens.adopt.plain import plain_tensors
from convlens.models import TextCNNConfig, Weights
from convlens.models.activations import LEAK

FILE = "model.keras"


def write_keras(weights: Weights, folder: Path) -> None:
    """Write `model.keras`: word numbers (B, T) of padded texts to logits (B, C), or one for a model of one logit."""
    layers, config = keras_with_torch().layers, weights.config
    padding, tensors = config.padding, plain_tensors(weights)
    length = None if padding.length is None else padding.length + padding.before + padding.after
    ids = keras_with_torch().Input((length,), dtype="int32", name="ids")
    embed = layers.Embedding(*tensors["embed.weight"].shape, name="embed")
    x, named = embed(ids), {"embed": embed}
    zeros, maxima = padding.of_regions(config.regions), []
    for i, (step, around) in enumerate(zip(config.dilations, zeros, strict=True)):
        count, _, kernel = tensors[f"convs.{i}.weight"].shape
        conv = layers.Conv1D(count, kernel, dilation_rate=step, name=f"convs_{i}")
        maps = conv(layers.ZeroPadding1D(around)(x) if any(around) else x)
        maxima.append(layers.GlobalMaxPooling1D()(maps))
        named[f"convs.{i}"] = conv
    x = layers.Concatenate()(maxima) if len(maxima) > 1 else maxima[0]
    x = _activated(layers, config, x)
    for i, width in enumerate(config.hidden):
        named[f"dense.{i}"] = layers.Dense(width, activation="relu", name=f"dense_{i}")
        x = named[f"dense.{i}"](x)
    named["head"] = layers.Dense(len(tensors["head.weight"]), name="head")
    model = keras_with_torch().Model(ids, named["head"](x))
    for name, layer in named.items():
        kernel = tensors[f"{name}.weight"]
        layer.set_weights([kernel] if name == "embed" else [kernel.T, tensors[f"{name}.bias"]])
    model.save(folder / FILE)


def _activated(layers: Any, config: TextCNNConfig, x: Any) -> Any:
    if config.activation == "none":
        return x
    if config.activation == "leaky-relu":
        return layers.LeakyReLU(negative_slope=LEAK)(x)
    return layers.Activation(config.activation)(x)


def load_exported(config: TextCNNConfig, folder: Path) -> nn.Module:
    """The network of the file."""
    return load_keras(folder / FILE).eval()


def shortest(config: TextCNNConfig) -> int:
    """Words of the shortest text that plain layers answer as ConvLens does: they know no window that is cut off."""
    padding = config.padding
    if padding.length or padding.least or padding.before or padding.after:
        return 0
    return max(
        [
            1,
            *(
                n - sum(both)
                for n, both in zip(config.regions, padding.of_regions(config.regions), strict=True)
            ),
        ]
    )
