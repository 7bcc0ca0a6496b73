"""The three corpora of Jacovi et al. 2018, and what their artifacts share of each: networks, cards, verdicts."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from convlens.compress import Parts, three_parts
from convlens.data import STAND_IN, Splits
from convlens.errors import InputError
from convlens.filters import CardConfig, filter_cards
from convlens.models import PRESETS, Classifier, TextCNNConfig
from convlens.papers.artifact import DIFFERS, REPRODUCED, Result
from convlens.papers.store import ArtifactStore, glove

NAMES = {"mr": "MR", "elec": "Elec", "yelp": "Yelp"}
FEWEST = 5  # seeds on MR
NEGATIVES = 20  # of each top n-gram, the lowest, on the cards
EPOCHS = 100  # at most: small corpora take many until the rows held out are told no better
HARDLY_EVER = (
    0.05  # less than this share, wherever a claim says "hardly ever" or a verdict needs "hardly any"
)
Card = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Study:
    """One corpus, and what is made of it once. What is kept of a stand-in is never taken for the whole's."""

    store: ArtifactStore
    data: str

    @property
    def splits(self) -> Splits:
        """Its rows."""
        return self.store.data(self.data)

    @property
    def stands_in(self) -> bool:
        """Whether the rows are others than theirs."""
        return self.splits.train.note.startswith(STAND_IN)

    @property
    def name(self) -> str:
        """As the pages call it; a stand-in says so wherever it is named."""
        return f"{NAMES[self.data]} ({STAND_IN})" if self.stands_in else NAMES[self.data]

    @property
    def seeds(self) -> range:
        """The seeds of figure 1."""
        return (
            self.store.seeds
            if self.store.quick or self.data != "mr"
            else range(max(FEWEST, self.store.most_seeds))
        )

    @property
    def _stem(self) -> str:
        corpus = "" if self.data == "mr" else f"-{self.data}"
        return f"jacovi{corpus}{f'-{STAND_IN}' if self.stands_in else ''}"

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        """JSON values that `make` gives, made once and kept."""
        return self.store.part(f"{self._stem}-{name}", make)

    def model(self, seed: int = 0) -> Classifier:
        """Their smaller network: regions 2, 3 and 4 with 10 filters each, GloVe of 50 numbers, tuned."""
        config = PRESETS["jacovi"].config
        assert isinstance(config.model, TextCNNConfig)
        train = replace(config.train, seed=seed, epochs=self.store.few(EPOCHS, 4))
        config = replace(config, model=replace(config.model, filters=10), train=train)
        return self.store.fitted(f"{self._stem}-{seed}", self.data, config, vectors=lambda: glove(50))

    def rows(self, classifier: Classifier) -> Parts:
        """The rows it was trained on, those held out in training, and the test rows."""
        return three_parts(self.splits, classifier.record)

    def cards(self) -> list[Card]:
        """The cards of all filters over the training rows."""

        def make() -> list[Card]:
            cards = filter_cards(self.model(), self.splits.train, CardConfig(negatives=NEGATIVES))
            return [json.loads(card.to_json()) for card in cards]

        cards: list[Card] = self.part("cards", make)
        return cards


def over_corpora(make: Callable[[Sequence[Study]], Result], store: ArtifactStore) -> Result:
    """What `make` finds on the corpora that are here; those that are not are named below it."""
    here = list(_here(store))
    result = make(here)
    gone = [name for data, name in NAMES.items() if data not in {study.data for study in here}]
    if not gone:
        return result
    return replace(result, body=f"{result.body}\n\nNot to be had, and so left out: {', '.join(gone)}.\n")


def _here(store: ArtifactStore) -> Iterator[Study]:
    for data in NAMES:
        try:
            store.data(data)
        except InputError:
            continue
        yield Study(store, data)


def verdict(holds_on: Mapping[str, bool], claim: str) -> tuple[str, str]:
    """Reproduced where a claim holds on every corpus; and why."""
    off = [name for name, holds in holds_on.items() if not holds]
    return (DIFFERS, f"on {' and '.join(off)} it is not so that {claim}") if off else (REPRODUCED, claim)


def theirs_too(studies: Sequence[Study]) -> list[Study]:
    """The corpora that are the paper's own, without stand-ins."""
    return [study for study in studies if not study.stands_in]


def each(by_corpus: Mapping[str, str]) -> str:
    """What came of each corpus, in one line."""
    return "; ".join(f"{name} {outcome}" for name, outcome in by_corpus.items())


def picture_of(name: str, study: Study) -> str:
    """The file of a picture that each corpus has for itself."""
    return f"{name}.svg" if study.data == "mr" else f"{name}-{study.data}.svg"
