"""A foreign network as it is served: word numbers in, its outputs out, for texts padded as its owner pads them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convlens.adopt.graph import Graph, graph_of
from convlens.adopt.steps import Steps
from convlens.arguments import described
from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import Padding

AT_ONCE = 2**14  # words in a batch


class Chosen(nn.Module):
    """A network that gives the tensor which `output`, a key or an index, chooses of what it gives."""

    def __init__(self, module: nn.Module, output: str | int | None) -> None:
        super().__init__()
        self.module, self.output = module, output

    def graph(self, ids: Tensor) -> Graph:
        """Its operations, with their values for an example (1, L)."""
        return self.module.graph(ids, self.output) if isinstance(self.module, Steps) else graph_of(self, ids)

    def forward(self, ids: Tensor) -> Tensor:  # (B, L) -> (B, C)
        """What it says of word numbers."""
        outputs: Any = self.module(ids)
        if self.output is not None:
            outputs = _chosen(outputs, self.output)
        if not isinstance(outputs, Tensor):
            names = f" with {', '.join(map(str, outputs))}" if isinstance(outputs, Mapping) else ""
            raise InputError(
                f"the network gives {described(outputs)}{names}, not one tensor of logits: say which of its outputs by output="
            )
        return outputs


def _chosen(outputs: Any, output: str | int) -> Any:
    try:
        if isinstance(outputs, Mapping | Sequence):
            return outputs[output]  # type: ignore[index]  # a key or an index
        return getattr(outputs, str(output))
    except (LookupError, TypeError, AttributeError):
        raise InputError(f"the network gives {described(outputs)}, which has no output={output!r}") from None


@dataclass(frozen=True)
class Served:
    """A network with the row of padding and how texts are padded before it."""

    network: Chosen
    pad: int | None
    padding: Padding

    def outputs(self, documents: Sequence[Ints]) -> Floats:
        """What it gives for documents of its own word numbers, padded, in batches of texts of one length: (D, C)."""
        padded = [self.padded(ids) for ids in documents]
        outputs: list[Floats | None] = [None] * len(padded)
        for places in batches([len(ids) for ids in padded]):
            rows = self.run(np.stack([padded[i] for i in places]))
            for i, row in zip(places, rows, strict=True):
                outputs[i] = row
        return np.array(outputs)

    def together(self, documents: Sequence[Ints], longest: int) -> Floats:
        """The same where each stands in a batch with a text of `longest` words, filled up with padding at the end."""
        padded = [self.padded(ids) for ids in documents]
        pad = 0 if self.pad is None else self.pad
        filled = [np.pad(ids, (0, max(longest - len(ids), 0)), constant_values=pad) for ids in padded]
        return np.concatenate([self.run(ids[None]) for ids in filled])

    def padded(self, ids: Ints) -> Ints:
        """One document as the network is given it."""
        padding = self.padding
        if padding.length is not None:
            ids = ids[-padding.length :] if padding.cut == "left" else ids[: padding.length]
        filled = max((padding.length or padding.least) - len(ids), 0)
        before, after = padding.before, padding.after
        before, after = (before + filled, after) if padding.side == "left" else (before, after + filled)
        if (before or after) and self.pad is None:
            raise InputError(
                "texts are padded, and the vocabulary has no row of padding: say which by Vocabulary(rows, padding=...)"
            )
        return np.pad(ids, (before, after), constant_values=self.pad or 0)

    def run(self, ids: Ints) -> Floats:
        """Its outputs (B, C) for word numbers (B, L)."""
        with torch.no_grad():
            outputs = self.network(torch.from_numpy(np.ascontiguousarray(ids, np.int64)))
        array: NDArray[Any] = outputs.detach().float().cpu().numpy()
        return array.reshape(len(ids), -1)


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of equal lengths, some at a time."""
    order = np.argsort(lengths, kind="stable").tolist()
    batch: list[int] = []
    for place in order:
        if batch and (lengths[place] != lengths[batch[0]] or (len(batch) + 1) * lengths[place] > AT_ONCE):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
