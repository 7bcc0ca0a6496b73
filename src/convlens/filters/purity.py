"""Threshold, purity and coverage of every filter over a corpus (Jacovi et al. 2018, section 4.1), from its trace."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from convlens.explain.thresholded import ROUND_OFF
from convlens.filters.classes import filter_classes
from convlens.models import TextCNN
from convlens.models.thresholds import PURITY, lowest_pure
from convlens.trace import CorpusTrace, Floats

AT_ONCE = 32  # filters whose values are sorted at a time: bounds memory


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


def purities(model: TextCNN, traced: CorpusTrace, purity: float = PURITY) -> Purities:
    """Find the lowest threshold of every filter with `purity(t) = |value >= t and agrees| / |value >= t|` of `purity`.

    Values are pooled ones, after the ReLU and with the bias; a document agrees if the model predicts the class of the
    filter for it, whatever its label. Documents without words have no n-gram, and no part in it.
    """
    k = traced.peaks.shape[1]
    found = Purities(np.full(k, np.inf), np.full(k, np.nan), np.zeros(k))
    if not (traced.documents.lengths > 0).any():
        return found
    for first in range(0, k, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        values, agrees = _points(model, traced, some)
        thresholds = lowest_pure(torch.from_numpy(values), torch.from_numpy(agrees), purity).numpy()
        reached = values >= thresholds
        count = reached.sum(0)
        share = (reached & agrees).sum(0) / np.maximum(count, 1)
        found.thresholds[some], found.purity[some] = thresholds, np.where(count > 0, share, np.nan)
        found.coverage[some] = (reached & (values > 0)).mean(0)
    return found


def threshold_points(model: TextCNN, traced: CorpusTrace, number: int) -> pl.DataFrame:
    """The threshold data set of a filter (Jacovi et al. 2018, figure 2): `document`, pooled `value`, `agrees`.

    One row for each document with words.
    """
    values, agrees = _points(model, traced, slice(number, number + 1))
    documents = np.flatnonzero(traced.documents.lengths > 0)
    return pl.DataFrame({"document": documents, "value": values[:, 0], "agrees": agrees[:, 0]})


def _points(model: TextCNN, traced: CorpusTrace, some: slice) -> tuple[Floats, NDArray[np.bool_]]:
    """Pooled values of some filters on the documents with words, and where prediction and class agree: (D, some)."""
    filled = traced.documents.lengths > 0
    classes, _, _ = filter_classes(model)
    agrees = traced.logits[filled].argmax(1)[:, None] == classes[some]
    return traced.pooled[filled, some], agrees
