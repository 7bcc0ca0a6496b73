"""The rows that a model was trained on, which are known again in any file by fingerprints of their texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from convlens.data.corpus import Corpus
from convlens.data.splits import Splits, split_rows
from convlens.errors import InputError

BYTES = 8  # of a fingerprint: of a million texts two are the same by chance once in 10^7 fits

Marks = NDArray[np.int64]  # fingerprints
Rows = NDArray[np.int64]  # numbers of rows, from 0


@dataclass(frozen=True)
class HeldOut:
    """How a fit came by its test rows: a `share` of its file by `seed`, the data set's own `part`, or another `file`.

    `train` and `test` are digests of all texts of both in their order, validation rows among the first; `source` is
    the name of the test data.
    """

    by: Literal["share", "part", "file"]
    source: str
    train: str
    test: str
    share: float | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.by == "share" and not (0 < (self.share or 0) < 1 and 0 <= (self.seed or 0) < 2**32):
            raise InputError(
                f"test rows held out by share {self.share} and seed {self.seed} are impossible: expected a share between "
                "0 and 1, and a seed from 0 on"
            )

    @classmethod
    def share_of(cls, parts: Splits, share: float, seed: int) -> "HeldOut":
        """Of parts that are `split(corpus, share, seed)`."""
        return cls("share", parts.test.source, *_digests(parts), share, seed)

    @classmethod
    def own(cls, parts: Splits) -> "HeldOut":
        """Of the parts of a data set."""
        return cls("part", parts.test.source, *_digests(parts))

    @classmethod
    def file(cls, parts: Splits) -> "HeldOut":
        """Of parts that came from two files."""
        return cls("file", parts.test.source, *_digests(parts))


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """Fingerprints of the different texts, in order of size, that a model learned from and that decided when to stop."""

    train: Marks
    validation: Marks

    @classmethod
    def of(cls, train: Iterable[str], validation: Iterable[str]) -> "TrainedOn":
        """The fingerprints of the texts of a fit."""
        return cls(np.unique(fingerprints(train)), np.unique(fingerprints(validation)))

    def has(self, marks: Marks) -> NDArray[np.bool_]:
        """Whether each fingerprint (D,) is one of them."""
        return np.isin(marks, np.concatenate([self.train, self.validation]))


def divide(corpus: Corpus, known: TrainedOn, held_out: HeldOut | None) -> Splits:
    """The rows of a corpus that a model was trained on, and the others.

    The data of the fit come apart as they did then, in the same order, though a text may be in both parts. In all other data
    every row with the text of a training row counts as one.
    """
    marks = fingerprints(corpus.texts)
    trained = known.has(marks)
    train, test = np.flatnonzero(trained), np.flatnonzero(~trained)
    if held_out is not None and digest(marks) == held_out.test:
        train, test = test[:0], np.arange(len(marks))
    elif held_out is not None and (rows := _rows_of_fit(corpus, marks, held_out)) is not None:
        train, test = rows
    return Splits(corpus.take(train.tolist()), corpus.take(test.tolist()))


def _rows_of_fit(corpus: Corpus, marks: Marks, held_out: HeldOut) -> tuple[Rows, Rows] | None:
    """Both parts of the fit's split; None where the corpus is not the one that was split."""
    if held_out.share is None or held_out.seed is None or (corpus.labels is None and corpus.sets is None):
        return None
    try:
        train, test = map(np.asarray, split_rows(corpus, held_out.share, held_out.seed))
    except InputError:  # too few rows for it
        return None
    same = (digest(marks[train]), digest(marks[test])) == (held_out.train, held_out.test)
    return (train, test) if same else None


def fingerprints(texts: Iterable[str]) -> Marks:
    """A number for each text (D,); texts that differ in line ends, white space around them or Unicode form have the same."""
    plain = (normalize("NFC", text.strip().replace("\r\n", "\n")) for text in texts)
    hashes = [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=BYTES).digest() for text in plain]
    return np.frombuffer(b"".join(hashes), dtype="<i8").astype(np.int64)


def _digests(parts: Splits) -> tuple[str, str]:
    return digest(fingerprints(parts.train.texts)), digest(fingerprints(parts.test.texts))


def digest(marks: Marks) -> str:
    """One short name for many fingerprints in their order."""
    return blake2b(marks.astype("<i8").tobytes(), digest_size=BYTES).hexdigest()
