"""Files of ONNX: looked through, read as steps for the reader, and run by ONNX Runtime for the proof."""

import inspect
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper
from torch import Tensor

from convlens.adopt.graph import CannotRead
from convlens.adopt.onnx_functions import dtype_of
from convlens.adopt.onnx_operations import OPERATIONS, REFUSED, Operation
from convlens.adopt.operations import NAMED
from convlens.adopt.steps import Entry, Of, Sizes, Step, Steps
from convlens.errors import InputError
from convlens.shown import listed, shown

MOST_NODES, MOST_CHOICES = 10_000, 100
WORDS = 48  # of the text that sizes are known for before ONNX Runtime takes memory
OWN = ("", "ai.onnx")  # domains of ONNX itself
Runtime = Any  # an InferenceSession


class OnnxNetwork(Steps):
    """The network of a file: read by its steps, run by ONNX Runtime."""

    session: Runtime = None

    def run(self, ids: Tensor) -> dict[str, Tensor]:
        """Its outputs by name."""
        if self.session is None:
            return super().run(ids)
        feeds = {self.entry.name: ids.to(self.entry.dtype).numpy()}
        try:
            outputs = self.session.run(list(self.ends), feeds)
        except Exception as error:
            if "out of data bounds" in str(error):
                raise IndexError(str(error)) from None
            raise
        return dict(zip(self.ends, map(torch.from_numpy, outputs), strict=True))


def load_onnx(path: Path, words: int | None) -> OnnxNetwork:
    """The network of a file, which takes texts of so many words if that is known.

    `InputError` for one that reads other files or has operations of its own; `CannotRead` names those that are not read.
    """
    model = _model(path)
    graph = model.graph
    _check(graph, path)
    entry = _entry(graph)
    reading = _Reading(entry if entry.words or not words else replace(entry, words=words), path)
    reading.add(graph)
    network = OnnxNetwork(reading.entry, reading.constants, reading.steps, [one.name for one in graph.output])
    network.try_out(reading.example())
    network.session = _session(model, path)
    return network


class _Reading:
    """The operations of a graph as constants and steps, in their order."""

    def __init__(self, entry: Entry, path: Path) -> None:
        self.entry, self.path = entry, path
        self.constants: dict[str, Tensor] = {}
        self.steps: list[Step] = []
        self.choices = 0
        self.of_words = {entry.name}  # names of what depends on the words

    def example(self) -> Tensor:
        """Word numbers (1, L) of a length that the network takes."""
        return torch.zeros(1, self.entry.words or WORDS, dtype=torch.int64)

    def add(self, graph: GraphProto) -> None:
        """All operations of a graph."""
        self.constants |= {tensor.name: _tensor(tensor) for tensor in graph.initializer}
        for node in graph.node:
            if len(self.steps) > MOST_NODES:
                raise InputError(
                    f"{self.path} has more than {MOST_NODES:,} operations: no text CNN has as many"
                )
            if node.op_type == "Constant":
                self.constants[node.output[0]] = _constant(node)
            elif node.op_type == "If":
                self._choose(node)
            else:
                self._step(_step(node))

    def _step(self, step: Step) -> None:
        self.steps.append(step)
        reads = {one.name for one in step.arguments if isinstance(one, Of)}
        if reads & self.of_words and not step.shape_only:
            self.of_words |= set(step.outputs)

    def _choose(self, node: NodeProto) -> None:
        """The operations of the branch that is taken; its condition must be one on shapes."""
        condition = node.input[0]
        if condition in self.of_words:
            raise CannotRead(f"{_place(node)} depends on the words of a text, so no exact answer is known")
        self.choices += 1
        if self.choices > MOST_CHOICES:
            raise InputError(f"{self.path} has more than {MOST_CHOICES} conditions: no text CNN has as many")
        condition_value = Steps(self.entry, self.constants, self.steps, [condition])(self.example())
        assert isinstance(condition_value, Tensor)
        branch = next(
            one.g
            for one in node.attribute
            if one.name == ("then_branch" if condition_value else "else_branch")
        )
        self.add(branch)
        for result, name in zip(branch.output, node.output, strict=True):
            same = OPERATIONS["Identity"]
            self._step(Step(same.function, same.name, _place(node), (Of(result.name),), (name,)))


def _model(path: Path) -> ModelProto:
    if not path.is_file():
        raise InputError(f"no file at {path}: give the path of an ONNX model")
    try:
        model = onnx.load(path, load_external_data=False)
        for tensor in model.graph.initializer:
            _check_own(tensor)
        onnx.checker.check_model(model)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  whatever protobuf and ONNX raise for what is no such file
        raise InputError(
            f"{path} is no sound ONNX model ({type(error).__name__}: {shown(str(error), 150)}): export the network again"
        ) from None
    return model


