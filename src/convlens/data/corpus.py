"""The value that travels: texts, labels, and an account of the rows that were set aside."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from convlens.arguments import check_settings
from convlens.errors import InputError

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

    `source` is a short name for people, `note` tells how the rows differ from the official ones,
    `notices` are sentences about what reading assumed, to be shown to people. `lines` has the line of each text as
    `Reject` has it, where the texts were read from a table.
    """

    texts: tuple[str, ...]
    labels: tuple[int, ...] | None = None
    label_names: tuple[str, ...] = ()
    source: str = "lists"
    rejected: tuple[Reject, ...] = ()
    note: str = ""
    notices: tuple[str, ...] = ()
    lines: tuple[int, ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        check_settings(self)
        if self.labels is None:
            return
        if len(self.labels) != len(self.texts):
            raise InputError(
                f"{len(self.texts):,} texts came with {len(self.labels):,} labels: give one label a text"
            )
        twice = [name for name, count in Counter(map(str, self.label_names)).items() if count > 1]
        if twice:
            raise InputError(
                f"{self.source}: the label name {twice[0][:40]!r} is there twice: name each class once"
            )
        if self.labels and not 0 <= min(self.labels) <= max(self.labels) < len(self.label_names):
            raise InputError(
                f"labels run from {min(self.labels)} to {max(self.labels)}, "
                f"but there are {len(self.label_names)} label names: number them from 0"
            )

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indices: Iterable[int]) -> "Corpus":
        """Return the rows at `indices`, in that order; what was set aside and said stays behind."""
        chosen = list(indices)
        labels = None if self.labels is None else tuple(self.labels[i] for i in chosen)
        texts = tuple(self.texts[i] for i in chosen)
        lines = tuple(self.lines[i] for i in chosen if self.lines)
        return replace(self, texts=texts, labels=labels, lines=lines, rejected=(), notices=())

    def labelled(self, labels: tuple[int, ...], label_names: tuple[str, ...]) -> "Corpus":
        """Return the same texts with these labels."""
        return replace(self, labels=labels, label_names=label_names)

    def saying(self, *notices: str) -> "Corpus":
        """Return the same corpus with further notices."""
        return replace(self, notices=(*self.notices, *notices))

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each label, in the order of `label_names`; empty when unlabelled."""
        rows = [0] * len(self.label_names)
        for label in self.labels or ():
            rows[label] += 1
        return dict(zip(self.label_names, rows, strict=True)) if self.labels is not None else {}


def check_trainable(corpus: Corpus) -> None:
    """Raise `InputError` unless there are at least two classes and each has at least two rows."""
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
