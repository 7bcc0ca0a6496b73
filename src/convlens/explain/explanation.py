"""One prediction, taken apart: what every method returns, and how it becomes data."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import RenderableType

from convlens.explain.attribution import Sums
from convlens.explain.html import heatmap
from convlens.explain.terminal import render
from convlens.files import printable


@dataclass(frozen=True, eq=False)
class Explanation:
    """Scores of the tokens (or n-grams) of one text for every class.

    `spans` are character offsets in `text`; `scores` (tokens, classes) and `bias` (classes,), what no
    token owns, are in logits where they are parts of them, which `sums` tells (see `Sums`); `target` is
    the class on show. `known` tells of each token whether the vocabulary holds it, of an n-gram whether it
    holds all its words. `filters` names the filter of each n-gram for methods that score n-grams, and is
    None for words.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]
    logits: NDArray[np.floating[Any]]
    labels: tuple[str, ...]
    target: int
    method: str
    filters: tuple[int, ...] | None = None
    sums: Sums = "exact"
    known: tuple[bool, ...] | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens as the text has them; n-grams with all that stands between their words."""
        return tuple(self.text[start:end] for start, end in self.spans)

    @property
    def unknown(self) -> frozenset[int]:
        """The places of the tokens that the model reads as its one unknown word, and of the n-grams with such."""
        return frozenset(place for place, known in enumerate(self.known or ()) if not known)

    @property
    def predicted(self) -> str:
        """The label with the largest logit."""
        return self.labels[int(self.logits.argmax())]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Softmax of the logits: (classes,)."""
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
        tokens: list[dict[str, Any]] = [{"text": self.text[a:b], "start": a, "end": b} for a, b in self.spans]
        for token, number in zip(tokens, self.filters or (), strict=False):
            token["filter"] = number
        for token, known in zip(tokens, self.known or (), strict=False):
            token["known"] = known
        delta = self.convergence_delta
        return {
            "text": self.text,
            "tokens": tokens,
            "scores": self.scores.tolist(),
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
        }

    def to_json(self) -> str:
        """One line of JSON in ASCII, whatever the text holds."""
        return json.dumps(self.to_dict())

    def to_frame(self) -> pl.DataFrame:
        """One row per token: place, span, text, filter if any, and a score column for each class."""
        columns: dict[str, Any] = {
            "token": range(len(self.spans)),
            "start": [start for start, _ in self.spans],
            "end": [end for _, end in self.spans],
            "text": [printable(token) for token in self.tokens],
        }
        if self.filters is not None:
            columns["filter"] = self.filters
        if self.known is not None:
            columns["known"] = self.known
        scores = {f"score:{label}": self.scores[:, i] for i, label in enumerate(self.labels)}
        return pl.DataFrame(columns | scores)

    def to_html(self) -> str:
        """A self-contained fragment: the text with its words coloured, and a line about the prediction."""
        return heatmap(self)

    _repr_html_ = to_html

    def __rich__(self) -> RenderableType:
        return render(self)
