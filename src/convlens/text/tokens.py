"""Texts as tokens: one text, and many as flat arrays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from convlens.text.documents import Documents

T = TypeVar("T")
Places = NDArray[np.signedinteger[Any]]  # (tokens, 2): int32 wherever that holds them

AT_ONCE = 2**14  # values made at a time: Python's own take ten times the memory of an array's


class ArrayTuple(Sequence[T]):
    """An array that behaves as the tuple of its rows: numbers of an array (n,), tuples of one (n, m)."""

    __slots__ = ("array",)

    def __init__(self, array: NDArray[Any]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, i: int) -> T: ...
    @overload
    def __getitem__(self, i: slice) -> "ArrayTuple[T]": ...
    def __getitem__(self, i: int | slice) -> "T | ArrayTuple[T]":
        return ArrayTuple(self.array[i]) if isinstance(i, slice) else _plain(self.array[i].tolist())

    def __iter__(self) -> Iterator[T]:
        pieces = (self.array[i : i + AT_ONCE].tolist() for i in range(0, len(self), AT_ONCE))
        return map(_plain, chain.from_iterable(pieces))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ArrayTuple):
            return np.array_equal(self.array, other.array)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.array, dtype, copy=copy)


def _plain(row: Any) -> Any:
    return tuple(row) if isinstance(row, list) else row


@dataclass(frozen=True)
class Tokens:
    """The tokens of one text: `ids` (L,) int64 into the vocabulary and `spans` (start, end) in the text."""

    text: str
    ids: NDArray[np.int64]
    spans: Sequence[tuple[int, int]]

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens as the author wrote them."""
        return tuple(self.text[start:end] for start, end in self.spans)


@dataclass(frozen=True, eq=False)
class ManyTokens:
    """The tokens of many texts: `documents` of their numbers, and where each stands in its text, `spans` (tokens, 2).

    Spans are int32 unless a text is too long for that. Iterating and indexing make the `Tokens` of a text.
    """

    texts: tuple[str, ...]
    documents: Documents
    spans: Places

    @property
    def ids(self) -> NDArray[np.int64]:
        """Word numbers of all tokens: (tokens,)."""
        return self.documents.ids

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the tokens of each text begin, and where the last ends: (texts + 1,)."""
        return self.documents.starts

    @property
    def owners(self) -> NDArray[np.int64]:
        """The text that each token belongs to: (tokens,)."""
        return self.documents.owners

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> Tokens:
        i = range(len(self))[i]
        part = slice(self.starts[i], self.starts[i + 1])
        return Tokens(self.texts[i], self.ids[part], ArrayTuple(self.spans[part]))

    def __iter__(self) -> Iterator[Tokens]:
        return (self[i] for i in range(len(self)))


def together(tokens: Iterable[Tokens]) -> ManyTokens:
    """Tokenised texts as flat arrays; what is flat already is returned as it is."""
    if isinstance(tokens, ManyTokens):
        return tokens
    tokens = list(tokens)
    spans = joined([np.zeros((0, 2), np.int32), *(np.array(one.spans).reshape(-1, 2) for one in tokens)])
    return ManyTokens(tuple(one.text for one in tokens), Documents.of([one.ids for one in tokens]), spans)


def joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Arrays, one at least, one below the other; what is alone among empty ones is not copied, for it may be large."""
    filled = [array for array in arrays if len(array)] or arrays[:1]
    return filled[0] if len(filled) == 1 else np.concatenate(filled)


def span_type(characters: int) -> type[np.signedinteger[Any]]:
    """The type of the spans of so many characters."""
    return np.int32 if characters <= np.iinfo(np.int32).max else np.int64
