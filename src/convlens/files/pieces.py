"""What is too large to be whole in memory as Python's own values: a few rows at a time, and JSON of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
AT_ONCE = 2**18  # rows of a table laid out at a time, and in a row group: bounds memory


@dataclass(frozen=True, eq=False)
class Pieces(Generic[T]):
    """So many `rows` that are never whole in memory: `make` gives those from one place to another, `size` at most at a time."""

    rows: int
    make: Callable[[int, int], T]
    size: int | None = None  # else `AT_ONCE`

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[T]:
        size = self.size or AT_ONCE
        return (self.make(a, min(a + size, self.rows)) for a in range(0, max(self.rows, 1), size))


def json_pieces(values: Any, *, ascii_only: bool) -> Iterator[str]:
    """What `json.dumps` gives of a value, of an object whose lists may be `Pieces` of lists one piece after the other."""
    if not (isinstance(values, dict) and any(isinstance(value, Pieces) for value in values.values())):
        yield json.dumps(values, ensure_ascii=ascii_only)
        return
    before = "{"
    for key, value in values.items():
        yield f"{before}{json.dumps(key, ensure_ascii=ascii_only)}: "
        before = ", "
        if not isinstance(value, Pieces):
            yield json.dumps(value, ensure_ascii=ascii_only)
            continue
        yield "["
        for number, piece in enumerate(value):
            yield ", " * (number > 0) + json.dumps(piece, ensure_ascii=ascii_only)[1:-1]
        yield "]"
    yield "}"
