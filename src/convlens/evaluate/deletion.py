"""Word deletion (Arras et al. 2016, figure 1): the faster the decision turns, the better the order of words."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from convlens.evaluate.bootstrap import interval
from convlens.evaluate.config import EXACT, RANDOM, EvaluateConfig
from convlens.evaluate.documents import Numbers, ScoredDocument, ranked, shuffled
from convlens.evaluate.exact import exact_order
from convlens.evaluate.zeroing import logits_along
from convlens.models import TextModel
from convlens.trace import Tracer

GROUPS = ("correct", "wrong")


def delete_words(
    model: TextModel,
    document: ScoredDocument,
    methods: Sequence[str],
    config: EvaluateConfig,
    *,
    source: Tracer | None = None,
) -> Numbers:
    """Whether the class is right after each number of deletions: (methods, deletions + 1), 0 to 1.

    Words lose their vectors one by one, by their scores for the true class on the intact document: in decreasing
    order where the document is classified correctly, in increasing order where wrongly. `exact` asks anew after every
    word (`exact_order`, through the `source`), `random` is the mean over its runs. NaN after the last word of a document, where nothing is
    left to delete.
    """
    device, rng = model.embed.weight.device, document.rng(config.seed)
    ids = torch.from_numpy(document.ids).to(device)
    intact = logits_along(model, ids, ids.new_zeros(1, 0))[0, 0]
    sign = 1 if int(intact.argmax()) == document.truth else -1
    orders = [ranked(sign * document.for_truth, rng)[:, : config.deletions]]
    if EXACT in methods:
        order = exact_order(model, ids, document.truth, sign, config.deletions, source=source)
        orders.append(order[None].cpu().numpy())
    single = sum(map(len, orders))
    if RANDOM in methods:
        orders.append(shuffled(len(document.ids), config.runs, rng)[:, : config.deletions])
    steps = torch.from_numpy(np.concatenate(orders)).to(device)
    right = (logits_along(model, ids, steps).argmax(2) == document.truth).double().cpu().numpy()
    right = np.pad(right, ((0, 0), (0, config.deletions + 1 - right.shape[1])), constant_values=np.nan)
    return right if RANDOM not in methods else np.vstack([right[:single], right[single:].mean(0)])


def curves(right: Numbers, methods: Sequence[str]) -> pl.DataFrame:
    """Accuracy of each group after each number of deletions, from `right` (documents, methods, deletions + 1).

    A document without words left stays at its last state.
    """
    right = _held(right)
    rows = [
        {"method": name, "group": group, "deletions": s, "accuracy": float(value), "documents": len(members)}
        for group, members in _groups(right)
        for m, name in enumerate(methods)
        for s, value in enumerate(right[members, m].mean(0) if len(members) else ())
    ]
    kinds = {"method": pl.String, "group": pl.String, "deletions": pl.Int64, "accuracy": pl.Float64}
    return pl.DataFrame(rows, {**kinds, "documents": pl.Int64})


def areas(right: Numbers, methods: Sequence[str], config: EvaluateConfig) -> pl.DataFrame:
    """Area under each curve, its mean over all numbers of deletions from one on: 0 to 1, with its interval.

    The best method of a group has rank 1: the least area for `correct` documents, the largest for `wrong` ones.
    """
    rows = []
    for group, members in _groups(right):
        values = np.nanmean(right[members, :, 1:], 2)  # (D, M)
        rows += _ranked(values, methods, config, best_first=1 if group == "wrong" else -1, group=group)
    return pl.DataFrame(rows, {"group": pl.String, **_KINDS}).rename({"value": "area"})


def turned(right: Numbers, methods: Sequence[str], config: EvaluateConfig) -> pl.DataFrame:
    """The methods, best first, by the share of documents whose decision is turned, over all numbers of deletions."""
    at_first = right[:, :, :1]
    values = np.nanmean(np.abs(right[:, :, 1:] - at_first), 2)  # (D, M)
    rows = _ranked(values, methods, config, best_first=1, group="all")
    return (
        pl.DataFrame(rows, {"group": pl.String, **_KINDS})
        .drop("group")
        .rename({"value": "turned"})
        .sort("rank")
    )


_KINDS = {
    "method": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "documents": pl.Int64,
    "rank": pl.Int64,
}


def _ranked(
    values: Numbers, methods: Sequence[str], config: EvaluateConfig, *, best_first: int, group: str
) -> list[dict[str, object]]:
    """One row a method of the means of values (D, M)."""
    if not len(values):
        return []
    means = values.mean(0)
    low, high = interval(values, config.resamples, np.random.default_rng(config.seed))
    ranks = 1 + (best_first * means[:, None] < best_first * means[None] - 1e-12).sum(1)
    columns = zip(methods, means.tolist(), low.tolist(), high.tolist(), ranks.tolist(), strict=True)
    return [
        {"group": group, "method": m, "value": v, "low": a, "high": b, "documents": len(values), "rank": r}
        for m, v, a, b, r in columns
    ]


def _held(right: Numbers) -> Numbers:
    """The state after the last word of each document in the place of NaN."""
    last = (~np.isnan(right)).sum(2, keepdims=True) - 1
    return np.where(np.isnan(right), np.take_along_axis(right, last, 2), right)


def _groups(right: Numbers) -> list[tuple[str, NDArray[np.int64]]]:
    """The documents of each group: those that are right, or wrong, before any deletion."""
    first = right[:, 0, 0] > 0.5
    return [(GROUPS[0], np.flatnonzero(first)), (GROUPS[1], np.flatnonzero(~first))]
