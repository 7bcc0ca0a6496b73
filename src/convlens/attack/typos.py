"""The typo attack (Xu & Du 2020, table 2): words made unknown, one by one, the most important first."""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np

from convlens.attack.advancing import Outcome, advance
from convlens.attack.config import RANDOM, AttackConfig
from convlens.attack.lookalikes import typo
from convlens.attack.victims import Edit, Ints, Victim
from convlens.explain import attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, Tokens


def typo_attack(
    classifier: Classifier, victims: Sequence[Victim], order: str, config: AttackConfig
) -> list[Outcome]:
    """Attack every document; its words are ranked once, intact, by their score for its class."""
    target = None if config.target is None else classifier.target(config.target)
    ranked = ranks(classifier, victims, order, config.seed)

    @cache
    def misspelt(word: str) -> str | None:
        return typo(word, classifier.tokenizer)

    def proposals(victim: Victim, places: Ints) -> Iterator[Edit]:
        words = victim.tokens.words
        for place in places.tolist():
            # A word that is unknown already cannot become so.
            if victim.ids[place] != UNKNOWN and (changed := misspelt(words[place])) is not None:
                yield Edit(place, 1, changed, (UNKNOWN,))

    some = [proposals(victim, places) for victim, places in zip(victims, ranked, strict=True)]
    targets = [target] * len(victims)
    return advance(classifier, victims, some, config.edits, targets=targets, apart=False)


def ranks(classifier: Classifier, victims: Sequence[Victim], order: str, seed: int) -> list[Ints]:
    """Places of each document's words, the one to change first first; equals in the order of the text."""
    if order == RANDOM:
        return [np.random.default_rng([seed, v.document]).permutation(len(v.ids)) for v in victims]
    read = [Tokens(v.tokens.text, v.ids, v.tokens.spans[: len(v.ids)]) for v in victims]
    found = attribute_texts(classifier, read, method=order)
    scores = np.split(found.scores, found.offsets[1:-1]) if victims else []
    pairs = zip(victims, scores, strict=True)
    return [np.argsort(-of[:, victim.label], kind="stable") for victim, of in pairs]
