"""What the page shows, as plain values: no model, no tokeniser, no HTML."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.models import Metrics

Scores = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Document:
    """One document and the exact split of its logits; C classes, k filters, W words shown.

    `text` is the start of a longer one where `cut` is set: `words` counts those of the whole text, and
    `rest` (C,) is what the ones that are not shown add. `spans` are characters of `text`; `scores` (W, C), `bias` and `logits` (C,) are in
    logits; `residual` (C,) is the difference between a logit and the sum of its parts, before any
    rounding. `pooled` (k,) is the value of every filter after the ReLU, `positions` (k,) the first
    word of its n-gram, -1 without one; `hidden` holds the n-grams that reach beyond `text`, by filter.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int], ...]
    words: int
    cut: bool
    truth: int | None
    scores: Scores
    rest: Scores
    bias: Scores
    logits: Scores
    residual: Scores
    pooled: Scores
    positions: NDArray[np.int64]
    hidden: dict[int, str]


@dataclass(frozen=True)
class WordTotal:
    """What a word adds to a class over all documents shown, how often it occurs, and in how many."""

    word: str
    total: float
    count: int
    documents: int


@dataclass(frozen=True)
class ClassWords:
    """The words that speak most for a class, and most against it, the strongest first."""

    positive: tuple[WordTotal, ...]
    negative: tuple[WordTotal, ...]


@dataclass(frozen=True)
class FilterRow:
    """What a filter does: its class, mean activation, share of documents where it is active, and on what."""

    number: int
    region: int
    label: str
    mean: float
    active: float
    ngrams: tuple[tuple[str, float], ...]  # n-gram, activation


@dataclass(frozen=True, eq=False)
class Head:
    """The last layer of a one-layer model: `weights` (k, C) and `biases` (C,), with which the page splits logits over n-grams."""

    weights: Scores
    biases: Scores


@dataclass(frozen=True, eq=False)
class ReportData:
    """A whole report. `metrics` is None for a corpus without labels; `total` counts all its documents.

    A deep model shows no `filters`, and its words split the logits not exactly: `exact` is off.
    `model` and `data` are lines of the head, name and value; `notes` are sentences the reader must not
    miss, such as that the data are a stand-in.
    """

    title: str
    date: str
    version: str
    labels: tuple[str, ...]
    model: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    total: int
    metrics: Metrics | None
    documents: tuple[Document, ...]
    words: tuple[ClassWords, ...]
    filters: tuple[FilterRow, ...]
    head: Head
    exact: bool = True
