"""Whether two methods say the same of the words of a document."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.evaluate.config import EvaluateConfig, scoring
from convlens.evaluate.documents import Numbers, ScoredDocument, ranked

KINDS = ("spearman", "kendall", "overlap")


def pairs(methods: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every two methods; `ORDERS` have no scores that could agree."""
    return combinations(scoring(methods), 2)


def agree(document: ScoredDocument, config: EvaluateConfig) -> Numbers:
    """Spearman's and Kendall's correlation of the scores for the predicted class, and the overlap: (pairs, 3).

    The overlap is the share of the top words of one that are among those of the other. A correlation with scores
    that are all the same is not defined: NaN.
    """
    from scipy.stats import kendalltau  # takes a while to import

    scores = document.for_predicted
    orders = ranked(scores, document.rng(config.seed))
    rows = []
    for one, other in combinations(range(len(scores)), 2):
        top = set(orders[one, : config.top]), set(orders[other, : config.top])
        varied = np.ptp(scores[one]) > 0 and np.ptp(scores[other]) > 0
        kind = (
            "asymptotic" if len(document.ids) > 2 else "auto"
        )  # whose p-value divides by zero for two words
        tau = kendalltau(scores[one], scores[other], method=kind).statistic if varied else np.nan
        rows.append((spearman(scores[one], scores[other]), tau, len(top[0] & top[1]) / len(top[0])))
    return np.array(rows, dtype=np.float64).reshape(-1, len(KINDS))


def spearman(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Correlation of ranks, equal scores sharing theirs; NaN where all scores of one are the same."""
    from scipy.stats import rankdata

    a, b = (rankdata(values) - (len(values) + 1) / 2 for values in (one, other))
    norm = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / norm) if norm > 0 else float("nan")


def agreement(agreements: Numbers, methods: Sequence[str]) -> pl.DataFrame:
    """Means over the documents where they are defined, from `agreements` (documents, pairs, 3)."""
    named = list(pairs(methods))
    columns: dict[str, object] = {"method": [a for a, _ in named], "other": [b for _, b in named]}
    means = mean_of_defined(agreements) if len(named) else np.zeros((0, len(KINDS)))
    columns |= {kind: means[:, i] for i, kind in enumerate(KINDS)}
    return pl.DataFrame(
        columns, {"method": pl.String, "other": pl.String, **dict.fromkeys(KINDS, pl.Float64)}
    )


def mean_of_defined(values: Numbers) -> Numbers:
    """Mean over the first axis of what is not NaN; NaN where nothing is."""
    defined = ~np.isnan(values)
    total, count = np.where(defined, values, 0).sum(0), defined.sum(0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
