"""Weights on disk: held to the config by their header, before a model is built, and to what float32 can hold."""

from collections.abc import Iterator, Mapping
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.models.adoption import ForeignConfig
from convlens.models.arrays import Weights
from convlens.models.config import TextCNNConfig
from convlens.models.deep_config import LONGEST, DeepTextCNNConfig
from convlens.models.kinds import ModelConfig, has_batch_norm
from convlens.text import PAD

if TYPE_CHECKING:
    from convlens.models.families import TextModel

BFLOAT = "BF16"  # which NumPy does not know
REAL = {"F64", "F32", "F16", BFLOAT}
LARGEST = 1e18  # of a logit, so that squares stay within float32 too
Shape = tuple[str, tuple[int, ...]]


def read_weights(path: Path, config: ModelConfig, words: int, classes: int) -> dict[str, Floats]:
    """The arrays of a model as float32; `InputError` where they are not those that the config asks for."""
    try:
        with safe_open(path, "np") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            kinds = {name: str(part.get_dtype()) for name, part in slices.items()}
            there = sorted((name, tuple(part.get_shape())) for name, part in slices.items())
        _check_shapes(path, there, sorted(_shapes(config, words, classes)))
        if odd := set(kinds.values()) - REAL:
            raise InputError(f"{path} holds {min(odd)} numbers, expected float32: restore it or train again")
        return _loaded(path, bfloat=BFLOAT in kinds.values())
    except (SafetensorError, OSError, MemoryError) as error:
        raise InputError(
            f"{path} cannot be read, it may be cut off ({error}): restore or train again"
        ) from None


def _loaded(path: Path, *, bfloat: bool) -> dict[str, Floats]:
    if bfloat:
        from safetensors.torch import load_file as load_tensors

        return {name: tensor.float().numpy() for name, tensor in load_tensors(path).items()}
    with np.errstate(over="ignore"):  # infinite then, and refused as that
        return {name: array.astype(np.float32, copy=False) for name, array in load_file(path).items()}


def _check_shapes(path: Path, there: list[Shape], wanted: list[Shape]) -> None:
    for shape, asked in zip_longest(there, wanted, fillvalue=("", ())):
        if shape != asked:
            name = min(filter(None, (shape[0], asked[0])))
            is_, asks = (pair[1] if pair[0] == name else None for pair in (shape, asked))
            raise InputError(
                f"{path}: {name} is {is_ or 'missing'}, the model's config asks for {asks or 'no such tensor'}: "
                "restore both or train again"
            )


def _shapes(config: ModelConfig, words: int, classes: int) -> Iterator[Shape]:
    """Names and shapes of a model's tensors, by arithmetic."""
    if has_batch_norm(config):
        raise InputError("config.json has batch_norm, which no trained model has: restore it or train again")
    width = config.width if isinstance(config, TextCNNConfig) else config.dim
    yield "embed.weight", (words, width)
    if isinstance(config, TextCNNConfig):
        for i, (n, count) in enumerate(zip(config.regions, config.counts, strict=True)):
            yield f"convs.{i}.weight", (count, width, n)
            if config.filter_bias:
                yield f"convs.{i}.bias", (count,)
        features = [sum(config.counts), *config.hidden]
        for i, (inputs, width) in enumerate(pairwise(features)):
            yield f"dense.{i}.weight", (width, inputs)
            yield f"dense.{i}.bias", (width,)
        classes = 1 if config.one_logit else classes
        yield "head.weight", (classes, features[-1])
        if config.head_bias:
            yield "head.bias", (classes,)
        return
    for prefix, branch in _trunks(config):
        below = config.dim
        for i, layer in enumerate(branch.layers):
            yield f"{prefix}convs.{i}.weight", (layer.filters, below, layer.kernel)
            yield f"{prefix}convs.{i}.bias", (layer.filters,)
            below = layer.filters
    inputs = config.features
    for name, width in zip(dense_names(config), config.dense, strict=True):
        yield f"{name}.weight", (width, inputs)
        yield f"{name}.bias", (width,)
        inputs = width
    outputs = 1 if config.sigmoid else classes
    yield "head.weight", (outputs, inputs)
    yield "head.bias", (outputs,)


