"""Class, threshold, purity and coverage of every filter over a corpus (Jacovi et al. 2018, section 4.1), from its trace."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.explain.thresholded import ROUND_OFF
from convlens.models import TextCNN
from convlens.models.thresholds import PURITY, lowest_pure
from convlens.trace import Trace

FilterClasses = tuple[NDArray[np.int64], Floats, Floats]
AT_ONCE = 32  # filters whose values are sorted at a time: bounds memory


def filter_classes(model: TextCNN) -> FilterClasses:
    """The class of every filter, `argmax_c W_cf` of `TextCNN.filter_weights`, that weight, and how far it is above the next class's: each (k,)."""
    weights = model.filter_weights.cpu().numpy()  # (C, k)
    if len(weights) < 2:
        return weights.argmax(0), weights[-1], np.zeros_like(weights[-1])
    below, greatest = np.partition(weights, -2, 0)[-2:]
    return weights.argmax(0), greatest, greatest - below


@dataclass(frozen=True, eq=False)
class Purities:
    """Of every filter, each (k,): `thresholds`, inf where no value is pure enough, `purity` at the threshold (NaN there),
    and `coverage`, the share of the documents with words whose pooled value passes."""

    thresholds: Floats
    purity: Floats
    coverage: Floats

    @property
    def bars(self) -> Floats:
        """What the score of an n-gram must reach to pass: the threshold but for round-off, and more than 0."""
        lowered = self.thresholds - ROUND_OFF * np.abs(np.nan_to_num(self.thresholds, posinf=0))
        return np.maximum(lowered, np.finfo(np.float32).tiny)


def purities(model: TextCNN, trace: Trace, purity: float = PURITY) -> Purities:
    """Find the lowest threshold of every filter with `purity(t) = |value >= t and agrees| / |value >= t|` of `purity`.

    Values are pooled ones, after the ReLU and with the bias; a document agrees if the model predicts the class of the
    filter for it, whatever its label. Documents without words have no n-gram, and no part in it.
    """
    k = trace.peaks.shape[1]
    of_filters = Purities(np.full(k, np.inf), np.full(k, np.nan), np.zeros(k))
    if not (trace.documents.without_padding.lengths > 0).any():
        return of_filters
    filled, answers = _answers(trace)
    pooled, (classes, _, _) = trace.pooled, filter_classes(model)
    for first in range(0, k, AT_ONCE):
        part = slice(first, first + AT_ONCE)
        values, agrees = pooled[filled, part], answers[:, None] == classes[part]
        thresholds = lowest_pure(torch.from_numpy(values), torch.from_numpy(agrees), purity).numpy()
        reached = values >= thresholds
        count = reached.sum(0)
        share = (reached & agrees).sum(0) / np.maximum(count, 1)
        of_filters.thresholds[part], of_filters.purity[part] = thresholds, np.where(count > 0, share, np.nan)
        of_filters.coverage[part] = (reached & (values > 0)).mean(0)
    return of_filters


def threshold_points(model: TextCNN, trace: Trace, number: int) -> pl.DataFrame:
    """The threshold data set of a filter (Jacovi et al. 2018, figure 2): `document`, pooled `value`, `agrees`.

    One row for each document with words.
    """
    filled, answers = _answers(trace)
    values = trace.pooled[filled, number]
    agrees = answers == filter_classes(model)[0][number]
    return pl.DataFrame({"document": np.flatnonzero(filled), "value": values, "agrees": agrees})


def _answers(trace: Trace) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which documents have words, and the class that is predicted for each of them."""
    filled = trace.documents.without_padding.lengths > 0
    return filled, trace.logits[filled].argmax(1)
