"""The documents of an evaluation, each with what every method says of its words."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import evenly
from convlens.data import Corpus
from convlens.errors import InputError
from convlens.evaluate.config import EvaluateConfig, scoring
from convlens.explain import attribute_texts
from convlens.models import Classifier
from convlens.text import Documents, Tokens
from convlens.trace import Tracer

AT_ONCE = 64  # documents scored at a time: bounds memory, and is how often a bar moves
SCORES = 2**22  # of words for classes by one method at a time

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoredDocument:
    """Word numbers `ids` (L,), true and predicted class, and the scores (methods, L) for each of these classes."""

    ids: NDArray[np.int64]
    truth: int
    predicted: int
    for_truth: Numbers
    for_predicted: Numbers

    def rng(self, seed: int) -> np.random.Generator:
        """Chance that follows from the seed and the words, and not from the document's place."""
        return np.random.default_rng([seed, zlib.crc32(self.ids.tobytes())])


def encode(
    classifier: Classifier, corpus: Corpus, config: EvaluateConfig
) -> tuple[list[Tokens], list[int], int]:
    """The documents that an evaluation takes, their true classes, and how many were long enough."""
    if corpus.labels is None:
        raise InputError(
            f"{corpus.source} has no labels: an evaluation asks whether decisions are right, name their column with "
            "--label"
        )
    tokens = [classifier.tokenizer.encode(text) for text in corpus.texts]
    long = [i for i, one in enumerate(tokens) if len(one.ids) >= config.min_words]
    if not long:
        longest = max((len(one.ids) for one in tokens), default=0)
        raise InputError(
            f"{corpus.source} has no document of {config.min_words:,} words or more, the longest has {longest:,}: "
            "lower --min-words"
        )
    chosen = [long[i] for i in evenly(len(long), config.documents or len(long))]
    return [tokens[i] for i in chosen], [corpus.labels[i] for i in chosen], len(long)


def scored(
    classifier: Classifier,
    tokens: Sequence[Tokens],
    truths: Sequence[int],
    methods: Sequence[str],
    *,
    source: Tracer | None = None,
) -> Iterator[ScoredDocument]:
    """Score documents by all methods but `ORDERS`, some at a time; those that read a trace take it from the source."""
    names = scoring(methods)
    true_classes = iter(truths)
    for batch in in_batches(tokens, len(classifier.labels)):
        predicted = classifier.logits([one.text for one in batch]).argmax(1).tolist()
        attributions = [attribute_texts(classifier, batch, method=name, source=source) for name in names]
        for i, (one, *classes) in enumerate(
            zip(batch, islice(true_classes, len(batch)), predicted, strict=True)
        ):
            scores = [f.scores[f.offsets[i] : f.offsets[i + 1]] for f in attributions]  # each (L, C)
            of_true, of_predicted = (
                np.array([s[:, label] for s in scores], dtype=np.float64).reshape(len(names), len(one.ids))
                for label in classes
            )
            yield ScoredDocument(one.ids, classes[0], classes[1], of_true, of_predicted)


def in_batches(tokens: Sequence[Tokens], classes: int) -> Iterator[Sequence[Tokens]]:
    """`AT_ONCE` documents at a time, or fewer where scores of all their words for all classes would fill the memory."""
    start = 0
    for piece in Documents.of([one.ids for one in tokens]).pieces(max(SCORES // classes, 1)):
        end = start + len(piece)
        yield from (tokens[first : min(first + AT_ONCE, end)] for first in range(start, end, AT_ONCE))
        start = end


def ranked(scores: Numbers, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places (methods, L) of words from the highest score to the lowest; equal ones stand in any order."""
    chance = rng.random(scores.shape)
    orders = [np.lexsort(keys) for keys in zip(chance, -scores, strict=True)]
    return np.array(orders, dtype=np.int64).reshape(scores.shape)


def shuffled(length: int, runs: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Any orders of the words: (runs, L)."""
    return rng.permuted(np.tile(np.arange(length), (runs, 1)), axis=1)
