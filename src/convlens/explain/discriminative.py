"""Which n-grams decide: those whose row of matrix A differs among the classes (Xu & Du 2020, section 4.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.explain.xu_du import column_sums, ngram_variances
from convlens.trace import Trace

SHARES = (
    0.0,
    0.5,
    0.6,
    0.7,
    0.8,
    0.85,
    0.9,
    0.95,
    0.98,
    0.99,
)  # of n-grams, at whose variances cuts are tried
SAMPLE = 1000  # documents from which these are read
AT_ONCE = 4096  # documents looked at together: bounds memory
KEPT = 0.95  # of the decisions, which a cut to begin with leaves as they are where it can


@dataclass(frozen=True)
class VarianceCut:
    """What is left when only n-grams with a variance above `epsilon` count: share `dropped` of all n-grams, share of
    documents with the `same` class as before, `accuracy` (None without labels)."""

    epsilon: float
    dropped: float
    same: float
    accuracy: float | None


def variance_sweep(
    trace: Trace, weights: Floats, biases: Floats, labels: Sequence[int] | None = None
) -> tuple[VarianceCut, ...]:
    """What the n-grams above some variances still decide; an empty document has none, and keeps its class."""
    filled = np.flatnonzero(trace.documents.lengths > 0)
    if not len(filled) or not len(weights):
        return ()
    sample = filled[:: -(-len(filled) // SAMPLE)]
    every = trace.pooled
    sampled = ngram_variances(every[sample], weights, biases)
    tried = [0.0, *(float(f"{e:.2g}") for e in np.quantile(sampled, SHARES[1:]))]
    epsilons = np.array(sorted(set(tried)))
    dropped, before = np.zeros(len(epsilons)), trace.logits.argmax(1)
    after = np.tile(before, (len(epsilons), 1))
    for places in _pieces(filled):
        pooled = every[places]
        variances = ngram_variances(pooled, weights, biases)
        for i, epsilon in enumerate(epsilons):
            kept = variances > epsilon
            dropped[i] += kept.size - kept.sum()
            after[i, places] = column_sums(pooled, kept, weights, biases).argmax(1)
    shares = dropped / (len(filled) * len(weights))
    same = (after == before).mean(1)
    right = [None] * len(epsilons) if labels is None else (after == np.array(labels)).mean(1).tolist()
    columns = zip(epsilons.tolist(), shares.tolist(), same.tolist(), right, strict=True)
    return tuple(VarianceCut(*column) for column in columns)


cuts = variance_sweep  # the old name


def choose_cut(cuts: Sequence[VarianceCut]) -> int:
    """Which cut drops most and still leaves `KEPT` of the decisions: its place. At least the one that drops half."""
    half = next((i for i, cut in enumerate(cuts) if cut.dropped >= 0.5), 0)
    return max((i for i, cut in enumerate(cuts) if cut.same >= KEPT and i >= half), default=half)


def _pieces(places: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    yield from (places[i : i + AT_ONCE] for i in range(0, len(places), AT_ONCE))
