"""The insertion attack (Jacovi et al. 2018): n-grams of the other classes' filters, put before a document."""

from collections.abc import Iterator, Sequence

import numpy as np

from convlens.arrays import Ints
from convlens.attack.attacked import AttackedDocument, Edit, realised
from convlens.attack.config import RANDOM, AttackConfig
from convlens.attack.greedy_batch import AttackOutcome, greedy_batch, logits_of
from convlens.attack.possible import possible_ngrams
from convlens.models import Classifier, TextCNN, one_layer
from convlens.text import UNKNOWN
from convlens.trace import region_slots, top_ngrams

TOP = 20  # natural n-grams of a filter, of which the best without an unknown word is taken


def insertion_attack(
    classifier: Classifier,
    documents: Sequence[AttackedDocument],
    order: str,
    config: AttackConfig,
    ngrams: Sequence[Ints],
) -> list[AttackOutcome]:
    """Put n-grams before each document, those first that add most to the target less the true class.

    `ngrams` has one n-gram for each filter; with the order `random` any words stand in its stead.
    """
    model = one_layer(classifier.model, "an insertion").eval()
    targets = _targets(classifier, documents, config.target)
    writable = _writable(classifier, ngrams)
    head = model.filter_weights.cpu().numpy()  # (C, k)
    pooled = model.weights.pooled(np.array([_score(model, f, ids) for f, ids in enumerate(ngrams)]))

    def proposals(attacked: AttackedDocument, target: int) -> Iterator[Edit]:
        gain = (head[target] - head[attacked.label]) * pooled
        gain[head.argmax(0) != target] = -np.inf
        rng = np.random.default_rng([config.seed, attacked.document])
        for f in np.argsort(-gain, kind="stable")[: int((gain > 0).sum())]:
            ids = _chance(model, len(ngrams[f]), rng) if order == RANDOM else writable[f]
            if len(ids):
                yield _inserted(classifier, ids)

    edits = [proposals(attacked, target) for attacked, target in zip(documents, targets, strict=True)]
    wanted = [None if config.target is None else target for target in targets]
    return greedy_batch(classifier, documents, edits, config.edits, targets=wanted, apart=True)


def filter_ngrams(classifier: Classifier, texts: Sequence[str], order: str) -> list[Ints]:
    """The n-gram of every filter: the best in texts without unknown words (none where there is none), or the best possible."""
    model = one_layer(classifier.model, "an insertion")
    if order != "natural":
        return possible_ngrams(model)
    top = top_ngrams(model, classifier.tokenizer.documents(texts), TOP)
    ngrams: list[Ints] = []
    for words, n in zip(top.words, model.config.widths, strict=True):
        known = [row[:n] for row in words if (row[:n] > UNKNOWN).all()]
        ngrams.append(known[0] if known else np.zeros(0, np.int64))
    return ngrams


def _targets(classifier: Classifier, documents: Sequence[AttackedDocument], target: str | None) -> list[int]:
    """The class to drive each document to: the given one, or the one that is next."""
    if target is not None:
        return [classifier.target(target)] * len(documents)
    logits = logits_of(classifier, [attacked.ids for attacked in documents])
    logits[np.arange(len(documents)), [attacked.label for attacked in documents]] = -np.inf
    nearest: list[int] = logits.argmax(1).tolist()
    return nearest


def _score(model: TextCNN, f: int, ids: Ints) -> float:
    """What a filter makes of its n-gram."""
    ends = np.cumsum(model.config.counts)
    region = int(np.searchsorted(ends, f, "right"))
    own = f - int(ends[region]) + model.config.counts[region]
    slots = region_slots(model, region, ids)[np.arange(len(ids)), np.arange(len(ids)), own]
    return float(slots.sum() + model.filter_biases[f]) if len(ids) else 0.0


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
