"""A one-layer network as a graph of ONNX, which keeps what ConvLens holds of padding, short texts and empty ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convlens.adopt.onnx_graph import END, FILE, FLOAT, INT64, OnnxGraph
from convlens.adopt.plain import plain_tensors
from convlens.models import Reading, TextCNNConfig, Weights
from convlens.models.activations import LEAK
from convlens.text import PAD

PADDING, NOTHING = -1, -2  # what stands at a place, where no word of the text does
OPERATIONS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "elu": "Elu"}


@dataclass(frozen=True)
class Places:
    """Texts as they are read: names of their vectors (B, d, S), the number of their places (B, 1), and their words (B, S)."""

    vectors: str
    lengths: str
    words: str


def write_onnx(weights: Weights, folder: Path) -> None:
    """Write `model.onnx`: `ids` (B, T) int64, texts of a batch filled up with 0 at the end, to what a trace holds.

    `logits` (B, C), `peaks` (B, k) before the activation, `positions` (B, k) of their windows, and `words` (B, S): the word of the
    text at each place that is read, -1 for padding and -2 after the end.
    """
    weights = weights.single()
    config = weights.config
    arrays = plain_tensors(weights) | {"head.weight": weights.head, "head.bias": weights.head_biases}
    if weights.gates is not None:
        arrays["gates"] = weights.gates
    graph = OnnxGraph({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    places = read(graph, config, len(weights.vectors))
    pooled = _pooled(graph, weights, _peaks(graph, config, places))
    for i in range(len(config.hidden)):
        pooled = graph.add("Relu", graph.dense(pooled, f"dense.{i}"))
    graph.dense(pooled, "head", name="logits")
    filters: list[Any] = ["B", len(config.widths)]
    outputs = {"positions": (INT64, filters), "peaks": (FLOAT, filters), "words": (INT64, ["B", "S"])}
    graph.write(folder / FILE, "TextCNN", {"logits": (FLOAT, ["B", weights.classes]), **outputs})


def lengths_of(graph: OnnxGraph) -> str:
    """Words of each text: (B, 1)."""
    is_word = graph.number(graph.add("Not", graph.add("Equal", "ids", PAD)))
    return graph.add("ReduceSum", is_word, [1], keepdims=1)


def read(graph: OnnxGraph, config: TextCNNConfig, vocabulary: int) -> Places:
    """What the network reads of texts, with its padding around each; room for the widest window after the last."""
    add, padding = graph.add, config.padding
    reading = Reading(padding, config.regions, vocabulary)
    lengths = lengths_of(graph)
    words = lengths if padding.length is None else add("Min", lengths, padding.length)
    before, after = _around(graph, config, words)
    skipped = add("Sub", lengths, words) if padding.cut == "left" else 0
    total = add("Add", add("Add", words, before), after)
    filled = graph.number(add("Greater", total, 0))  # an empty text without padding has no window
    left = add("Mul", filled, reading.left)
    read_places = add("Add", total, add("Mul", filled, reading.left + reading.right))
    place = add(
        "Sub", add("Unsqueeze", graph.count(_size(graph, config, reading)), [0]), left
    )  # from the padding on
    word = add("Sub", place, before)
    is_word = add("And", add("GreaterOrEqual", word, 0), add("Less", word, words))
    index = add("Mul", add("Add", word, skipped), graph.number(is_word))
    ids = add("GatherElements", add("Pad", "ids", [0, 0, 0, 1], PAD), index, axis=1)
    vectors = add("Gather", "embed.weight", add("Where", is_word, ids, PAD))  # (B, S, d)
    if padding.trained:
        inside = add("And", add("GreaterOrEqual", place, 0), add("Less", place, total))
        vectors = add("Where", add("Unsqueeze", inside, [2]), vectors, 0.0)
    ends = add("Less", add("Add", place, left), read_places)
    padded = add("Where", ends, PADDING, NOTHING)
    return Places(
        add("Transpose", vectors, perm=[0, 2, 1]),
        read_places,
        add("Where", is_word, index, padded, name="words"),
    )


def _around(graph: OnnxGraph, config: TextCNNConfig, words: str) -> tuple[str, str]:
    """Words of padding before and after texts (B, 1), see `Padding.around`."""
    padding, widest = config.padding, max(config.regions)
    filled = graph.add("Max", graph.add("Sub", padding.length or padding.least, words), 0)
    before, after = (
        graph.add("Min", graph.add("Add", filled, many) if side == padding.side else many, widest)
        for side, many in (("left", padding.before), ("right", padding.after))
    )
    return before, after


def _size(graph: OnnxGraph, config: TextCNNConfig, reading: Reading) -> str:
    """Places of the longest text of a batch, at least those of a window: S."""
    padding = config.padding
    filled = padding.length or padding.least
    sides = (("left", padding.before), ("right", padding.after))
    most = sum(min(many + filled * (side == padding.side), reading.widest) for side, many in sides)
    longest = graph.size("ids", 1)
    words = longest if padding.length is None else graph.add("Min", longest, padding.length)
    places = graph.add("Add", words, most + reading.left + reading.right)
    return graph.add("Max", places, reading.left + reading.widest)


def _peaks(graph: OnnxGraph, config: TextCNNConfig, places: Places) -> str:
    """The greatest value of each filter, and the first of its windows, as outputs: both (B, k)."""
    add = graph.add
    zeros = config.padding.of_regions(config.regions)
    left, right = (max(side) for side in zip(*zeros, strict=True))
    peaks, positions = [], []
    for i, (n, step, around) in enumerate(zip(config.regions, config.dilations, zeros, strict=True)):
        before, unread = left - around[0], left + right - sum(around)  # zeros that other regions read
        x = add("Slice", places.vectors, [before], [END], [2])
        values = add("Conv", x, f"convs.{i}.weight", f"convs.{i}.bias", dilations=[step])  # (B, F, P)
        windows = add("Max", add("Sub", places.lengths, unread + n - 1), 1)  # (B, 1)
        beyond = add("GreaterOrEqual", graph.count(graph.size(values, 2)), add("Unsqueeze", windows, [2]))
        inside = add("Where", beyond, -np.inf, values)
        peaks.append(add("ReduceMax", inside, axes=[2], keepdims=0))
        positions.append(add("Add", add("ArgMax", inside, axis=2, keepdims=0), before))
    empty = add("Equal", places.lengths, 0)
    add("Where", empty, -1, add("Concat", *positions, axis=1), name="positions")
    return add("Where", empty, 0.0, add("Concat", *peaks, axis=1), name="peaks")


def _pooled(graph: OnnxGraph, weights: Weights, peaks: str) -> str:
    """What the layers above read of the greatest values."""
    activation = weights.config.activation
    if activation == "none":
        return peaks
    if activation == "leaky-relu":
        return graph.add("LeakyRelu", peaks, alpha=LEAK)
    pooled = graph.add(OPERATIONS[activation], peaks)
    if weights.gates is None:
        return pooled
    return graph.add("Where", graph.add("Less", peaks, "gates"), 0.0, pooled)
