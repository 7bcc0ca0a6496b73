"""Reads a text CNN of one layer from its graph: where the maxima and activations stand from the operations, the rest from numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, fx

from convlens.adopt.affine import (
    Function,
    convolution,
    matrix,
    random_values,
    scaling,
    stretch,
)
from convlens.adopt.graph import CannotRead, Graph, operation, place_of, tensor_of
from convlens.adopt.network import Convolution, Network
from convlens.adopt.operations import (
    AFFINE,
    EMBEDDINGS,
    MOVES,
    NAMED,
    POINTWISE,
    PRODUCTS,
    SQUASHES,
    SUMS,
    activation_of,
    any_maximum,
    is_maximum,
)
from convlens.models.activations import Name


@dataclass(frozen=True)
class Pooled:
    """Filters up to their greatest value: the node that takes it, the activation before, and what is made of that first."""

    node: fx.Node
    convolution: Convolution
    activation: Name
    order: Tensor
    scales: Tensor
    shifts: Tensor


def read(graph: Graph) -> Network:
    """Read a network from its operations; `CannotRead` says which of them is in the way."""
    return _Reader(graph).network()


class _Reader:
    def __init__(self, graph: Graph) -> None:
        self.graph, self.end = graph, graph.end
        self.embeds: list[fx.Node] = []
        self.points: list[fx.Node] = []  # nodes that are not affine in what they read
        numbers = {graph.start}
        for node in graph.nodes:
            if node not in graph.of_text:
                continue
            inputs = [one for one in node.all_input_nodes if one in graph.of_text]
            name = operation(node)
            if numbers.issuperset(inputs):
                if name in EMBEDDINGS and torch.is_floating_point(tensor_of(graph.values[node])):
                    self.embeds.append(node)
                else:
                    numbers.add(node)
            elif (name in POINTWISE | SQUASHES or is_maximum(node)) and len(inputs) == 1:
                self.points.append(node)
            elif name not in AFFINE or (len(inputs) > 1 and name not in SUMS):
                raise CannotRead(self._refused(node, name))

    def _refused(self, node: fx.Node, name: str) -> str:
        why = NAMED.get(name, "is neither affine nor a known activation or maximum")
        if name in PRODUCTS:
            why = "is a product of values that both depend on the text, as in gates and masks"
        return f"{place_of(node)} {why}, so no exact answer is known for this network"

    def network(self) -> Network:
        """All of it."""
        if not self.embeds:
            raise CannotRead(
                "this network has no embedding: it must take word numbers (texts, words) and look vectors up"
            )
        vectors, front, back = self._vectors()
        self.end, squash = self._squashed()
        first = [point for point in self.points if self.parents(point) <= set(self.embeds)]
        if not first:
            raise CannotRead(
                "this network takes no greatest value over places: only such networks have exact answers"
            )
        pooled = [self._pooled(point) for point in first]
        activation, frontier = self._after(pooled)
        layers = self._layers(pooled, frontier)
        folded = self._folded(pooled)
        convolutions = tuple(one.convolution for one in pooled)
        return Network(vectors, front, back, convolutions, activation, layers, squash, folded)

    def parents(self, node: fx.Node) -> set[fx.Node]:
        """The embeddings and points whose values a node reads by affine operations alone."""
        reached, todo, done = set(), list(node.all_input_nodes), set()
        while todo:
            one = todo.pop()
            if one in done or one not in self.graph.of_text:
                continue
            done.add(one)
            if one in self.embeds or one in self.points or one is self.graph.start:
                reached.add(one)
            else:
                todo += one.all_input_nodes
        return reached

    def _vectors(self) -> tuple[Tensor, tuple[int, ...], tuple[int, ...]]:
        """The tables side by side, and the numbers that the network puts around a text."""
        ids = self.graph.values[self.graph.start].flatten()
        tables, around = [], set()
        for node in self.embeds:
            table, numbers = self._looked_up(node)
            extra = len(numbers) - len(ids)
            places = [i for i in range(extra + 1) if torch.equal(numbers[i : i + len(ids)], ids)]
            if extra < 0 or not places:
                raise CannotRead(
                    f"the numbers that reach {place_of(node)} are not those of the text: it must look up each word by its own"
                )
            tables.append(table)
            around.add(
                (tuple(numbers[: places[0]].tolist()), tuple(numbers[places[0] + len(ids) :].tolist()))
            )
        if len(around) > 1 or len({len(table) for table in tables}) > 1:
            raise CannotRead("this network has several embeddings which do not read the same words")
        return torch.cat(tables, 1), *around.pop()

    def _looked_up(self, node: fx.Node) -> tuple[Tensor, Tensor]:
        """A table of vectors, and the numbers that are looked up in it."""
        value = self.graph.values
        tensors = [value[one] for one in node.all_input_nodes if isinstance(value[one], Tensor)]
        table = next((t for t in tensors if torch.is_floating_point(t) and t.ndim == 2), None)
        numbers = next((t for t in tensors if not torch.is_floating_point(t)), None)
        if table is None or numbers is None:
            raise CannotRead(f"{place_of(node)} is no table of vectors (words, numbers)")
        return table.double(), numbers.flatten()

    def _squashed(self) -> tuple[fx.Node, str]:
        """The node of the logits, and what is made of them in the end."""
        node, squash = self.graph.end, ""
        parents = self.parents(node) if node not in self.points else {node}
        last = next(iter(parents)) if len(parents) == 1 else None
        if last in self.points and operation(last) in SQUASHES and not self.parents(last) & set(self.embeds):
            moved = self.graph.between([last], node)
            if all(operation(one) in MOVES for one in moved):
                squash, node = operation(last).lstrip("_"), last.all_input_nodes[0]
                self.points.remove(last)
        return node, squash

    def _pooled(self, point: fx.Node) -> Pooled:
        """A point that reads the embeddings: an activation with a maximum after it, or a maximum."""
        act, pool = (None, point) if is_maximum(point) else (point, self._pool_after(point))
        before = (act or pool).all_input_nodes[0]
        conv, axis = convolution(*self._by_word(before), act or pool)
        filters = len(conv.biases)
        order = torch.arange(filters)
        scales, shifts = torch.ones(filters).double(), torch.zeros(filters).double()
        if act is not None:
            shape = tensor_of(self.graph.values[act]).shape
            to_pool = stretch(self.graph, [act], pool.all_input_nodes[0])
            order, scales, shifts, axis = scaling(to_pool, shape, axis, place_of(pool))
        self._check_whole(pool, axis)
        if bool((scales <= 0).any()):
            raise CannotRead(
                f"before {place_of(pool)} the values of filter {int((scales <= 0).nonzero()[0])} are turned round, so its smallest "
                "value wins: exact answers need the greatest"
            )
        return Pooled(pool, conv, activation_of(act) if act is not None else "none", order, scales, shifts)

    def _pool_after(self, act: fx.Node) -> fx.Node:
        """The maximum over places that reads an activation, and nothing else does."""
        readers = [point for point in self.points if act in self.parents(point)]
        alone = len(readers) == 1 and (self.end in self.points or act not in self.parents(self.end))
        if alone and is_maximum(readers[0]) and self.parents(readers[0]) == {act}:
            return readers[0]
        if not readers:
            raise CannotRead(
                f"after {place_of(act)} no greatest value over places is taken, but a mean, a sum or all values"
            )
        for one in readers:
            if is_maximum(one) and self.parents(one) != {act}:
                raise CannotRead(f"{place_of(one)} takes the greatest of sums of activations, not of one")
        if any_maximum(readers):
            raise CannotRead(
                f"what {place_of(act)} gives goes several ways, not into one maximum over places"
            )
        raise CannotRead(
            f"after {place_of(act)} comes {place_of(readers[0])}: there is a second layer before the maximum"
        )

    def _by_word(self, target: fx.Node) -> tuple[Function, int, int]:
        """A target as a function of the vectors of all words (L * d,), with L and d."""
        function = stretch(self.graph, self.embeds, target)
        sizes = [tensor_of(self.graph.values[node]).shape[-1] for node in self.embeds]
        size = sum(sizes)
        length = tensor_of(self.graph.values[self.embeds[0]]).numel() // sizes[0]

        def of_words(x: Tensor) -> Tensor:
            parts = torch.split(x.reshape(length, size), sizes, 1)
            return function(torch.cat([part.reshape(-1) for part in parts]))

        return of_words, length, size

    def _check_whole(self, pool: fx.Node, axis: int) -> None:
        """A maximum must be that of each filter over all places."""
        before = pool.all_input_nodes[0]
        shape = tensor_of(self.graph.values[before]).shape
        x = random_values(shape.numel())
        greatest = stretch(self.graph, [before], pool)(x).reshape(-1)
        wanted = x.reshape(shape).amax(axis).reshape(-1)
        if not torch.equal(greatest, wanted):
            several = greatest.numel() // max(wanted.numel(), 1)
            length = ": give padding=Padding(length=...) where this network is made for texts of one length"
            raise CannotRead(
                f"{place_of(pool)} takes the greatest of each of {several} pieces of a text of {shape[axis]} places, and exact answers "
                f"need that of all places{'' if 'adaptive' in operation(pool) else length}"
            )

    def _after(self, pooled: Sequence[Pooled]) -> tuple[Name, dict[fx.Node, Tensor | None]]:
        """The activation, before or after the maxima, and the nodes that hold its values, each with its order."""
        names = sorted({one.activation for one in pooled})
        if len(names) > 1:
            raise CannotRead(
                f"the regions have different activations ({', '.join(names)}): exact answers need one for all"
            )
        pools: dict[fx.Node, Tensor | None] = {one.node: None for one in pooled}
        after = [point for point in self.points if self.parents(point) <= set(pools) and point not in pools]
        if names[0] not in ("none", "relu") or not after or any_maximum(after):
            return names[0], pools
        name = activation_of(after[0])
        orders = [self._order(pools, point) for point in after]
        moved = all(one is not None for one in orders) and all(
            bool((one.scales == 1).all() and (one.shifts == 0).all()) for one in pooled
        )
        if moved and all(activation_of(point) == name for point in after) and names[0] in ("none", name):
            return name, dict(zip(after, orders, strict=True))
        return names[0], pools

    def _order(self, pools: dict[fx.Node, Tensor | None], point: fx.Node) -> Tensor | None:
        """By which matrix of zeros and ones an activation reads the maxima; None where it reads sums of them."""
        weights, biases = self._matrix(list(pools), point.all_input_nodes[0])
        selects = bool(
            ((weights == 0) | (weights == 1)).all() and (weights.sum(1) == 1).all() and (biases == 0).all()
        )
        return weights if selects else None

    def _matrix(self, sources: Sequence[fx.Node], target: fx.Node) -> tuple[Tensor, Tensor]:
        size = sum(tensor_of(self.graph.values[source]).numel() for source in sources)
        return matrix(stretch(self.graph, sources, target), size, place_of(target))

    def _layers(
        self, pooled: Sequence[Pooled], frontier: dict[fx.Node, Tensor | None]
    ) -> tuple[tuple[Tensor, Tensor], ...]:
        """Weights and biases from the filters up."""
        layers: list[tuple[Tensor, Tensor]] = []
        nodes = list(frontier)
        while self.end not in nodes and not self.parents(self.end) <= set(nodes):
            above = [p for p in self.points if p not in nodes and self.parents(p) <= set(nodes)]
            if not above:
                raise CannotRead(
                    f"the logits read more than {place_of(nodes[0])} and other maxima of its kind"
                )
            if any_maximum(above):
                raise CannotRead(
                    f"above {place_of(nodes[0])} stand more layers with places: there is a second layer"
                )
            for point in above:
                if activation_of(point) != "relu":
                    raise CannotRead(f"a dense layer with {place_of(point)}: exact answers need a ReLU there")
            parts = [self._matrix(nodes, point.all_input_nodes[0]) for point in above]
            layers.append((torch.cat([w for w, _ in parts]), torch.cat([b for _, b in parts])))
            nodes = above
        layers.append(self._matrix(nodes, self.end))
        weights, biases = layers[0]
        if orders := [order for order in frontier.values() if order is not None]:
            weights = weights @ torch.cat(orders)
        moves: Tensor = torch.block_diag(*map(_moves, pooled))  # type: ignore[no-untyped-call]
        layers[0] = weights @ moves, biases + weights @ torch.cat([one.shifts for one in pooled])
        return tuple(layers)

    def _folded(self, pooled: Sequence[Pooled]) -> tuple[str, ...]:
        """What has no place of its own in the model that is made, for people."""
        names = {operation(node) for node in self.graph.nodes if node in self.graph.of_text}
        tables = [f"{len(self.embeds)} embeddings side by side as one"] * (len(self.embeds) > 1)
        norms = ["batch normalisation into the weights"] * any("batch_norm" in name for name in names)
        scaled = ["scales after the activation into the head"] * any(
            bool((one.scales != 1).any() or (one.shifts != 0).any()) for one in pooled
        )
        return (*tables, *norms, *scaled)


def _moves(pooled: Pooled) -> Tensor:
    """How the greatest values (F,) are made of the filters' activations: a scale in each row."""
    return torch.eye(len(pooled.order)).double()[pooled.order] * pooled.scales[:, None]
