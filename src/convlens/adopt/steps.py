"""A network of a file as steps: functions of torch, each with its arguments by name, run or written down as a graph."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils._pytree import tree_leaves, tree_map

from convlens.adopt.graph import CannotRead, Graph, filled
from convlens.errors import InputError
from convlens.shown import shown

LARGEST = 2**29  # numbers of all values together: 2 GiB


@dataclass(frozen=True)
class Of:
    """The value of this name."""

    name: str


@dataclass(frozen=True)
class Sizes:
    """The numbers of a tensor of this name, which say how large something is, or where: they may not depend on the words."""

    name: str


@dataclass(frozen=True)
class Step:
    """A function with arguments and options that hold `Of` and `Sizes`, and the names of what it gives.

    `operation` is what the reader calls it, `place` is for people. With `shape_only` it tells of its argument's shape alone.
    """

    function: Callable[..., Any]
    operation: str
    place: str
    arguments: tuple[Any, ...]
    outputs: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    shape_only: bool = False


@dataclass(frozen=True)
class Entry:
    """The word numbers that go in: their name, type, whether one text at a time, and of how many words (None: any number)."""

    name: str
    dtype: torch.dtype
    alone: bool = False
    words: int | None = None


class Steps(nn.Module):
    """A network that is known by its steps. Word numbers (B, L) go in; what it gives is one tensor, or several by name."""

    def __init__(
        self, entry: Entry, constants: Mapping[str, Tensor], steps: Sequence[Step], ends: Sequence[str]
    ) -> None:
        super().__init__()
        self.entry, self.steps, self.ends = entry, tuple(steps), tuple(ends)
        self.constants = dict(constants)
        self._sizes_checked: set[torch.Size] = set()

    @property
    def length(self) -> int | None:
        """The words that it takes, where that is one number."""
        return self.entry.words

    def forward(self, ids: Tensor) -> Tensor | dict[str, Tensor]:
        """Its outputs for word numbers (B, L)."""
        self._check(ids)
        batches = [self.run(batch) for batch in (torch.split(ids, 1) if self.entry.alone else [ids])]
        outputs = {name: torch.cat([batch[name] for batch in batches]) for name in self.ends}
        return outputs if len(outputs) > 1 else outputs[self.ends[0]]

    def run(self, ids: Tensor) -> dict[str, Tensor]:
        """Its outputs for as many texts as it takes at once."""
        values = self._values(ids)
        return {name: values[name] for name in self.ends}

    def try_out(self, ids: Tensor) -> None:
        """Run it for word numbers (1, L), so that what is wrong with it is known before anything else is asked."""
        try:
            self(ids)
        except CannotRead as error:
            raise CannotRead(
                f"on a text of {ids.shape[1]} words {error}: where the network takes texts of one length only, give "
                "padding=Padding(length=...)"
            ) from None

    def graph(self, ids: Tensor, output: str | int | None) -> Graph:
        """The steps from word numbers (1, L) to an output as a graph, in float64."""
        self._check(ids)
        writer = _Writer(self._values(ids), self.entry.name)
        for step in self.steps:
            writer.add(step)
        end = self.ends[output] if isinstance(output, int) else output or self.ends[0]
        if end not in writer.nodes:
            raise CannotRead(f"the output {shown(end)} does not depend on the words")
        return writer.graph(ids.to(self.entry.dtype), writer.nodes[end])

    def _check(self, ids: Tensor) -> None:
        words = self.entry.words
        if words is not None and ids.shape[1] != words:
            raise CannotRead(
                f"this network takes texts of {words} words, got {ids.shape[1]}: give padding=Padding(length={words})"
            )

    def _values(self, ids: Tensor) -> dict[str, Any]:
        """The value of each name. Sizes are computed, without memory, before anything is."""
        free = None if ids.shape in self._sizes_checked else LARGEST
        values: dict[str, Any] = self.constants | {self.entry.name: ids.to(self.entry.dtype)}
        for step in self.steps:
            arguments, options = resolved(step, values)
            if free is not None:
                free = _free_after(free, step, arguments, options)
            result = _called(step, arguments, options)
            values.update(_named(step, result))
        self._sizes_checked.add(ids.shape)
        return values


class _Writer:
    """Steps that depend on the words, as nodes of a graph; what does not is a constant there."""

    def __init__(self, values: Mapping[str, Any], start: str) -> None:
        self.values, self.fx_graph = values, fx.Graph()
        self.constants: dict[str, Any] = {}
        self.nodes: dict[str, fx.Node] = {start: self.fx_graph.placeholder("ids")}

    def add(self, step: Step) -> None:
        """A step, where it reads what depends on the words."""
        leaves = tree_leaves((step.arguments, dict(step.options)))
        if step.shape_only or not any(isinstance(one, Of) and one.name in self.nodes for one in leaves):
            if names := [one.name for one in leaves if isinstance(one, Sizes) and one.name in self.nodes]:
                raise CannotRead(f"{step.place} has a size ({names[0]}) that depends on the words of a text")
            return
        if not any(isinstance(self.values[name], Tensor) for name in step.outputs if name):
            return
        arguments, options = tree_map(self._argument, (step.arguments, dict(step.options)))
        node = self.fx_graph.call_function(step.function, arguments, options)
        self._name(node, step)
        if len(step.outputs) == 1:
            self.nodes[step.outputs[0]] = node
            return
        for i, name in enumerate(step.outputs):
            self.nodes[name] = self.fx_graph.call_function(operator.getitem, (node, i))

    def _argument(self, leaf: Any) -> Any:
        if isinstance(leaf, Sizes):
            if leaf.name in self.nodes:
                raise CannotRead(f"a size ({leaf.name}) depends on the words of a text")
            return numbers_of(self.values[leaf.name])
        if not isinstance(leaf, Of):
            return leaf
        if leaf.name in self.nodes:
            return self.nodes[leaf.name]
        value = self.values[leaf.name]
        if not isinstance(value, Tensor):
            return value
        name = f"constant{len(self.constants)}"
        self.constants[name] = value
        return self.fx_graph.get_attr(name)

    @staticmethod
    def _name(node: fx.Node, step: Step) -> None:
        node.meta |= {"operation": step.operation, "place": step.place}

    def graph(self, ids: Tensor, end: fx.Node) -> Graph:
        """The graph up to a node, with the values of an example."""
        start = next(iter(self.fx_graph.nodes))
        return filled(self.constants.__getitem__, tuple(self.fx_graph.nodes), start, end, ids)


def resolved(step: Step, values: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and options of a step, with values for names."""

    def value(leaf: Any) -> Any:
        try:
            if isinstance(leaf, Of):
                return values[leaf.name]
            return numbers_of(values[leaf.name]) if isinstance(leaf, Sizes) else leaf
        except KeyError:
            raise InputError(
                f"{step.place} reads {shown(leaf.name)}, which no step before it gives: the file is damaged"
            ) from None

    arguments, options = tree_map(value, (step.arguments, dict(step.options)))
    return arguments, options


