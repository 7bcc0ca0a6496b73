"""Padding as a part of a model: what it reads beside the words of a text, and how documents become that."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from convlens.arguments import check_settings
from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.text import PAD, Documents, PaddedDocuments, starts

LONGEST = 100_000  # words


@dataclass(frozen=True)
class Padding:
    """How texts are padded before a network reads them. Without settings they are not: no window holds padding.

    A text is cut to `length` words, at its end or, by `cut` "left", at its beginning, and one that is shorter is filled up to
    `length`, or to `least`, on a `side`; then `before` and `after` words of padding are added. All of these have the word
    vector of padding, row 0, which `trained` lets differ from zero. `zeros` are what each convolution adds on its own: "same"
    (n - 1 zero vectors in all, one more on the right where that is odd), "full" (n - 1 on each side), or two numbers
    for each region size.
    """

    length: int | None = None
    least: int = 0
    before: int = 0
    after: int = 0
    side: Literal["left", "right"] = "right"
    cut: Literal["left", "right"] = "right"
    zeros: Literal["none", "same", "full"] | tuple[tuple[int, int], ...] = "none"
    trained: bool = False

    def __post_init__(self) -> None:
        check_settings(self)
        for name in ("length", "least", "before", "after"):
            value = getattr(self, name)
            if value is not None and not (name == "length") <= value <= LONGEST:
                raise InputError(
                    f"{name} of a padding must be from {int(name == 'length')} to {LONGEST:,}, got {value}"
                )
        if self.length is not None and self.least > self.length:
            raise InputError(
                f"texts are cut to {self.length} words, so none can have {self.least}: give length or least"
            )
        if self.trained and not (self.length or self.least or self.before or self.after):
            raise InputError(
                "no word of padding is there to be trained: give length, least, before or after too"
            )
        if isinstance(self.zeros, tuple) and min((0, *(side for both in self.zeros for side in both))) < 0:
            raise InputError(f"zeros of a padding must be at least 0, got {self.zeros}")

    @property
    def adds(self) -> bool:
        """Whether any text is cut or padded."""
        return self != Padding(side=self.side, cut=self.cut)

    @property
    def fewest(self) -> int:
        """Words of the shortest text that is not empty, with its padding."""
        return max(self.length or self.least, 1) + self.before + self.after

    @property
    def told(self) -> str:
        """What it does to texts, for people: empty where it does nothing."""
        places = {"left": "in front", "right": "at the end"}
        side = f" {places[self.side]}" if self.side == "left" else ""
        same = f"cut and padded to {_words(self.length)}{side}"
        apart = f"cut {places[self.cut]} and padded {places[self.side]} to {_words(self.length)}"
        parts = [same if self.cut == self.side else apart] if self.length else []
        parts += [f"padded to {_words(self.least)}{side}"] if self.least else []
        parts += [f"{_words(self.before)} of padding before and {self.after} after"] * (
            self.before + self.after > 0
        )
        zeros = "zeros in the convolution" + (f" ({self.zeros})" if isinstance(self.zeros, str) else "")
        parts += [zeros] * (self.zeros != "none") + ["a padding vector that is trained"] * self.trained
        return ", ".join(parts)

    def check(self, regions: tuple[int, ...]) -> None:
        """Raise `InputError` where it does not fit the region sizes: zeros of each, and a window in every text."""
        if isinstance(self.zeros, tuple) and len(self.zeros) != len(regions):
            raise InputError(
                f"zeros of a padding are two numbers for each of the {len(regions)} region sizes, got {len(self.zeros)}"
            )
        if not self.adds:
            return
        for n, zeros in zip(regions, self.of_regions(regions), strict=True):
            if self.fewest + sum(zeros) < n:
                raise InputError(
                    f"a padded text of one word has {self.fewest + sum(zeros)} places, and a window {n}: pad texts to "
                    f"at least {n} words, by least={n}"
                )

    def of_regions(self, regions: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """Zero vectors before and after a text, for the convolution of each region size."""
        if isinstance(self.zeros, tuple):
            return self.zeros
        if self.zeros == "full":
            return tuple((n - 1, n - 1) for n in regions)
        return tuple(((n - 1) // 2, n // 2) if self.zeros == "same" else (0, 0) for n in regions)

    def around(self, lengths: Ints, widest: int) -> tuple[Ints, Ints]:
        """Words of padding before and after texts of so many words (D,), of which `widest` on a side have the maxima of more."""
        filled = np.maximum((self.length or self.least) - lengths, 0)
        before, after = np.full((2, len(lengths)), ((self.before,), (self.after,)))
        side = before if self.side == "left" else after
        side += filled
        return np.minimum(before, widest), np.minimum(after, widest)


class Reading:
    """How a model reads documents: with padding around each as numbers of words.

    Padding of texts has the number `PAD`. A zero vector of a convolution has a number of its own from the vocabulary's size
    on, for each distance from the text on each side: regions that have none so far out read minus infinity there, so that no
    window of theirs with it wins.
    """

    def __init__(self, padding: Padding, regions: tuple[int, ...], vocabulary: int) -> None:
        self.padding, self.vocabulary, self.widest = padding, vocabulary, max(regions)
        self.zeros = padding.of_regions(regions)
        self.left, self.right = (max(both[side] for both in self.zeros) for side in (0, 1))

    @cached_property
    def size(self) -> int:
        """Words of the vocabulary, and zero vectors of convolutions."""
        return self.vocabulary + self.left + self.right

    def slots(self, region: int, columns: int) -> Floats:
        """What the zero vectors give the slots of a region: (left + right, columns), 0 or minus infinity."""
        reach = self.zeros[region]
        distances = np.concatenate(
            [np.arange(self.left, 0, -1) - reach[0], np.arange(1, self.right + 1) - reach[1]]
        )
        return np.repeat(np.where(distances > 0, -np.inf, 0)[:, None], columns, 1)

    def one(self, ids: Ints) -> Documents:
        """A document (L,) that is read already."""
        document = Documents(ids, np.array([0, len(ids)]))
        if not self.padding.adds:
            return document
        none, all_of_it = np.zeros(1, np.int64), np.array([len(ids)])
        text = Documents(np.minimum(ids, self.vocabulary - 1), document.starts)
        return PaddedDocuments(ids, document.starts, text, none, all_of_it, none)

    def padded(self, documents: Documents) -> Documents:
        """Documents as the model reads them; the same where it adds nothing, or where they are read already."""
        if not self.padding.adds or isinstance(documents, PaddedDocuments):
            return documents
        cut, most = self.padding.cut, self.padding.length
        words = documents.lengths if most is None else np.minimum(documents.lengths, most)
        skipped = documents.lengths - words if cut == "left" else np.zeros_like(words)
        before, after = self.padding.around(words, self.widest)
        there = before + words + after > 0  # an empty text without padding has no window
        left, right = self.left * there, self.right * there
        begins = starts(left + before + words + after + right)
        ids = np.full(begins[-1], PAD, np.int64)
        for zeros, first, at in (
            (self.left, self.vocabulary, begins[:-1]),
            (self.right, self.vocabulary + self.left, begins[1:] - right),
        ):
            for i in range(zeros):
                ids[at[there] + i] = first + i
        padded = PaddedDocuments(ids, begins, documents, left + before, words, skipped)
        ids[padded.places] = documents.ids[padded.sources]
        return padded


def _words(count: int | None) -> str:
    return "1 word" if count == 1 else f"{count} words"
