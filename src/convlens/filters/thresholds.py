"""Class, threshold, purity and coverage of every filter over a corpus (Jacovi et al. 2018, section 4.1), from its trace."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.explain.thresholded import ROUND_OFF
from convlens.models import TextCNN, arrays_of
from convlens.models.thresholds import PURITY, lowest_pure
from convlens.trace import Trace

FilterClasses = tuple[NDArray[np.int64], Floats, Floats]
NUMBERS = 2**24  # weights of filters in texts at a time
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
    and `coverage`, the share of the documents with words whose pooled value passes.

    Under dense layers the weight of a filter differs from text to text: `speaks` is the share of the documents that it adds
    anything to where its class is the one that it adds most to; None where the head reads the filters.
    """

    thresholds: Floats
    purity: Floats
    coverage: Floats
    speaks: Floats | None = None

    @property
    def bars(self) -> Floats:
        """What the score of an n-gram must reach to pass: the threshold but for round-off, and more than 0."""
        lowered = self.thresholds - ROUND_OFF * np.abs(np.nan_to_num(self.thresholds, posinf=0))
        return np.maximum(lowered, np.finfo(np.float32).tiny)


def purities(model: TextCNN, trace: Trace, purity: float = PURITY, *, multilabel: bool = False) -> Purities:
    """Find the lowest threshold of every filter with `purity(t) = |value >= t and agrees| / |value >= t|` of `purity`.

    Values are pooled ones, after the ReLU and with the bias; a document agrees if the model predicts the class of the
    filter for it, whatever its label, or with `multilabel` has that class among its labels. Documents without words have no n-gram, and no part in it.
    """
    k = trace.peaks.shape[1]
    of_filters = Purities(np.full(k, np.inf), np.full(k, np.nan), np.zeros(k), speaking(model, trace))
    if not (trace.documents.without_padding.lengths > 0).any():
        return of_filters
    filled, predicted = _answers(trace, multilabel=multilabel)
    pooled, (classes, _, _) = trace.pooled, filter_classes(model)
    for first in range(0, k, AT_ONCE):
        part = slice(first, first + AT_ONCE)
        values, agrees = pooled[filled, part], predicted[:, classes[part]]
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
    filled, predicted = _answers(trace)
    values = trace.pooled[filled, number]
    agrees = predicted[:, filter_classes(model)[0][number]]
    return pl.DataFrame({"document": np.flatnonzero(filled), "value": values, "agrees": agrees})


def speaking(model: TextCNN, trace: Trace) -> Floats | None:
    """`Purities.speaks` of a model with dense layers (k,), 0 where a filter adds nothing anywhere; None without such."""
    if not model.config.hidden:
        return None
    classes, weights = filter_classes(model)[0], arrays_of(model)
    active, agreeing = np.zeros(len(classes)), np.zeros(len(classes))
    at_once = max(NUMBERS // (len(classes) * weights.classes), 1)
    for first in range(0, len(trace.pooled), at_once):
        pooled = trace.pooled[first : first + at_once]
        of_texts = weights.effective_head(pooled)[0] * pooled[..., None]  # (D, k, C)
        adds = of_texts.any(2)
        active += adds.sum(0)
        agreeing += (adds & (of_texts.argmax(2) == classes)).sum(0)
    return agreeing / np.maximum(active, 1)


def _answers(trace: Trace, *, multilabel: bool = False) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which documents have words, and of these (D', C) whether each class is predicted: the greatest, or all above 0."""
    filled = trace.documents.without_padding.lengths > 0
    logits = trace.logits[filled]
    return filled, logits > 0 if multilabel else logits.argmax(1)[:, None] == np.arange(logits.shape[1])
