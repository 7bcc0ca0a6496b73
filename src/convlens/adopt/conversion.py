"""What was read of a network, as a model of ConvLens."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.adopt.graph import CannotRead
from convlens.adopt.network import Convolution, Network
from convlens.adopt.vocabulary import Vocabulary
from convlens.errors import InputError
from convlens.models import Padding, TextCNNConfig, Weights
from convlens.text import PAD, Cutter, TextConfig, Tokenizer

ZERO = -1  # in the place of a row that a network has not


def rows_of(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """The row of the network's embedding for each word number of ours, `ZERO` where it has none: (V,).

    Padding and the unknown word come first, then the words in the order of their rows.
    """
    special = (ZERO if row is None else row for row in (vocabulary.padding, vocabulary.unknown))
    return np.array([*special, *sorted(vocabulary.rows.values())], np.int64)


def tokenizer_of(config: TextConfig, cutter: Cutter | None, vocabulary: Vocabulary) -> Tokenizer:
    """A tokeniser whose word numbers are those of `rows_of`."""
    words = tuple(sorted(vocabulary.rows, key=lambda word: (vocabulary.rows[word], word)))
    return Tokenizer(config, words, cutter=cutter)


def weights_of(network: Network, rows: NDArray[np.int64], padding: Padding, classes: int) -> Weights:
    """The network in float64 for word numbers of `rows_of`; `CannotRead` where no model of ConvLens can have its parts."""
    most = len(network.vectors)
    if (rows >= most).any():
        raise InputError(
            f"the vocabulary has rows up to {rows.max():,}, and the embedding {most:,} from 0 on: give the vocabulary of this network"
        )
    around = {*network.front, *network.back}
    if around - {int(rows[PAD])}:
        several = "exact answers need one and the same word there, its padding"
        raise CannotRead(
            f"the network itself puts the word numbers {sorted(around)} around a text, which are not its padding "
            f"({rows[PAD] if rows[PAD] != ZERO else 'none'}): "
            + (several if len(around) > 1 else "say by Vocabulary(rows, padding=...) which is")
        )
    vectors = torch.cat([network.vectors, network.vectors.new_zeros(1, network.vectors.shape[1])])[
        torch.from_numpy(rows)
    ]
    groups = _regions(network.convolutions)
    firsts = [group[0][1] for group in groups]
    config = TextCNNConfig(
        regions=tuple(conv.region for conv in firsts),
        filters=tuple(sum(len(conv.biases) for _, conv in group) for group in groups),
        dim=vectors.shape[1],
        activation=network.activation,
        hidden=tuple(len(biases) for _, biases in network.layers[:-1]),
        one_logit=network.outputs == 1,
        dilation=tuple(conv.dilation for conv in firsts),
        padding=_padding(padding, network, firsts, vectors[PAD]),
    )
    outputs = network.outputs
    if (2 if outputs == 1 else outputs) != classes:
        raise InputError(
            f"the network has {outputs} outputs, and {classes} labels are named: name one for each class"
        )
    return Weights.of(config, _arrays(network, vectors, groups))


def _regions(convolutions: Sequence[Convolution]) -> list[list[tuple[int, Convolution]]]:
    """Convolutions by their region size, with the column of their first filter."""
    starts = np.cumsum([0, *(len(conv.biases) for conv in convolutions)]).tolist()
    groups: dict[int, list[tuple[int, Convolution]]] = {}
    for start, conv in zip(starts, convolutions, strict=False):
        group = groups.setdefault(conv.region, [])
        group.append((start, conv))
        first = group[0][1]
        if (first.left, first.right, first.dilation) != (conv.left, conv.right, conv.dilation):
            raise CannotRead(
                f"two convolutions of {conv.region} words have different padding or dilation, and exact answers need the same"
            )
    return list(groups.values())


def _padding(
    padding: Padding, network: Network, convolutions: Sequence[Convolution], vector: Tensor
) -> Padding:
    """How texts are padded before the network and in it."""
    zeros = tuple((conv.left, conv.right) for conv in convolutions)
    whole = replace(
        padding,
        before=padding.before + len(network.front),
        after=padding.after + len(network.back),
        zeros=zeros if any(map(any, zeros)) else "none",
        trained=False,
    )
    words = bool(whole.length or whole.least or whole.before or whole.after)
    return replace(whole, trained=words and bool((vector != 0).any()))


def _arrays(
    network: Network, vectors: Tensor, groups: list[list[tuple[int, Convolution]]]
) -> dict[str, NDArray[np.float64]]:
    tensors = {"embed.weight": vectors}
    columns = []
    for i, group in enumerate(groups):
        tensors[f"convs.{i}.weight"] = torch.cat([conv.weights for _, conv in group]).transpose(1, 2)
        tensors[f"convs.{i}.bias"] = torch.cat([conv.biases for _, conv in group])
        columns += [column for start, conv in group for column in range(start, start + len(conv.biases))]
    layers = [(weights, biases) for weights, biases in network.layers]
    layers[0] = layers[0][0][:, columns], layers[0][1]
    names = [*(f"dense.{i}" for i in range(len(layers) - 1)), "head"]
    for name, (weights, biases) in zip(names, layers, strict=True):
        tensors |= {f"{name}.weight": weights, f"{name}.bias": biases}
    return {name: tensor.contiguous().numpy() for name, tensor in tensors.items()}
