"""Sums over a whole corpus that can be made batch by batch, anywhere, and merged.

Each `Reduction` has `of`, the frame of one batch, and `merge`, which is commutative and associative and keeps
the frame small; the frame of no texts is the neutral one. Sums of scores are float64: another order of merging
may change their last bits, so scans merge in the order of their parts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.explain import Attribution
from convlens.files import printable
from convlens.models import Classifier, one_layer
from convlens.text import PAD
from convlens.trace import Trace
from convlens.trace.ngrams import best

TOP = 10  # n-grams kept of a filter


@dataclass(frozen=True)
class Reduction:
    """`of` a batch, `merge` two, and `named`: the frame for people, words and classes by their names."""

    of: Callable[[Classifier, Attribution], pl.DataFrame]
    merge: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
    named: Callable[[Classifier, pl.DataFrame], pl.DataFrame]


def count_classes(classifier: Classifier, attribution: Attribution) -> pl.DataFrame:
    """Of each class the `documents` predicted to be of it, and their `words`; of several labels a document may count for more."""
    logits, classes = attribution.logits, np.arange(len(classifier.labels))
    predicted = logits > 0 if classifier.multilabel else logits.argmax(1)[:, None] == classes  # (D, C)
    words = _trace(attribution).documents.without_padding.lengths @ predicted.astype(np.int64)
    return pl.DataFrame({"class": classes, "documents": predicted.sum(0), "words": words})


def merge_classes(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Add the counts."""
    return _added(a, b, "class")


def name_classes(classifier: Classifier, frame: pl.DataFrame) -> pl.DataFrame:
    """Labels for the numbers of classes."""
    return frame.with_columns(pl.Series("class", [printable(label) for label in classifier.labels]))


def weigh_words(classifier: Classifier, attribution: Attribution) -> pl.DataFrame:
    """Of each word that occurs its `occurrences`, `documents`, and for each class what it adds (matrix B).

    `score:CLASS` sums its scores, `strength:CLASS` their absolute values; only where `attribution` has scores of
    words. Unknown words count as one.
    """
    documents, size = _trace(attribution).documents.without_padding, classifier.tokenizer.size
    ids = documents.ids
    occurrences = np.bincount(ids, minlength=size)
    pairs = np.unique(np.repeat(np.arange(len(documents)), documents.lengths) * size + ids)
    seen = np.flatnonzero(occurrences)
    columns = {
        "word": seen,
        "occurrences": occurrences[seen],
        "documents": np.bincount(pairs % size, minlength=size)[seen],
    }
    for i, label in enumerate(classifier.labels if attribution.filters is None else ()):
        scores = attribution.scores[:, i].astype(np.float64)
        for name, values in (("score", scores), ("strength", np.abs(scores))):
            columns[f"{name}:{printable(label)}"] = np.bincount(ids, values, size)[seen].astype(
                np.float64
            )  # of no words: int64
    return pl.DataFrame(columns)


def merge_words(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Add counts and scores."""
    return _added(a, b, "word")


def name_words(classifier: Classifier, frame: pl.DataFrame) -> pl.DataFrame:
    """Words for their numbers, and what follows from the sums.

    `sizes:CLASS` is `strength:CLASS` by the name that says what it is, a sum: `strength` of `filters.evidence_table` is a
    mean. `importance:CLASS` is the mean absolute score of an occurrence.
    """
    scored = [name.removeprefix("strength:") for name in frame.columns if name.startswith("strength:")]
    sizes = [pl.col(f"strength:{name}").alias(f"sizes:{name}") for name in scored]
    means = [
        (pl.col(f"strength:{name}") / pl.col("occurrences")).alias(f"importance:{name}") for name in scored
    ]
    words = pl.Series("word", [classifier.tokenizer.word(i) for i in frame["word"]], pl.String)
    return frame.with_columns(words, *sizes, *means)


def find_winners(classifier: Classifier, attribution: Attribution) -> pl.DataFrame:
    """Of each filter the `TOP` different n-grams with the highest `peak` among those that won its max.

    `peak` is before the ReLU; `count` tells how many documents the n-gram won; `word:J` are the numbers of its
    words, -1 beyond its end. It is the best n-grams of the winning windows: the second best of all windows may
    have lost to the best in every document. As the peak follows from the words alone, cutting to `TOP` before
    merging loses neither an n-gram nor a count.
    """
    traced, widths = _trace(attribution), np.array(one_layer(classifier.model, "a summary").config.widths)
    document, number = np.nonzero(_among_best(traced))
    first = traced.documents.starts[document] + traced.positions[document, number]
    lengths = np.minimum(widths[number], traced.documents.lengths[document])
    columns = {
        "filter": number,
        "peak": traced.peaks[document, number].astype(np.float64),
        "count": np.ones(len(number), np.int64),
    }
    for j in range(max(widths)):
        inside = j < lengths
        words = np.full(len(number), -1, np.int64)
        ids = traced.documents.ids[first[inside] + j]
        words[inside] = np.where(ids < classifier.tokenizer.size, ids, PAD)
        columns[f"word:{j}"] = words
    return best(pl.DataFrame(columns), TOP, by="peak")


def _trace(attribution: Attribution) -> Trace:
    """The trace, which every method that a scan may sum up reads."""
    if attribution.trace is None:
        raise ValueError("these scores were not computed from a trace")
    return attribution.trace


def _among_best(traced: Trace) -> NDArray[np.bool_]:
    """Which documents' peaks are among the `TOP` highest different ones of a filter: (documents, k)."""
    filled = traced.documents.lengths > 0
    if not filled.any():
        return np.zeros(traced.peaks.shape, bool)
    falling = -np.sort(-traced.peaks[filled], 0)
    rank = (np.diff(falling, axis=0, prepend=falling[:1]) != 0).cumsum(0)
    least = np.where(rank < TOP, falling, np.inf).min(0)
    return np.asarray((traced.peaks >= least) & filled[:, None])


def merge_winners(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """Add the counts of the same n-grams, and keep the best."""
    return best(pl.concat([a, b]), TOP, by="peak")


def name_winners(classifier: Classifier, frame: pl.DataFrame) -> pl.DataFrame:
    """`ngram` for the numbers of its words."""
    words = frame.select(pl.col("^word:.*$")).rows()
    text = [" ".join(classifier.tokenizer.word(i) for i in row if i >= 0) for row in words]
    return frame.select("filter", pl.Series("ngram", text, pl.String), "peak", "count")


def _added(a: pl.DataFrame, b: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add what two frames have of the same key."""
    return pl.concat([a, b]).group_by(key).agg(pl.all().sum()).sort(key)


REDUCTIONS = {
    "classes": Reduction(count_classes, merge_classes, name_classes),
    "vocabulary": Reduction(weigh_words, merge_words, name_words),
    "winners": Reduction(find_winners, merge_winners, name_winners),
}
