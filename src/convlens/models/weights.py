"""Weights on disk: held to the config by their header, before a model is built, and to what float32 can hold."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from convlens.errors import InputError
from convlens.models.config import TextCNNConfig
from convlens.models.families import ModelConfig, TextModel
from convlens.models.textcnn import TextCNN
from convlens.text import PAD

REAL = {"F64", "F32", "F16", "BF16"}
LARGEST = 1e18  # of a logit, so that squares stay within float32 too
Shape = tuple[str, tuple[int, ...]]


def read_weights(path: Path, config: ModelConfig, words: int, classes: int) -> dict[str, Tensor]:
    """The tensors of a model as float32; `InputError` where they are not those that the config asks for."""
    try:
        with safe_open(path, "pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            kinds = {name: str(part.get_dtype()) for name, part in slices.items()}
            there = sorted((name, tuple(part.get_shape())) for name, part in slices.items())
        _check_shapes(path, there, sorted(_shapes(config, words, classes)))
        if odd := set(kinds.values()) - REAL:
            raise InputError(f"{path} holds {min(odd)} numbers, expected float32: restore it or train again")
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError, MemoryError) as error:
        raise InputError(
            f"{path} cannot be read, it may be cut off ({error}): restore or train again"
        ) from None


def _check_shapes(path: Path, there: list[Shape], wanted: list[Shape]) -> None:
    for found, asked in zip_longest(there, wanted, fillvalue=("", ())):
        if found != asked:
            name = min(filter(None, (found[0], asked[0])))
            is_, asks = (pair[1] if pair[0] == name else None for pair in (found, asked))
            raise InputError(
                f"{path}: {name} is {is_ or 'missing'}, the model's config asks for {asks or 'no such tensor'}: "
                "restore both or train again"
            )


def _shapes(config: ModelConfig, words: int, classes: int) -> Iterator[Shape]:
    """Names and shapes of a model's tensors, by arithmetic."""
    yield "embed.weight", (words, config.dim)
    if isinstance(config, TextCNNConfig):
        for i, (n, count) in enumerate(zip(config.regions, config.counts, strict=True)):
            yield f"convs.{i}.weight", (count, config.dim, n)
            if config.filter_bias:
                yield f"convs.{i}.bias", (count,)
        yield "head.weight", (classes, sum(config.counts))
        if config.head_bias:
            yield "head.bias", (classes,)
        return
    below = config.dim
    for i, layer in enumerate(config.layers):
        yield f"convs.{i}.weight", (layer.filters, below, layer.kernel)
        yield f"convs.{i}.bias", (layer.filters,)
        below = layer.filters
    if config.hidden is not None:
        yield "dense.weight", (config.hidden, config.features)
        yield "dense.bias", (config.hidden,)
    outputs = 1 if config.sigmoid else classes
    yield "head.weight", (outputs, config.hidden or config.features)
    yield "head.bias", (outputs,)


def check_weights(model: TextModel, what: str) -> None:
    """Raise `InputError` where a weight is not finite, padding says something, or a text's logits could be too large for float32."""
    if not all(torch.isfinite(w).all() for w in model.state_dict().values()):
        raise InputError(f"{what} holds numbers that are not finite: train again, with a smaller --lr")
    if model.embed.weight[PAD].any():
        raise InputError(f"{what} has a word vector of padding that is not zero: restore it or train again")
    if not largest_logit(model) < LARGEST:
        raise InputError(
            f"{what} holds numbers so large that logits overflow (up to {largest_logit(model):.0e}): train again, "
            "with a smaller --lr"
        )


@torch.no_grad()
def largest_logit(model: TextModel) -> float:
    """A bound of every logit's absolute value, whatever the text: absolute weights times bounds of what they read."""
    least, most = torch.aminmax(model.embed.weight, dim=0)
    x = torch.maximum(-least, most).double()  # (d,)
    if isinstance(model, TextCNN):
        x = torch.cat([_bound(conv, x) for conv in model.convolutions])  # (k,)
    else:
        for conv in model.convolutions:
            x = _bound(conv, x)
        x = x.repeat(model.config.features // len(x))
        x = x if model.dense is None else _bound(model.dense, x)
    return float(_bound(model.head, x).max())


def _bound(layer: torch.nn.Module, x: Tensor) -> Tensor:
    weight = layer.weight.double().abs()  # type: ignore[operator]
    total = (weight.flatten(2).sum(2) if weight.ndim > 2 else weight) @ x
    return total if layer.bias is None else total + layer.bias.double().abs()  # type: ignore[operator]
