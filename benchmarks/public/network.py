"""What is known of a network in a public repository, and what takes the place of what its code needs besides torch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from convlens import Padding

ROWS = 300  # of every embedding
SEED = 0


@dataclass(frozen=True)
class PublicNetwork:
    """A network as it stands in `file` of a commit of a repository (owner/name), and how it is served there.

    `build` makes it of the module that the file is, with the arguments that the repository's own settings have. `files` are
    further files and folders that it imports, `root` the folder that Python finds them in, and `fakes` the sources, by path, of small
    modules in place of those that it imports and the network does not need. Of a notebook the cells that hold `cell` are run.
    `padding_row` and `unknown_row` are those of its vocabulary. `output` chooses of several outputs. `wrapped` says what the network
    takes, where that is not word numbers (B, L).
    """

    repository: str
    commit: str
    file: str
    build: Callable[[ModuleType], Any]
    files: tuple[str, ...] = ()
    root: str = "."
    fakes: Mapping[str, str] = field(default_factory=dict)
    cell: str = ""
    padding: Padding = field(default_factory=Padding)
    padding_row: int = 0
    unknown_row: int = 1
    classes: int = 2
    output: str | None = None
    wrapped: str = ""

    @property
    def vocabulary(self) -> dict[str, int]:
        """Made-up words for all rows but those of padding and of unknown words."""
        special = {self.padding_row, self.unknown_row}
        return {f"w{row}": row for row in range(ROWS) if row not in special}


class Wrapped(nn.Module):
    """A network that is called by a function of itself and word numbers (B, L), beside other modules that it is called with."""

    def __init__(self, call: Callable[[Any, Tensor], Tensor], **modules: nn.Module) -> None:
        super().__init__()
        self.call = call
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, ids: Tensor) -> Tensor:
        """What the network gives for word numbers."""
        return self.call(self, ids)


def settings(**values: Any) -> Any:
    """Settings as an object, as parsers and configurations are; of a dict, too, whatever depth it has."""
    deep = {name: settings(**value) if isinstance(value, dict) else value for name, value in values.items()}
    return SimpleNamespace(**deep)


def vectors(size: int) -> Tensor:
    """Made-up word vectors (ROWS, size)."""
    return torch.randn(ROWS, size, generator=torch.Generator().manual_seed(SEED))
