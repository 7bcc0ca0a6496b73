"""A network as a graph of operations: what `torch.export` gives, run again in pieces, in float64."""

import copy
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils._pytree import tree_map

from convlens.errors import InputError
from convlens.shown import shown, visible

LIBRARIES = ("/torch/", "/keras/", "/convlens/adopt/")  # whose lines tell nothing of a network
Values = dict[fx.Node, Any]


class CannotRead(InputError):
    """Why a network is of no family with exact answers: the operation, and its place in the code where that is known."""


@dataclass(frozen=True)
class Graph:
    """Operations in their order, and the value of each for one example, word numbers (1, L)."""

    nodes: tuple[fx.Node, ...]
    values: Values
    of_text: frozenset[fx.Node]  # all that depends on the word numbers
    start: fx.Node
    end: fx.Node

    def between(self, sources: Sequence[fx.Node], target: fx.Node) -> list[fx.Node]:
        """The operations that lead from sources to a target; `CannotRead` where the text takes another way to it."""
        needed, todo = set(), [target]
        while todo:
            node = todo.pop()
            if node in needed or node in sources or node not in self.of_text:
                continue
            if node is self.start:
                raise CannotRead(
                    f"what {place_of(target)} reads depends on the words in more than one way, as a mask or a short cut does"
                )
            needed.add(node)
            todo += node.all_input_nodes
        return [node for node in self.nodes if node in needed]

    def run(self, inputs: Mapping[fx.Node, Any], nodes: Iterable[fx.Node], target: fx.Node) -> Any:
        """The value of a target when some values are given and the nodes between are run in order."""
        values = dict(inputs)

        def value(node: fx.Node) -> Any:
            return values[node] if node in values else self.values[node]

        for node in nodes:
            if node not in values:
                values[node] = _call(node, value)
        return value(target)


def graph_of(module: nn.Module, ids: Tensor) -> Graph:
    """Export a network for an example (1, L) of word numbers, in float64; `CannotRead` says why it cannot be."""
    try:
        program = _exported(module, ids)
    except Exception as error:  # noqa: BLE001  whatever somebody's own code raises
        reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise CannotRead(
            f"torch cannot export this network ({type(error).__name__}: {shown(reason)}), so its answers may follow no fixed "
            "formula: replace what depends on the data in its forward"
        ) from None
    nodes = tuple(program.graph.nodes)
    start = next(node for node in nodes if node.op == "placeholder")
    end = next(node for node in nodes if node.op == "output").args[0]
    while isinstance(end, list | tuple):
        end = end[0]
    return filled(partial(_attribute, program), nodes, start, end, ids)


def _exported(module: nn.Module, ids: Tensor) -> fx.GraphModule:
    """What torch makes of a network by running it, or else of its code, as where that asks whether a type is `Tensor` itself."""
    with torch.no_grad(), _quiet():
        module = copy.deepcopy(module).eval()
        try:
            return torch.export.export(module, (ids,), strict=False).module()
        except Exception:
            with suppress(Exception):
                return torch.export.export(module, (ids,), strict=True).module()
            raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Torch prints no graphs of what it cannot export."""
    level, nowhere = logging.root.manager.disable, io.StringIO()
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(nowhere), redirect_stderr(nowhere):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def filled(
    constant: Callable[[str], Any], nodes: Sequence[fx.Node], start: fx.Node, end: fx.Node, ids: Tensor
) -> Graph:
    """A graph of nodes, of which constants have values by their names, with the values of an example (1, L)."""
    nodes = _leading_to(end, nodes)
    values: Values = {start: ids}
    of_text = {start}
    with torch.no_grad(), _quiet():
        for node in nodes:
            if node.op == "get_attr":
                values[node] = _double(constant(str(node.target)))
            elif node.op == "call_function":
                values[node] = _call(node, values.__getitem__)
                if of_text.intersection(node.all_input_nodes):
                    of_text.add(node)
    called = tuple(node for node in nodes if node.op == "call_function")
    return Graph(called, values, frozenset(of_text), start, end)


def _leading_to(end: fx.Node, nodes: Sequence[fx.Node]) -> tuple[fx.Node, ...]:
    """The operations that an output is made of, and those that write over a value, in their order."""
    needed, todo = set(), [end, *(node for node in nodes if in_place(node))]
    while todo:
        node = todo.pop()
        if node not in needed:
            needed.add(node)
            todo += node.all_input_nodes
    return tuple(node for node in nodes if node in needed)


def _attribute(program: fx.GraphModule, name: str) -> Any:
    value: Any = program
    for part in name.split("."):
        value = getattr(value, part)
    return value.detach() if isinstance(value, Tensor) else value


def _double(value: Any) -> Any:
    """Floating numbers, and the types of such, in float64; other values as they are."""
    if isinstance(value, Tensor):
        return value.double() if torch.is_floating_point(value) else value
    return torch.float64 if isinstance(value, torch.dtype) and value.is_floating_point else value


def _call(node: fx.Node, value: Any) -> Any:
    arguments: Any = tree_map(_double, fx.node.map_arg(node.args, value))
    options: Any = tree_map(_double, fx.node.map_arg(node.kwargs, value))
    if in_place(node):
        arguments = (arguments[0].clone(), *arguments[1:])
    return node.target(*arguments, **options)  # type: ignore[operator]  # of a call_function it is a function


def in_place(node: fx.Node) -> bool:
    """Whether an operation writes over its first argument."""
    return bool(re.fullmatch(r"aten\.\w*[a-z0-9]_\.\w+", str(node.target)))


def operation(node: fx.Node) -> str:
    """The name of an operation, without its overload and the mark of one that writes in place."""
    target = str(node.target)
    if "operation" in node.meta:
        return str(node.meta["operation"])
    if not target.startswith("aten."):
        return str(getattr(node.target, "__name__", target))
    return target.split(".")[1].removesuffix("_" if in_place(node) else "")


def tensor_of(value: object) -> Tensor:
    """A value, or the first of several."""
    value = value[0] if isinstance(value, tuple | list) else value
    return value if isinstance(value, Tensor) else torch.zeros(0)


def place_of(node: fx.Node) -> str:
    """An operation for people: its name, and the line of the code that it comes from where that is known."""
    if "place" in node.meta:
        return str(node.meta["place"])
    return place_in_code(operation(node), node.meta.get("stack_trace") or "")


def place_in_code(name: str, stack_trace: str) -> str:
    """An operation for people, by its name and torch's trace of the lines that led to it."""
    lines = re.findall(r'File "([^"]+)", line (\d+)', stack_trace)
    own = [(file, line) for file, line in lines if not any(library in file for library in LIBRARIES)]
    where = f" (line {own[-1][1]} of {visible(own[-1][0].rsplit('/', 1)[-1])})" if own else ""
    return f"`{name}`{where}"
