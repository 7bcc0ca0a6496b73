"""The typo attack (Xu & Du 2020, table 2): words made unknown, one by one, the most important first."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from convlens.arrays import Ints
from convlens.attack.attacked import AttackedDocument, Edit
from convlens.attack.config import RANDOM, AttackConfig
from convlens.attack.exact import Swaps
from convlens.attack.greedy_batch import AttackOutcome, greedy_batch
from convlens.attack.lookalikes import typo
from convlens.explain import attribute_texts
from convlens.models import Classifier
from convlens.text import UNKNOWN, Tokens

Typo = tuple[str, tuple[int, ...]]  # how the word is written then, and what the tokeniser reads there
Misspelt = Callable[[str], Typo | None]


def typo_attack(
    classifier: Classifier,
    documents: Sequence[AttackedDocument],
    order: str,
    config: AttackConfig,
    *,
    swaps: Swaps | None = None,
) -> list[AttackOutcome]:
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
        proposals = [_greedily(swaps, attacked, target, misspelt) for attacked in documents]
    else:
        ranked = ranks(classifier, documents, order, config.seed)
        proposals = [
            _in_order(attacked, places, misspelt) for attacked, places in zip(documents, ranked, strict=True)
        ]
    targets = [target] * len(documents)
    return greedy_batch(classifier, documents, proposals, config.edits, targets=targets, apart=False)


def _in_order(attacked: AttackedDocument, places: Ints, misspelt: Misspelt) -> Iterator[Edit]:
    words = attacked.tokens.words
    for place in places.tolist():
        # A word that is unknown already cannot become so.
        if attacked.ids[place] != UNKNOWN and (changed := misspelt(words[place])) is not None:
            yield Edit(place, 1, *changed)


def _greedily(
    swaps: Swaps, attacked: AttackedDocument, target: int | None, misspelt: Misspelt
) -> Iterator[Edit]:
    """The word next that, unknown beside those before, leaves the least margin."""
    words, ids, left = attacked.tokens.words, attacked.ids.copy(), attacked.ids != UNKNOWN
    while left.any():
        margins = swaps.margins(ids, np.array([[UNKNOWN]]), attacked.label, target)[:, 0]
        for place in np.argsort(np.where(left, margins, np.inf), kind="stable")[: left.sum()].tolist():
            left[place] = False
            if (changed := misspelt(words[place])) is not None:
                yield Edit(place, 1, *changed)
                ids[place] = UNKNOWN
                break


def ranks(classifier: Classifier, documents: Sequence[AttackedDocument], order: str, seed: int) -> list[Ints]:
    """Places of each document's words, the one to change first first; equals in the order of the text."""
    if order == RANDOM:
        return [
            np.random.default_rng([seed, attacked.document]).permutation(len(attacked.ids))
            for attacked in documents
        ]
    read = [
        Tokens(attacked.tokens.text, attacked.ids, attacked.tokens.spans[: len(attacked.ids)])
        for attacked in documents
    ]
    explanations = attribute_texts(classifier, read, method=order)
    scores = np.split(explanations.scores, explanations.offsets[1:-1]) if documents else []
    pairs = zip(documents, scores, strict=True)
    return [np.argsort(-of[:, attacked.label], kind="stable") for attacked, of in pairs]
