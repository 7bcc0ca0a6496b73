"""The proof that a model answers as the network that it was made of: on the user's texts, and on hard ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.adopt.served import Served
from convlens.adopt.vocabulary import PADDING, UNKNOWN
from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import Classifier
from convlens.shown import shown
from convlens.text import Documents
from convlens.trace import trace

SQUASHED = {
    "softmax": "probabilities",
    "sigmoid": "probabilities",
    "log_softmax": "log probabilities",
    "": "logits",
}
FEWEST = 32  # texts of the user's that a proof needs


class NotEqual(InputError):
    """A model does not answer as the network: on which text, both answers, and the most probable cause."""


@dataclass(frozen=True)
class Answers:
    """Numbers (D, C) of what kind a network, or its service, gives for texts."""

    values: Floats
    kind: str

    @classmethod
    def of(cls, values: Any, texts: int, classes: int, *, several: bool) -> "Answers":
        """What a service gave, its kind guessed by its values; one column is a probability or a logit of the second class.

        With `several` labels at once probabilities need not add up to 1.
        """
        array = np.asarray(values, np.float64)
        array = array.reshape(texts, -1) if array.size and array.size % max(texts, 1) == 0 else array
        if array.ndim != 2 or len(array) != texts or array.shape[1] not in (classes, 1):
            raise InputError(
                f"reference gave numbers of shape {np.shape(values)} for {texts} texts and {classes} classes: expected ({texts}, {classes})"
            )
        inside = bool(((array >= 0) & (array <= 1)).all())
        sums = np.abs(array.sum(1) - 1).max(initial=0) < 1e-3
        if inside and (sums or several or array.shape[1] == 1):
            return cls(array, "probabilities")
        logs = bool((array <= 0).all()) and np.abs(np.exp(array).sum(1) - 1).max(initial=0) < 1e-3
        return cls(array, "log probabilities" if logs and array.shape[1] > 1 else "logits")


def ours(classifier: Classifier, documents: Sequence[Ints], kind: str, columns: int) -> Floats:
    """A classifier's answers, of one kind, for documents of its word numbers: (D, columns)."""
    logits = trace(classifier, Documents.of(documents)).logits.astype(np.float64)
    return in_kind(classifier, logits, kind, columns)


def in_kind(classifier: Classifier, logits: Floats, kind: str, columns: int) -> Floats:
    """Logits (D, C) as answers of a kind: (D, columns)."""
    if kind == "logits":
        return logits[:, 1:] - logits[:, :1] if columns == 1 else logits
    if kind == "probabilities":
        probabilities = classifier.probabilities(logits).astype(np.float64)
        return probabilities[:, 1:] if columns == 1 else probabilities
    raised = logits - logits.max(1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(1, keepdims=True)))


def excess(values: Floats, expected: Floats) -> Floats:
    """Differences (D,), each over the size of its value where that is above 1."""
    return np.asarray((np.abs(values - expected) / np.maximum(np.abs(expected), 1)).max(1, initial=0))


def hard_texts(classifier: Classifier, texts: Sequence[str], length: int | None) -> list[str]:
    """Texts that most easily tell two networks apart, made of the user's and of the vocabulary."""
    tokenizer = classifier.tokenizer
    words = [word for word in tokenizer.words if word.strip()]
    sample = words[:: max(len(words) // 7, 1)][:7]
    widest = max(getattr(classifier.network.config, "widths", (3,)))
    longest = max(texts, key=len, default="")
    unknown = "qzxvjk wxzqkj"
    hard = ["", " ", unknown.split()[0], unknown, *sample[:2]]
    hard += [" ".join(sample[:count]) for count in range(1, min(widest + 2, 8))]
    hard += [" ".join([*sample, unknown, *sample]), " ".join([longest] * 2)]
    if length is not None:
        hard.append(" ".join(sample * (length // max(len(sample), 1) + 2)))
    return [*hard, *_spelled(tokenizer.words, sample)]


def _spelled(words: Sequence[str], sample: Sequence[str]) -> list[str]:
    """Texts in which padding and the unknown word are spelled out."""
    special = [word for word in words if word in {*PADDING, *UNKNOWN} and word]
    return [f"{' '.join(sample[:3])} {word} {' '.join(sample[3:5])}" for word in special]


@dataclass(frozen=True)
class Comparison:
    """The answers of both for some documents, and how far apart they are."""

    theirs: Floats
    ours: Floats
    kind: str
    several: bool = False  # labels at once

    @property
    def excess(self) -> Floats:
        """How far apart each is, in sizes of its values above 1: (D,)."""
        return excess(self.ours, self.theirs)

    @property
    def different_decisions(self) -> int:
        """Texts on which the two decide otherwise."""
        return int((self._decisions(self.theirs) != self._decisions(self.ours)).any(1).sum())

    def _decisions(self, values: Floats) -> NDArray[np.bool_]:
        if self.several or values.shape[1] == 1:
            return np.asarray(values > (0.5 if self.kind == "probabilities" else 0))
        return np.asarray(values == values.max(1, keepdims=True))


def check(
    comparison: Comparison, texts: Sequence[str], tolerance: float, sides: str, cause: Callable[[], str]
) -> None:
    """Raise `NotEqual` where the answers of both sides, which are named so, differ by more than the tolerance."""
    apart = comparison.excess
    if not len(apart) or apart.max() <= tolerance:
        return
    worst = int(apart.argmax())
    numbers = " and ".join(
        "[" + ", ".join(f"{value:.4g}" for value in values[worst][:4]) + "]"
        for values in (comparison.theirs, comparison.ours)
    )
    count = int((apart > tolerance).sum())
    raise NotEqual(
        f"not equal: {sides} differ on {count:,} of {len(texts):,} texts, {comparison.kind} by up to "
        f"{apart.max():.2g}: {numbers} on {shown(texts[worst])}; most probable cause: {cause()}"
    )


def network_answers(served: Served, documents: Sequence[Ints], squash: str) -> Answers:
    """What the network itself gives for documents of its word numbers, of the kind that its last operation makes."""
    return Answers(served.outputs(documents).astype(np.float64), SQUASHED[squash])
