"""The value that travels: texts, labels, and an account of the rows that were set aside."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.shown import listed

SEPARATOR = ";"  # between the labels of a set
STDIN = "-"  # in the place of a file


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was set aside: its 1-based line (row number in Parquet, Arrow and frames), why, and what it held."""

    line: int
    reason: str
    row: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts, and for each the index of its label in `label_names`; `labels` is None when unlabelled.

    Where a text may have several labels or none, `sets` has their indices for each text, in order, in the place of `labels`,
    and `separator` stands between their names.
    `source` is a short name for people, `note` tells how the rows differ from the official ones,
    `notices` are sentences about what reading assumed, to be shown to people. `lines` has the line of each text as
    `Reject` has it, where the texts were read from a table.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...] | None = None
    label_names: tuple[str, ...] = ()
    sets: tuple[tuple[int, ...], ...] | None = field(default=None, kw_only=True)
    separator: str = field(default=SEPARATOR, kw_only=True)
    source: str = "lists"
    rejected: tuple[Reject, ...] = ()
    note: str = ""
    notices: tuple[str, ...] = ()
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        check_settings(self)
        if self.labels is not None and self.sets is not None:
            raise InputError(
                f"{self.source}: both one label and a set of labels came for each text: give one of them"
            )
        labels = self.labels if self.sets is None else self.sets
        if labels is None:
            return
        if len(labels) != len(self.texts):
            raise InputError(
                f"{len(self.texts):,} texts came with {len(labels):,} labels: give one label a text"
            )
        twice = [name for name, count in Counter(map(str, self.label_names)).items() if count > 1]
        if twice:
            raise InputError(
                f"{self.source}: the label name {twice[0][:40]!r} is there twice: name each class once"
            )
        indices = self.labels or tuple({index for of_text in self.sets or () for index in of_text})
        if indices and not 0 <= min(indices) <= max(indices) < len(self.label_names):
            raise InputError(
                f"labels run from {min(indices)} to {max(indices)}, "
                f"but there are {len(self.label_names)} label names: number them from 0"
            )

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indices: Iterable[int]) -> "Corpus":
        """Return the rows at `indices`, in that order; what was set aside and said stays behind."""
        chosen = list(indices)
        labels = None if self.labels is None else tuple(self.labels[i] for i in chosen)
        sets = None if self.sets is None else tuple(self.sets[i] for i in chosen)
        texts = tuple(self.texts[i] for i in chosen)
        lines = tuple(self.lines[i] for i in chosen if self.lines)
        return replace(self, texts=texts, labels=labels, sets=sets, lines=lines, rejected=(), notices=())

    def labelled(self, labels: tuple[int, ...], label_names: tuple[str, ...]) -> "Corpus":
        """Return the same texts with these labels."""
        return replace(self, labels=labels, label_names=label_names, sets=None)

    def of_label(self, name: str) -> "Corpus":
        """Return the same texts with whether each has one label of its set: the classes "not NAME" and NAME.

        A corpus without sets comes back as it is. Raises `InputError` for an unknown label.
        """
        if self.sets is None:
            return self
        if name not in self.label_names:
            raise InputError(
                f"{self.source} has no label {name!r}: its labels are {listed(self.label_names)}"
            )
        number = self.label_names.index(name)
        return self.labelled(tuple(int(number in of_text) for of_text in self.sets), without(name))

    def membership(self) -> NDArray[np.bool_]:
        """Whether each text has each label of its set: (texts, labels)."""
        members = np.zeros((len(self), len(self.label_names)), bool)
        for row, of_text in enumerate(self.sets or ()):
            members[row, list(of_text)] = True
        return members

    def saying(self, *notices: str) -> "Corpus":
        """Return the same corpus with further notices."""
        return replace(self, notices=(*self.notices, *notices))

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each label, in the order of `label_names`; empty when unlabelled."""
        if self.labels is None and self.sets is None:
            return {}
        rows = [0] * len(self.label_names)
        for label in self.labels or (index for of_text in self.sets or () for index in of_text):
            rows[label] += 1
        return dict(zip(self.label_names, rows, strict=True))


def without(name: str) -> tuple[str, str]:
    """The classes that one label of several comes to."""
    return f"not {name}", name


def check_trainable(corpus: Corpus) -> None:
    """Raise `InputError` unless there are at least two classes and each has at least two rows.

    Of labels in sets each needs two rows that have it, and two that do not.
    """
    if corpus.sets is not None:
        _check_sets(corpus)
        return
    if corpus.labels is None:
        raise InputError(
            f"{corpus.source} has no labels: training needs one for each text, name their column with --label"
        )
    counts = {name: rows for name, rows in corpus.counts().items() if rows}
    if len(counts) < 2:
        name = next(iter(counts), "")
        raise InputError(
            f"{corpus.source}: all {len(corpus):,} rows have the label {name!r}: "
            "a classifier needs at least two classes, add rows of another"
        )
    for name, rows in counts.items():
        if rows == 1:
            raise InputError(
                f"{corpus.source}: the class {name!r} has only one row: each class needs at least two "
                "(one to train on, one to test on), add rows or drop the class"
            )


def _check_sets(corpus: Corpus) -> None:
    if len(corpus.label_names) < 2:
        raise InputError(
            f"{corpus.source}: there are {len(corpus.label_names)} different labels in sets: several labels at once need at "
            "least two, and one label is a class of its own beside another"
        )
    for name, rows in corpus.counts().items():
        if min(rows, len(corpus) - rows) < 2:
            raise InputError(
                f"{corpus.source}: {rows:,} of {len(corpus):,} rows have the label {name!r}: each label needs at least two rows "
                "that have it and two that do not, add rows or drop the label"
            )
