"""One prediction, taken apart: what every method returns, and how it becomes data."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType

from convlens.explain.attribution import Sums
from convlens.explain.html import heatmap
from convlens.explain.terminal import render
from convlens.files import Pieces, json_pieces, printable

IN_JSON = 2**14  # tokens that become JSON at a time: bounds memory

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Explanation:
    """Scores of the tokens (or n-grams) of one text for every class.

    `spans` are character offsets in `text`; `scores` (tokens, classes) and `bias` (classes,), what no
    token owns, are in logits where they are parts of them, which `sums` tells (see `Sums`); `target` is
    the class on show. `known` tells of each token whether the vocabulary holds it, of an n-gram whether it
    holds all its words. `filters` names the filter of each n-gram for methods that score n-grams, and is
    None for words. `padding` (classes,), of a model that reads padding, is the part of the bias that its windows give for
    words of padding. With a `label_separator` a text may have several labels: each logit has its own probability.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]
    logits: NDArray[np.floating[Any]]
    labels: tuple[str, ...]
    target: int
    method: str
    filters: Sequence[int] | None = None
    sums: Sums = "exact"
    known: Sequence[bool] | None = None
    padding: NDArray[np.floating[Any]] | None = None
    label_separator: str | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens as the text has them; n-grams with all that stands between their words."""
        return tuple(self.text[start:end] for start, end in self.spans)

    @property
    def unknown(self) -> frozenset[int]:
        """The places of the tokens that the model reads as its one unknown word, and of the n-grams with such."""
        return frozenset(place for place, known in enumerate(self.known or ()) if not known)

    @property
    def unknown_count(self) -> int:
        """How many these are."""
        return 0 if self.known is None else len(self.known) - int(np.count_nonzero(self.known))

    def is_unknown(self, place: int) -> bool:
        """Whether the token at a place is one of them."""
        return self.known is not None and place < len(self.known) and not self.known[place]

    @property
    def predicted(self) -> str:
        """The label with the largest logit; of several at once, see `predicted_labels` for all of them."""
        return self.labels[int(self.logits.argmax())]

    @property
    def predicted_labels(self) -> tuple[str, ...]:
        """The label predicted; of several at once all whose logit is above 0."""
        if self.label_separator is None:
            return (self.predicted,)
        return tuple(label for label, logit in zip(self.labels, self.logits, strict=True) if logit > 0)

    @property
    def answer(self) -> tuple[str, str]:
        """What is predicted, and how probable it is, for people; where no label is, the most probable one is told."""
        of_label = dict(zip(self.labels, self.probabilities, strict=True))
        if not self.predicted_labels:
            return "no label", f"most probable {self.predicted}, {of_label[self.predicted]:.1%}"
        separator = f"{self.label_separator} "
        shares = [f"{of_label[label]:.1%}" for label in self.predicted_labels]
        return separator.join(self.predicted_labels), separator.join(shares)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Softmax of the logits: (classes,); of several labels at once the sigmoid of each."""
        if self.label_separator is not None:
            return np.asarray(np.exp(-np.logaddexp(0, -self.logits.astype(np.float64))))
        raised = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return np.asarray(raised / raised.sum())

    @property
    def residual(self) -> float | None:
        """Largest difference between a logit and its parts, round-off; None for a method that is not exact."""
        return None if self.sums != "exact" else float(np.abs(self._excess).max())

    @property
    def convergence_delta(self) -> NDArray[np.float64] | None:
        """What scores and bias of an approximate method exceed each logit by: (classes,); None for other methods."""
        return None if self.sums != "approximate" else self._excess

    @property
    def _excess(self) -> NDArray[np.float64]:
        return np.asarray(self.scores.sum(0, dtype=np.float64) + self.bias - self.logits)

    def to_dict(self) -> dict[str, Any]:
        """JSON values: tokens with their offsets, scores (tokens x classes), bias, logits and the rest."""
        values = self.json_values()
        return {k: [*chain(*value)] if isinstance(value, Pieces) else value for k, value in values.items()}

    def json_values(self) -> dict[str, Any]:
        """The same, tokens and scores some at a time: those of a text of millions of words need no memory as a whole."""
        delta, scores = self.convergence_delta, self.scores
        return {
            "text": self.text,
            "tokens": Pieces(len(self.spans), self._tokens, IN_JSON),
            "scores": Pieces(len(scores), lambda first, last: scores[first:last].tolist(), IN_JSON),
            "bias": self.bias.tolist(),
            "logits": self.logits.tolist(),
            "probabilities": self.probabilities.tolist(),
            "labels": list(self.labels),
            "predicted": self.predicted,
            "target": self.labels[self.target],
            "method": self.method,
            "sums": self.sums,
            "residual": self.residual,
            "convergence_delta": None if delta is None else delta.tolist(),
        } | self._further()

    def _further(self) -> dict[str, Any]:
        """The JSON values that only some models have."""
        several = {} if self.label_separator is None else {"predicted_labels": list(self.predicted_labels)}
        return several | ({} if self.padding is None else {"padding": self.padding.tolist()})

    def to_json(self) -> str:
        """One line of JSON in ASCII, whatever the text holds."""
        return "".join(json_pieces(self.json_values(), ascii_only=True))

    def to_frame(self) -> "pl.DataFrame":
        """One row per token: place, span, text, filter if any, and a score column for each class."""
        return self._frame(0, len(self.spans))

    @property
    def frames(self) -> "Pieces[pl.DataFrame]":
        """The rows of `to_frame`, some at a time."""
        return Pieces(len(self.spans), self._frame)

    def _tokens(self, first: int, last: int) -> list[dict[str, Any]]:
        """Some tokens as JSON values."""
        part, text = slice(first, last), self.text
        tokens: list[dict[str, Any]] = [
            {"text": text[a:b], "start": a, "end": b} for a, b in self.spans[part]
        ]
        for name, values in (("filter", self.filters), ("known", self.known)):
            for token, value in zip(tokens, () if values is None else values[part], strict=False):
                token[name] = value
        return tokens

    def _frame(self, first: int, last: int) -> "pl.DataFrame":
        """The rows of some tokens."""
        import polars as pl  # here: a single answer needs none

        part, text = slice(first, last), self.text
        spans = np.array(self.spans[part], np.int64).reshape(-1, 2)
        columns: dict[str, Any] = {
            "token": np.arange(first, last),
            "start": spans[:, 0],
            "end": spans[:, 1],
            "text": pl.Series([printable(text[a:b]) for a, b in self.spans[part]], dtype=pl.String),
        }
        if self.filters is not None:
            columns["filter"] = np.array(self.filters[part], np.int64)
        if self.known is not None:
            columns["known"] = np.array(self.known[part], bool)
        scores = {f"score:{label}": self.scores[part, i] for i, label in enumerate(self.labels)}
        return pl.DataFrame(columns | scores)

    def to_html(self) -> str:
        """A self-contained fragment: the text with its words coloured, and a line about the prediction."""
        return heatmap(self)

    _repr_html_ = to_html

    def __rich__(self) -> RenderableType:
        return render(self)
