"""Stacked convolutions as a graph of ONNX: logits alone, as no one window makes them."""

from pathlib import Path

import numpy as np

from convlens.adopt.onnx_export import lengths_of
from convlens.adopt.onnx_graph import FILE, FLOAT, OnnxGraph
from convlens.models import DeepTextCNN, DeepTextCNNConfig
from convlens.models.weights import arrays_of, dense_names
from convlens.text import PAD


def write_deep_onnx(model: DeepTextCNN, folder: Path) -> None:
    """Write `model.onnx`: `ids` (B, T) int64, texts of a batch filled up with 0 at the end, to `logits` (B, C)."""
    config = model.config
    weight, bias = (tensor.float().cpu().numpy() for tensor in model.output)
    arrays = arrays_of(model) | {"head.weight": weight, "head.bias": bias}
    graph = OnnxGraph({name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()})
    lengths = lengths_of(graph)
    x = graph.add("Transpose", graph.add("Gather", "embed.weight", _ids(graph, config)), perm=[0, 2, 1])
    features = [_features(graph, branch, x, lengths, number) for number, branch in enumerate(config.branches)]
    h = graph.add("Concat", *features, axis=1)
    for name in dense_names(config):
        h = graph.add("Relu", graph.dense(h, name))
    graph.dense(h, "head", name="logits")
    graph.write(folder / FILE, "DeepTextCNN", {"logits": (FLOAT, ["B", model.classes])})


def _ids(graph: OnnxGraph, config: DeepTextCNNConfig) -> str:
    """Word numbers (B, T') as the network reads them: of its fixed length, or of at least the words that a place sees."""
    fewest = config.length or max(branch.field for branch in config.branches)
    lacking = graph.add("Max", graph.add("Sub", fewest, graph.size("ids", 1)), 0)
    pads = graph.add("Concat", [0, 0, 0], graph.add("Unsqueeze", lacking, [0]), axis=0)
    ids = graph.add("Pad", "ids", pads, PAD)
    return ids if config.length is None else graph.add("Slice", ids, [0], [config.length], [1])


def _features(graph: OnnxGraph, config: DeepTextCNNConfig, x: str, lengths: str, number: int) -> str:
    """What leaves a stack: (B, F)."""
    prefix = f"beside.{number - 1}." if number else ""
    for i, layer in enumerate(config.layers):
        conv = f"{prefix}convs.{i}"
        x = graph.add("Relu", graph.add("Conv", x, f"{conv}.weight", f"{conv}.bias", strides=[layer.stride]))
        if layer.pool > 1:
            x = graph.add("MaxPool", x, kernel_shape=[layer.pool], strides=[layer.pool])
    if config.length is not None:
        return graph.add("Reshape", graph.add("Transpose", x, perm=[0, 2, 1]), [0, config.own_features])
    places = _places(graph, config, lengths)
    beyond = graph.add("GreaterOrEqual", graph.count(graph.size(x, 2)), graph.add("Unsqueeze", places, [2]))
    empty = graph.add("Equal", lengths, 0)
    return graph.add("Where", empty, 0.0, _over_time(graph, config, x, beyond, places))


def _over_time(graph: OnnxGraph, config: DeepTextCNNConfig, x: str, beyond: str, places: str) -> str:
    """One number of each filter, or its k greatest one after the other, over the places (B, F, P) that a text has."""
    if config.over_time != "max":
        total = graph.add("ReduceSum", graph.add("Where", beyond, 0.0, x), [2], keepdims=0)
        if config.over_time == "sum":
            return total
        return graph.add("Div", total, graph.add("Cast", places, to=FLOAT))
    inside = graph.add("Where", beyond, -np.inf, x)
    if config.k == 1:
        return graph.add("ReduceMax", inside, axes=[2], keepdims=0)
    inside = graph.add("Pad", inside, [0, 0, 0, 0, 0, config.k], -np.inf)
    greatest = graph.add("TopK", inside, [config.k], axis=2)
    there = graph.add("Where", graph.add("Equal", greatest, -np.inf), 0.0, greatest)
    return graph.add("Reshape", there, [0, config.own_features])


def _places(graph: OnnxGraph, config: DeepTextCNNConfig, lengths: str) -> str:
    """Places of the last layer over texts: (B, 1)."""
    words = graph.add("Max", lengths, config.field)
    for layer in config.layers:
        words = graph.add("Add", graph.add("Div", graph.add("Sub", words, layer.kernel), layer.stride), 1)
        words = graph.add("Div", words, layer.pool)
    return words