def _check(graph: GraphProto, path: Path) -> None:
    """Refuse what takes anything from elsewhere."""
    if graph.sparse_initializer:
        raise InputError(f"{path} has sparse weights: export the network with dense ones")
    if foreign := {node.domain for node in graph.node} - set(OWN):
        raise InputError(
            f"{path} has operations that are not ONNX's own ({listed(sorted(foreign))}): export the network with standard ones"
        )
    inputs = [
        one.name for one in graph.input if one.name not in {tensor.name for tensor in graph.initializer}
    ]
    if len(inputs) != 1:
        raise CannotRead(
            f"the network takes {len(inputs)} inputs ({listed(inputs)}), and must take word numbers alone"
        )


def _entry(graph: GraphProto) -> Entry:
    weights = {tensor.name for tensor in graph.initializer}
    value = next(one for one in graph.input if one.name not in weights)
    tensor = value.type.tensor_type
    sizes = [size.dim_value or None for size in tensor.shape.dim]
    if len(sizes) != 2:
        raise CannotRead(
            f"its input {value.name} has {len(sizes)} dimensions, and word numbers have two (texts, words)"
        )
    if sizes[0] not in (None, 1):
        raise InputError(
            f"this network takes {sizes[0]} texts at once: export it for one, or with a free number of texts"
        )
    return Entry(value.name, dtype_of(tensor.elem_type), alone=sizes[0] == 1, words=sizes[1])


def _check_own(tensor: TensorProto) -> None:
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        raise InputError(
            f"the weights {shown(tensor.name)} are in a file of their own, which is not read: save the model as one file "
            "(onnx.save(onnx.load(path), path), or export with external_data=False)"
        )


def _tensor(tensor: TensorProto) -> Tensor:
    _check_own(tensor)
    try:
        return torch.from_numpy(np.array(numpy_helper.to_array(tensor)))
    except (ValueError, TypeError, MemoryError) as error:
        raise InputError(
            f"the weights {shown(tensor.name)} are not what their shape {list(tensor.dims)} says ({shown(str(error), 100)}): the file "
            "is damaged"
        ) from None


def _constant(node: NodeProto) -> Tensor:
    if len(node.attribute) != 1 or node.attribute[0].name.startswith(("sparse", "value_string")):
        raise CannotRead(f"{_place(node)} is no tensor of numbers")
    value = _value(node.attribute[0])
    if isinstance(value, Tensor):
        return value
    kind = torch.float32 if "float" in node.attribute[0].name else torch.int64
    return torch.tensor(value, dtype=kind)


def _value(attribute: AttributeProto) -> Any:
    if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS, AttributeProto.SPARSE_TENSOR):
        raise CannotRead("it has a network within an operation, so its answers may follow no fixed formula")
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, float):
        return float(str(np.float32(value)))  # the number that was meant, of which ONNX keeps 32 bits
    if isinstance(value, TensorProto):
        return _tensor(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _step(node: NodeProto) -> Step:
    operation = OPERATIONS.get(node.op_type)
    if operation is None:
        why = NAMED.get(
            REFUSED.get(node.op_type, ""), "is no operation that text CNNs with exact answers use"
        )
        raise CannotRead(f"{_place(node)} {why}, so no exact answer is known for this network")
    options = {attribute.name: _value(attribute) for attribute in node.attribute}
    if odd := set(options) - _settings(operation):
        raise CannotRead(f"{_place(node)} has settings that are not known here ({listed(sorted(odd))})")
    arguments = [
        None if not name else Sizes(name) if i in operation.sizes else Of(name)
        for i, name in enumerate(node.input)
    ]
    outputs = tuple(node.output) if node.op_type == "Split" else tuple(node.output[:1])
    return Step(
        operation.function,
        operation.name,
        _place(node),
        tuple(arguments),
        outputs,
        options,
        operation.shape_only,
    )


@cache
def _settings(operation: Operation) -> frozenset[str]:
    """The names of a function's arguments; functions that torch has compiled take no attributes."""
    try:
        return frozenset(inspect.signature(operation.function).parameters)
    except ValueError:
        return frozenset()


def _place(node: NodeProto) -> str:
    return f"`{node.op_type}`" + (f" (node {shown(node.name)})" if node.name else "")


def _session(model: ModelProto, path: Path) -> Runtime:
    try:
        import onnxruntime
    except ImportError:
        raise InputError("ONNX Runtime is not installed: pip install convlens[onnx]") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # noqa: BLE001  whatever it raises for what it does not run
        raise InputError(
            f"ONNX Runtime does not run {path} ({shown(str(error), 150)}): export the network again"
        ) from None
