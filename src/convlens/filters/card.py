"""The card of a filter (Jacovi et al. 2018, section 6.1), and how it becomes data."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from convlens.files import printable
from convlens.filters.config import CardConfig

DETECTED = 3  # clusters of which the table names an n-gram


@dataclass(frozen=True)
class Ngram:
    """An n-gram as it stands in the text where it occurs first, or of words of the vocabulary where it never does.

    `score` is the sum of `slots` and the filter's bias; `count` is how often it occurs, in how many `documents`.
    """

    text: str
    words: tuple[str, ...]
    score: float
    slots: tuple[float, ...]
    count: int
    documents: int


@dataclass(frozen=True)
class Cluster:
    """N-grams that fill the slots alike: how many different ones, their occurrences, the share of all of the filter's, the
    centroid, and those that score most."""

    ngrams: int
    occurrences: int
    share: float
    centroid: tuple[float, ...]
    examples: tuple[Ngram, ...]


@dataclass(frozen=True)
class Negative:
    """An n-gram that does not pass, `distance` words away from one that does, and whether it is of case 2."""

    ngram: Ngram
    distance: int
    case_2: bool


@dataclass(frozen=True)
class Negatives:
    """The natural n-grams near `of` that do not pass: how many there are, how many of case 2, and the lowest."""

    of: Ngram
    total: int
    case_2: int
    lowest: tuple[Negative, ...]


@dataclass(frozen=True)
class SlotWord:
    """A word and what it gives a slot."""

    word: str
    score: float


@dataclass(frozen=True)
class FilterCard:
    """What one filter has learned, over one corpus.

    `label` is the name of its class (`class` in JSON and tables), `weight` its head weight there and `margin` how far
    that is above the next class's. `threshold` and `purity` are None where the purity is never reached; then there are
    no clusters and no negatives. `passing` counts the windows that pass; the clusters are those of the share `sampled`
    of the n-grams, `groups` how many there are. `gap` is how much less the best natural n-gram scores than the best
    possible one, as a share and without the bias. `slots` are the best words of each. Under dense layers, where its weight
    differs from text to text, the filter `speaks` for its class in that share of the texts that it adds anything to.
    """

    filter: int
    region: int
    label: str
    weight: float
    margin: float
    bias: float
    threshold: float | None
    purity: float | None
    coverage: float
    passing: int
    sampled: float
    gap: float | None
    top_natural: tuple[Ngram, ...]
    top_possible: tuple[Ngram, ...]
    groups: int
    clusters: tuple[Cluster, ...]
    negatives: tuple[Negatives, ...]
    slots: tuple[tuple[SlotWord, ...], ...]
    speaks: float | None = None

    @property
    def detects(self) -> tuple[str, ...]:
        """The best n-gram of each of the largest clusters; of all natural n-grams where there is no cluster."""
        ngrams = [cluster.examples[0] for cluster in self.clusters[:DETECTED]] or self.top_natural[:1]
        return tuple(ngram.text for ngram in ngrams)

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {"class" if name == "label" else name: value for name, value in asdict(self).items()}

    def to_json(self) -> str:
        """One line of JSON in ASCII."""
        return json.dumps(self.to_dict(), allow_nan=False)


@dataclass(frozen=True)
class FilterCards:
    """The cards of filters, in their order, over `documents` with `words` in all; n-grams are those of `ngram_documents` of them."""

    cards: tuple[FilterCard, ...]
    documents: int
    words: int
    config: CardConfig
    ngram_documents: int

    def __len__(self) -> int:
        return len(self.cards)

    def __getitem__(self, i: int) -> FilterCard:
        return self.cards[i]

    def __iter__(self) -> Iterator[FilterCard]:
        return iter(self.cards)

    @property
    def frame(self) -> pl.DataFrame:
        """One row for each card, n-grams, clusters and negatives as lists of structs."""
        return pl.DataFrame([_plain(card.to_dict()) for card in self], schema=SCHEMA)


def _plain(value: Any) -> Any:
    """The same without lone surrogates, which no column can hold."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


NUMBERS = pl.List(pl.Float64)
NGRAM = pl.Struct(
    {
        "text": pl.String,
        "words": pl.List(pl.String),
        "score": pl.Float64,
        "slots": NUMBERS,
        "count": pl.Int64,
        "documents": pl.Int64,
    }
)
CLUSTER = pl.Struct(
    {
        "ngrams": pl.Int64,
        "occurrences": pl.Int64,
        "share": pl.Float64,
        "centroid": NUMBERS,
        "examples": pl.List(NGRAM),
    }
)
LOWEST = pl.Struct({"ngram": NGRAM, "distance": pl.Int64, "case_2": pl.Boolean})
NEGATIVES = pl.Struct({"of": NGRAM, "total": pl.Int64, "case_2": pl.Int64, "lowest": pl.List(LOWEST)})
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "filter": pl.Int64,
    "region": pl.Int64,
    "class": pl.String,
    **dict.fromkeys(("weight", "margin", "bias", "threshold", "purity", "coverage"), pl.Float64),
    "passing": pl.Int64,
    "sampled": pl.Float64,
    "gap": pl.Float64,
    "top_natural": pl.List(NGRAM),
    "top_possible": pl.List(NGRAM),
    "groups": pl.Int64,
    "clusters": pl.List(CLUSTER),
    "negatives": pl.List(NEGATIVES),
    "slots": pl.List(pl.List(pl.Struct({"word": pl.String, "score": pl.Float64}))),
    "speaks": pl.Float64,
}