def _trunks(config: DeepTextCNNConfig) -> Iterator[tuple[str, DeepTextCNNConfig]]:
    """The stacks of a network, with what the names of their tensors begin with."""
    for number, branch in enumerate(config.branches):
        yield f"beside.{number - 1}." if number else "", branch


def dense_names(config: DeepTextCNNConfig) -> list[str]:
    """The dense layers of stacked convolutions by name: the first is called as in models that have one alone."""
    return [f"further.{i - 1}" if i else "dense" for i in range(len(config.dense))]


def arrays_of(model: "TextModel | Weights") -> dict[str, Floats]:
    """The arrays of a model by the names of its tensors, those of fewer bits than NumPy knows as float32."""
    if isinstance(model, Weights):
        return model.arrays()
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return {
        name: (t.float() if str(t.dtype) == "torch.bfloat16" else t).numpy() for name, t in tensors.items()
    }


def check_weights(arrays: Mapping[str, Floats], config: ModelConfig, what: str) -> None:
    """Raise `InputError` where a weight is not finite, padding says something, or a text's logits could be too large for float32."""
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise InputError(f"{what} holds numbers that are not finite: train again, with a smaller --lr")
    trained = isinstance(config, TextCNNConfig) and config.padding.trained
    if not trained and arrays["embed.weight"][PAD].any():
        raise InputError(f"{what} has a word vector of padding that is not zero: restore it or train again")
    if not (logit := _largest_logit(arrays, config)) < LARGEST:
        raise InputError(
            f"{what} holds numbers so large that logits overflow (up to {logit:.0e}): train again, "
            "with a smaller --lr"
        )


def largest_logit(model: "TextModel | Weights") -> float:
    """A bound of every logit's absolute value, whatever the text (sums over time: up to `LONGEST` places)."""
    assert not isinstance(model.config, ForeignConfig)  # whose layers are not known
    return _largest_logit(arrays_of(model), model.config)


def _largest_logit(arrays: Mapping[str, Floats], config: ModelConfig) -> float:
    vectors = arrays["embed.weight"]
    x = np.maximum(-vectors.min(0), vectors.max(0)).astype(np.float64)  # (d,)
    if isinstance(config, TextCNNConfig):
        x = np.concatenate([_bound(arrays, f"convs.{i}", x) for i in range(len(config.regions))])  # (k,)
        x = x if config.activation == "relu" else x + 1  # a softplus or sigmoid of z is at most |z| + 1
        for i in range(len(config.hidden)):
            x = _bound(arrays, f"dense.{i}", x)
    else:
        x = np.concatenate([_of_trunk(arrays, prefix, branch, x) for prefix, branch in _trunks(config)])
        for name in dense_names(config):
            x = _bound(arrays, name, x)
    return float(_bound(arrays, "head", x).max())


def _of_trunk(
    arrays: Mapping[str, Floats], prefix: str, config: DeepTextCNNConfig, x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Bounds of the features of a stack, from those of the word vectors."""
    for i in range(len(config.layers)):
        x = _bound(arrays, f"{prefix}convs.{i}", x)
    x = np.repeat(x, config.k) if config.length is None else np.tile(x, config.own_features // len(x))
    return x * (LONGEST if config.over_time == "sum" else 1)


def _bound(arrays: Mapping[str, Floats], layer: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    weight = np.abs(arrays[f"{layer}.weight"]).astype(np.float64)
    total = (weight.sum(2) if weight.ndim > 2 else weight) @ x
    bias = arrays.get(f"{layer}.bias")
    return np.asarray(total if bias is None else total + np.abs(bias))
