"""Many documents as one array of word numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
        """Refuse words that a vocabulary of so many does not have: `InputError`."""
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

    @property
    def without_padding(self) -> "Documents":
        """The documents as they were before a model with padding read them."""
        return self

    def of_texts(self, values: NDArray[Any]) -> NDArray[Any]:
        """`values` (words, ...) of documents as they are read, for the words of the texts: 0 for those that are not read."""
        return values

    def place(self, i: int) -> slice:
        """Where the words that are read stand in document i."""
        return slice(0, int(self.lengths[i]))

    def read(self, i: int) -> slice:
        """Which words of text i these are."""
        return slice(0, int(self.lengths[i]))

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each document."""
        return np.diff(self.starts)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The document that each word belongs to: (words,)."""
        return np.repeat(np.arange(len(self)), self.lengths)


@dataclass(frozen=True, eq=False)
class PaddedDocuments(Documents):
    """Documents as a model with padding reads them: `ids` and `starts` are those with padding, of the `texts` without.

    Of text i the model reads `words[i]` words from its word `skipped[i]` on, which stand behind `before[i]` of padding.
    """

    texts: Documents
    before: NDArray[np.int64]
    words: NDArray[np.int64]
    skipped: NDArray[np.int64]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where among all `ids` the words of the texts stand: (words read,)."""
        return _runs(self.starts[:-1] + self.before, self.words)

    @cached_property
    def sources(self) -> NDArray[np.int64]:
        """Where among the ids of the texts these words stand: (words read,)."""
        return _runs(self.texts.starts[:-1] + self.skipped, self.words)

    def check(self, vocabulary: int) -> None:
        """See `Documents.check`: of the texts without padding."""
        self.texts.check(vocabulary)

    def part(self, first: int, last: int) -> "PaddedDocuments":
        """See `Documents.part`."""
        part, rows = super().part(first, last), slice(first, last)
        return PaddedDocuments(
            part.ids,
            part.starts,
            self.texts.part(first, last),
            self.before[rows],
            self.words[rows],
            self.skipped[rows],
        )

    @property
    def without_padding(self) -> Documents:
        """See `Documents.without_padding`."""
        return self.texts

    def of_texts(self, values: NDArray[Any]) -> NDArray[Any]:
        """See `Documents.of_texts`."""
        of_texts = np.zeros((len(self.texts.ids), *values.shape[1:]), values.dtype)
        of_texts[self.sources] = values[self.places]
        return of_texts

    def place(self, i: int) -> slice:
        """See `Documents.place`."""
        return slice(int(self.before[i]), int(self.before[i] + self.words[i]))

    def read(self, i: int) -> slice:
        """See `Documents.read`."""
        return slice(int(self.skipped[i]), int(self.skipped[i] + self.words[i]))


def _runs(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from each of `begins` on, as many as it is long, one run after another."""
    numbers: NDArray[np.int64] = np.repeat(begins - (np.cumsum(lengths) - lengths), lengths)
    numbers += np.arange(len(numbers))
    return numbers


def starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Offsets of consecutive pieces of these lengths, and the end of the last: (n + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