def numbers_of(value: Any) -> Any:
    """A tensor as a number of Python or a list of them; others as they are."""
    return value.tolist() if isinstance(value, Tensor) else value


def _free_after(free: int, step: Step, arguments: Any, options: Any) -> int:
    """How many numbers may still be made after a step: known by shapes alone, before it takes memory."""

    def shape(leaf: Any) -> Any:
        return leaf.to("meta") if isinstance(leaf, Tensor) else leaf

    arguments = tree_map(shape, arguments)
    with torch.device("meta"):
        result = _called(step, arguments, options)
    size = sum(value.numel() for value in tree_leaves(result) if isinstance(value, Tensor))
    if size > free:
        raise InputError(
            f"{step.place} would make {size:,} numbers, and all values may have {LARGEST:,}: no text CNN is so large"
        )
    return free - size


def _called(step: Step, arguments: Any, options: Any) -> Any:
    try:
        with torch.no_grad():
            return step.function(*arguments, **options)
    except (InputError, IndexError):
        raise
    except Exception as error:  # noqa: BLE001  whatever torch raises for what does not fit
        raise CannotRead(f"{step.place} cannot be run ({shown(str(error), 150)})") from None


def _named(step: Step, result: Any) -> dict[str, Any]:
    several = len(step.outputs) > 1
    return dict(zip(step.outputs, result if several else (result,), strict=several))
