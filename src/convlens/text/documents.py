"""Many documents as one array of word numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError


@dataclass(frozen=True, eq=False)
class Documents:
    """Word numbers one document after another: document i is `ids[starts[i] : starts[i + 1]]`."""

    ids: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name, array in (("ids", self.ids), ("starts", self.starts)):
            if array.ndim != 1 or array.dtype.kind != "i":
                raise InputError(
                    f"{name} of documents are one row of signed integers, got {array.dtype} of shape "
                    f"{array.shape}: convert them to int64"
                )
        ends = (self.starts[0], self.starts[-1]) if len(self.starts) else ()
        if ends != (0, len(self.ids)) or (np.diff(self.starts) < 0).any():
            raise InputError(
                f"starts of documents never fall and lead from 0 to the number of words, {len(self.ids)}, got "
                f"{self.starts}: give where each document begins, and where the last ends"
            )

    @classmethod
    def of(cls, documents: Sequence[NDArray[np.int64]]) -> "Documents":
        """Lay documents one after another."""
        ids = np.concatenate(documents) if documents else np.zeros(0, dtype=np.int64)
        return cls(ids.astype(np.int64, copy=False), starts([len(document) for document in documents]))

    def check(self, vocabulary: int) -> None:
        """Refuse words that a vocabulary of so many does not have."""
        if self.ids.min(initial=0) < 0 or self.ids.max(initial=-1) >= vocabulary:
            raise InputError(
                f"words of documents are numbers from 0 to {vocabulary - 1} in this model, got "
                f"{self.ids.min()} to {self.ids.max()}: encode the texts by the model's own tokenizer"
            )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, i: int) -> NDArray[np.int64]:
        return self.ids[self.starts[i] : self.starts[i + 1]]

    def part(self, first: int, last: int) -> "Documents":
        """Documents `first` to `last` (exclusive)."""
        starts = self.starts[first : last + 1]
        return Documents(self.ids[starts[0] : starts[-1]], starts - starts[0])

    def pieces(self, words: int) -> Iterator["Documents"]:
        """All documents in their order, of so many words at a time, or one longer document."""
        first = 0
        while first < len(self):
            last = int(np.searchsorted(self.starts, self.starts[first] + words, "right")) - 1
            last = max(last, first + 1)
            yield self.part(first, last)
            first = last

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each document."""
        return np.diff(self.starts)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The document that each word belongs to: (words,)."""
        return np.repeat(np.arange(len(self)), self.lengths)


def starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Offsets of consecutive pieces of these lengths, and the end of the last: (n + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
