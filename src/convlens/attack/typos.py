"""The typo attack (Xu & Du 2020, table 2): words made unknown, one by one, the most important first."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from convlens.attack.advancing import Outcome, advance
from convlens.attack.config import RANDOM, AttackConfig
from convlens.attack.exact import Swaps
from convlens.attack.lookalikes import typo
from convlens.attack.victims import Edit, Ints, Victim
from convlens.explain import attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, Tokens

Typo = tuple[str, tuple[int, ...]]  # how the word is written then, and what the tokeniser reads there
Misspelt = Callable[[str], Typo | None]


def typo_attack(
    classifier: Classifier,
    victims: Sequence[Victim],
    order: str,
    config: AttackConfig,
    *,
    swaps: Swaps | None = None,
) -> list[Outcome]:
    """Attack every document; its words are ranked once, intact, by their score for its class.

    The order `exact` asks the `swaps` again after every typo: which word is best made unknown next, by the margins of
    all of them.
    """
    target = None if config.target is None else classifier.target(config.target)

    @cache
    def misspelt(word: str) -> Typo | None:
        changed = typo(word, classifier.tokenizer)
        return (
            None if changed is None else (changed, tuple(classifier.tokenizer.encode(changed).ids.tolist()))
        )

    if swaps is not None:
        some = [_greedily(swaps, victim, target, misspelt) for victim in victims]
    else:
        ranked = ranks(classifier, victims, order, config.seed)
        some = [_in_order(victim, places, misspelt) for victim, places in zip(victims, ranked, strict=True)]
    targets = [target] * len(victims)
    return advance(classifier, victims, some, config.edits, targets=targets, apart=False)


def _in_order(victim: Victim, places: Ints, misspelt: Misspelt) -> Iterator[Edit]:
    words = victim.tokens.words
    for place in places.tolist():
        # A word that is unknown already cannot become so.
        if victim.ids[place] != UNKNOWN and (changed := misspelt(words[place])) is not None:
            yield Edit(place, 1, *changed)


def _greedily(swaps: Swaps, victim: Victim, target: int | None, misspelt: Misspelt) -> Iterator[Edit]:
    """The word next that, unknown beside those before, leaves the least margin."""
    words, ids, left = victim.tokens.words, victim.ids.copy(), victim.ids != UNKNOWN
    while left.any():
        margins = swaps.margins(ids, np.array([[UNKNOWN]]), victim.label, target)[:, 0]
        for place in np.argsort(np.where(left, margins, np.inf), kind="stable")[: left.sum()].tolist():
            left[place] = False
            if (changed := misspelt(words[place])) is not None:
                yield Edit(place, 1, *changed)
                ids[place] = UNKNOWN
                break


def ranks(classifier: Classifier, victims: Sequence[Victim], order: str, seed: int) -> list[Ints]:
    """Places of each document's words, the one to change first first; equals in the order of the text."""
    if order == RANDOM:
        return [np.random.default_rng([seed, v.document]).permutation(len(v.ids)) for v in victims]
    read = [Tokens(v.tokens.text, v.ids, v.tokens.spans[: len(v.ids)]) for v in victims]
    found = attribute_texts(classifier, read, method=order)
    scores = np.split(found.scores, found.offsets[1:-1]) if victims else []
    pairs = zip(victims, scores, strict=True)
    return [np.argsort(-of[:, victim.label], kind="stable") for victim, of in pairs]
