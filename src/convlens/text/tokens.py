"""Texts as tokens: one text, and many as flat arrays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tokens:
    """The tokens of one text: `ids` (L,) int64 into the vocabulary and `spans` (start, end) in the text."""

    text: str
    ids: NDArray[np.int64]
    spans: tuple[tuple[int, int], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens as the author wrote them."""
        return tuple(self.text[start:end] for start, end in self.spans)


@dataclass(frozen=True, eq=False)
class ManyTokens:
    """The tokens of many texts, one text after another: text i owns the tokens `starts[i]` to `starts[i + 1]`.

    `ids` (tokens,), `spans` (tokens, 2) in the token's text, `starts` (texts + 1,), all int64. Iterating and
    indexing make the `Tokens` of a text.
    """

    texts: tuple[str, ...]
    ids: NDArray[np.int64]
    spans: NDArray[np.int64]
    starts: NDArray[np.int64]

    @property
    def owners(self) -> NDArray[np.int64]:
        """The text that each token belongs to: (tokens,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> Tokens:
        i = range(len(self))[i]
        some = slice(self.starts[i], self.starts[i + 1])
        return Tokens(self.texts[i], self.ids[some], tuple((a, b) for a, b in self.spans[some].tolist()))

    def __iter__(self) -> Iterator[Tokens]:
        return (self[i] for i in range(len(self)))


def together(tokens: Iterable[Tokens]) -> ManyTokens:
    """Tokenised texts as flat arrays; what is flat already is returned as it is."""
    if isinstance(tokens, ManyTokens):
        return tokens
    tokens = list(tokens)
    ids = np.concatenate([np.zeros(0, np.int64), *(one.ids for one in tokens)])
    spans = flat_spans([one.spans for one in tokens])
    return ManyTokens(tuple(one.text for one in tokens), ids, spans, starts([len(one.ids) for one in tokens]))


def joined(arrays: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Arrays, one at least, one below the other; what is alone among empty ones is not copied, for it may be large."""
    filled = [array for array in arrays if len(array)] or arrays[:1]
    return filled[0] if len(filled) == 1 else np.concatenate(filled)


def flat_spans(spans: Iterable[Iterable[tuple[int, int]]]) -> NDArray[np.int64]:
    """The spans of many texts, one text after another: (tokens, 2)."""
    numbers = chain.from_iterable(chain.from_iterable(spans))
    return np.fromiter(numbers, np.int64).reshape(-1, 2)


def starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of things so long begins when they lie one after another, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
