"""The insertion attack (Jacovi et al. 2018): n-grams of the other classes' filters, put before a document."""

from collections.abc import Iterator, Sequence

import numpy as np

from convlens.attack.advancing import Outcome, advance, logits_of
from convlens.attack.config import RANDOM, AttackConfig
from convlens.attack.possible import possible_ngrams
from convlens.attack.victims import Edit, Ints, Victim, realised
from convlens.models import Classifier, TextCNN, one_layer
from convlens.text import UNKNOWN
from convlens.trace import region_slots, top_ngrams

TOP = 20  # natural n-grams of a filter, of which the best without an unknown word is taken


def insertion_attack(
    classifier: Classifier, victims: Sequence[Victim], order: str, config: AttackConfig, found: Sequence[Ints]
) -> list[Outcome]:
    """Put n-grams before each document, those first that add most to the target less the true class.

    `found` has one n-gram for each filter; with the order `random` any words stand in its stead.
    """
    model = one_layer(classifier.model, "an insertion").eval()
    targets = _targets(classifier, victims, config.target)
    ngrams = _writable(classifier, found)
    head = model.head.weight.detach().cpu().numpy()  # (C, k)
    pooled = np.array([_score(model, f, ids) for f, ids in enumerate(found)]).clip(min=0)

    def proposals(victim: Victim, target: int) -> Iterator[Edit]:
        gain = (head[target] - head[victim.label]) * pooled
        gain[head.argmax(0) != target] = -np.inf
        rng = np.random.default_rng([config.seed, victim.document])
        for f in np.argsort(-gain, kind="stable")[: int((gain > 0).sum())]:
            ids = _chance(model, len(found[f]), rng) if order == RANDOM else ngrams[f]
            if len(ids):
                yield _inserted(classifier, ids)

    some = [proposals(victim, target) for victim, target in zip(victims, targets, strict=True)]
    wanted = [None if config.target is None else target for target in targets]
    return advance(classifier, victims, some, config.edits, targets=wanted, apart=True)


def filter_ngrams(classifier: Classifier, texts: Sequence[str], order: str) -> list[Ints]:
    """The n-gram of every filter: the best in texts without unknown words (none where there is none), or the best possible."""
    model = one_layer(classifier.model, "an insertion")
    if order != "natural":
        return possible_ngrams(model)
    top = top_ngrams(model, classifier.tokenizer.documents(texts), TOP)
    found: list[Ints] = []
    for words, n in zip(top.words, model.config.widths, strict=True):
        known = [row[:n] for row in words if (row[:n] > UNKNOWN).all()]
        found.append(known[0] if known else np.zeros(0, np.int64))
    return found


def _targets(classifier: Classifier, victims: Sequence[Victim], target: str | None) -> list[int]:
    """The class to drive each document to: the given one, or the one that is next."""
    if target is not None:
        return [classifier.target(target)] * len(victims)
    logits = logits_of(classifier, [victim.ids for victim in victims])
    logits[np.arange(len(victims)), [victim.label for victim in victims]] = -np.inf
    found: list[int] = logits.argmax(1).tolist()
    return found


def _score(model: TextCNN, f: int, ids: Ints) -> float:
    """What a filter makes of its n-gram."""
    ends = np.cumsum(model.config.counts)
    region = int(np.searchsorted(ends, f, "right"))
    own = f - int(ends[region]) + model.config.counts[region]
    given = region_slots(model, region, ids)[np.arange(len(ids)), np.arange(len(ids)), own]
    return float(given.sum() + model.filter_biases[f]) if len(ids) else 0.0


def _writable(classifier: Classifier, ngrams: Sequence[Ints]) -> list[Ints]:
    """Those that the tokeniser reads as they are; without words where it does not."""
    texts = [_text(classifier, ids) for ids in ngrams]
    good = realised(classifier.tokenizer.whole, texts, ngrams)
    return [ids if fits else ids[:0] for ids, fits in zip(ngrams, good, strict=True)]


def _chance(model: TextCNN, n: int, rng: np.random.Generator) -> Ints:
    return rng.integers(UNKNOWN + 1, model.embed.num_embeddings, n)


def _inserted(classifier: Classifier, ids: Ints) -> Edit:
    return Edit(0, 0, _text(classifier, ids) + " ", tuple(ids.tolist()))


def _text(classifier: Classifier, ids: Ints) -> str:
    return " ".join(classifier.tokenizer.word(number) for number in ids.tolist())
