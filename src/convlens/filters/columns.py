"""The columns of the filters that read words: each slot of each filter is a vector beside those of the words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from convlens.models import TextCNN, TextModel, layered
from convlens.text import UNKNOWN


def first_convolutions(model: TextModel) -> list[nn.Conv1d]:
    """The convolutions that read word vectors: all of a `TextCNN`, the first of each stack of a deep model."""
    model = layered(model, "the first layer")
    if isinstance(model, TextCNN):
        return model.convolutions
    return [trunk.convolutions[0] for trunk in model.trunks]


def word_vectors(model: TextModel) -> NDArray[np.floating[Any]]:
    """The vectors of the words, without padding and the unknown word, in the order of the vocabulary: (V, d)."""
    vectors: NDArray[np.floating[Any]] = model.embed.weight.detach().cpu().numpy()[UNKNOWN + 1 :]
    return vectors


def slot_columns(model: TextModel) -> NDArray[np.floating[Any]]:
    """`W_f[:, j]` of every slot j of every filter f that reads words, filter after filter: (S, d)."""
    weights = [conv.weight.detach().cpu().numpy() for conv in first_convolutions(model)]
    return np.concatenate([weight.transpose(0, 2, 1).reshape(-1, weight.shape[1]) for weight in weights])


def column_places(model: TextModel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The filter (S,) and the slot (S,) of each of `slot_columns`, both counted from 0."""
    widths = [conv.kernel_size[0] for conv in first_convolutions(model) for _ in range(conv.out_channels)]
    return np.repeat(np.arange(len(widths)), widths), np.concatenate([np.arange(n) for n in widths])
