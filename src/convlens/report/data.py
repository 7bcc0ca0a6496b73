"""What the page shows, as plain values: no model, no tokeniser, no HTML."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.evaluate import Evaluation
from convlens.explain import Sums, VarianceCut
from convlens.filters import FilterCards
from convlens.models import Metrics


@dataclass(frozen=True)
class MethodFacts:
    """A method of `METHODS` that the page shows: how its scores and logits go together, what a score is, and whether
    its sign speaks for or against a class."""

    name: str
    sums: Sums
    about: str
    signed: bool = True


@dataclass(frozen=True, eq=False)
class TokenScores:
    """What one method says of a document for K classes: `scores` (W, K) of the words shown, what all words come to,
    `total` (K,), of which `rest` (K,) is that of the words not shown, and `bias` (K,), what no word owns."""

    scores: Floats
    rest: Floats
    total: Floats
    bias: Floats


@dataclass(frozen=True, eq=False)
class Document:
    """One document, and why it is classified so; C classes, k filters, W words shown.

    `text` is the start of a longer one where `cut` is set: `words` counts those of the whole text. `spans` are
    characters of `text`. `token_scores` are those of the methods of the page; the first holds all C classes, the others those
    of `few`. `logits` (C,). `pooled` (k,) is the value of every filter after the ReLU, `positions` (k,) the first
    word of its n-gram, -1 without one, `held` how many words that has, of a model that reads padding; `hidden` holds the n-grams that reach beyond `text`, by filter. `unknown` are the
    places of the words shown that the vocabulary does not hold.
    """

    number: int
    text: str
    spans: tuple[tuple[int, int], ...]
    words: int
    cut: bool
    truth: int | None
    token_scores: tuple[TokenScores, ...]
    few: tuple[int, ...]
    logits: Floats
    pooled: Floats
    positions: NDArray[np.int64]
    hidden: dict[int, str]
    unknown: tuple[int, ...] = ()
    held: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WordTotal:
    """What a word adds to a class over many documents, how often it occurs, and in how many."""

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
class ImportantWord:
    """A word by each of `IMPORTANCES`: its `values`, and its `places` among all words, 0 where it has no evidence.

    An occurrence `adds` most to class `label`, of all `occurrences` in the documents counted.
    """

    word: str
    values: tuple[float, ...]
    places: tuple[int, ...]
    occurrences: int
    label: int
    adds: float


@dataclass(frozen=True)
class ImportantWords:
    """The first `top` words by each importance, of `vocabulary` words, `seen` of which occur in the documents shown."""

    words: tuple[ImportantWord, ...]
    top: int
    vocabulary: int
    seen: int


@dataclass(frozen=True, eq=False)
class WordMap:
    """Words and slots as points of one plane: `points` (P, 2) between -1 and 1: rows of `words`, then of `important`
    words (disjoint from `words`), then of the slots.

    Each slot belongs to one of `filters`, both counted from 0; `totals` tell of how many words, important words and slots these are some.
    """

    words: tuple[str, ...]
    important: tuple[str, ...]
    filters: tuple[int, ...]
    slots: tuple[int, ...]
    points: Floats
    totals: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Head:
    """The last layer of a one-layer model: `weights` (k, C) and `biases` (C,), with which the page splits logits over n-grams;
    `regions` (k,) are the words that each of its filters reads."""

    weights: Floats
    biases: Floats
    regions: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Points:
    """Documents with words as points of every filter (Jacovi et al. 2018, figure 2): a sample of D of the `total` documents, which
    `numbers` identify, the class `predicted` for each, and `values` (D, k), pooled."""

    numbers: tuple[int, ...]
    predicted: tuple[int, ...]
    values: Floats
    total: int


@dataclass(frozen=True, eq=False)
class Projection:
    """The documents shown, projected to a plane: `points` (panels, D, 2) between -1 and 1, all panels on one scale.

    `panels` name the weighting of each; `groups` are named, and `of` (D,) is the group of each document.
    """

    panels: tuple[str, ...]
    points: Floats
    groups: tuple[str, ...]
    of: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ReportData:
    """A whole report. `metrics` is None for a corpus without labels; `total` counts all its documents, `predicted` (C,) those
    predicted to be in each class.

    `methods` are those of the documents' scores, `left_out` tells of the others. `filters` is None for a deep model and where
    no document has words, and with it `points`; a deep model has no `cuts` of its n-grams; `fit_cut` is the one to begin with. `projection` is None where there are too few documents, and
    `evaluation` where none was asked for. `model` and `data` are lines of the head, name and value; `notes` are
    sentences the reader must not miss, such as that the data are a stand-in.
    """

    title: str
    date: str
    version: str
    labels: tuple[str, ...]
    model: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    total: int
    predicted: tuple[int, ...]
    metrics: Metrics | None
    methods: tuple[MethodFacts, ...]
    left_out: tuple[str, ...]
    documents: tuple[Document, ...]
    words: tuple[ClassWords, ...]
    importance: ImportantWords
    plane: WordMap
    filters: FilterCards | None
    points: Points | None
    head: Head
    cuts: tuple[VarianceCut, ...] = ()
    fit_cut: int = 0
    projection: Projection | None = None
    evaluation: Evaluation | None = None

    @property
    def exact(self) -> bool:
        """Whether the first method splits the logits exactly."""
        return self.methods[0].sums == "exact"
