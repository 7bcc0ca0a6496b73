"""Which n-gram features matter (Xu & Du 2020, RQ1 to RQ3): the variance of their rows of matrix A over the classes."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from convlens.compress.head_inputs import HeadInputs
from convlens.errors import InputError
from convlens.explain import column_sums, ngram_variances
from convlens.models import TextCNN, arrays_of

TRIED = 400  # values of epsilon


@dataclass(frozen=True, eq=False)
class Features:
    """The features of a corpus, told apart by `epsilon`: those with more variance are discriminative."""

    inputs: HeadInputs
    epsilon: float

    def __post_init__(self) -> None:
        if not 0 <= self.epsilon < math.inf:
            raise InputError(
                f"epsilon is a variance and not below zero, got {self.epsilon:g}: give 0 or more, or auto"
            )

    @cached_property
    def discriminative(self) -> Tensor:
        """Which features have `Var(v_p) > epsilon`: (D, k) bool."""
        return variances(self.inputs) > self.epsilon

    @cached_property
    def logits(self) -> Tensor:
        """Column sums (D, C) of matrix A without the rows of the other features, their `b_q / k` included."""
        return kept_logits(self.inputs, self.discriminative)

    def to_dict(self) -> dict[str, Any]:
        """Table 1: the ratios, and both accuracies. Documents without words have no features."""
        features = max(int(self.inputs.filled.sum()) * self.inputs.pooled.shape[1], 1)
        stopped = (self.inputs.pooled[self.inputs.filled] == 0).sum().item()
        return {
            "epsilon": self.epsilon,
            "ratio1": stopped / features,
            "ratio2": 1 - self.discriminative.sum().item() / features,
            "ratio3": self.discriminative.any(0).double().mean().item(),
            "accuracy": self.inputs.accuracy(self.inputs.logits),
            "accuracy_without": self.inputs.accuracy(self.logits),
        }

    def by_filter(self) -> pl.DataFrame:
        """Figure 4: `filter`, `region`, and the number of its `discriminative` features."""
        counts = self.discriminative.sum(0).cpu().numpy()
        widths = np.array(self.inputs.model.config.widths, np.int64)
        return pl.DataFrame({"filter": np.arange(len(counts)), "region": widths, "discriminative": counts})

    def by_region(self) -> pl.DataFrame:
        """Figure 5: of each `region` the number of its `discriminative` features, and their `share` of all."""
        frame = self.by_filter().group_by("region").agg(pl.col("discriminative").sum()).sort("region")
        total = pl.col("discriminative").sum().clip(lower_bound=1)
        return frame.with_columns(share=pl.col("discriminative") / total)


def variances(inputs: HeadInputs) -> Tensor:
    """Eq. 12 for every document and filter: (D, k), 0 without words."""
    inputs.check_linear()
    weights = arrays_of(inputs.model)
    of_rows = ngram_variances(inputs.pooled.cpu().numpy(), weights.head.T, weights.head_biases)
    return torch.from_numpy(of_rows).to(inputs.pooled.device) * inputs.filled[:, None]


def kept_logits(inputs: HeadInputs, kept: Tensor) -> Tensor:
    """Column sums (D, C) of the rows of matrix A of the features that are kept, (D, k) bool.

    A document without words has no rows to lose, and keeps its logits.
    """
    weights = arrays_of(inputs.model)
    pooled, rows = inputs.pooled.cpu().numpy(), kept.cpu().numpy() | ~inputs.filled.cpu().numpy()[:, None]
    logits = column_sums(pooled, rows, weights.head.T, weights.head_biases)
    return torch.from_numpy(logits).to(inputs.pooled)


def find_epsilon(validation: HeadInputs) -> float:
    """The largest of `TRIED` epsilons, between the features' variances, at which the accuracy from A is kept.

    Kept as `HeadInputs.keeps` has it: of so many accuracies some are high by chance, which the loss tells.
    They stand at even shares of the features: each drops 1 / `TRIED` of them more than the one before.
    """
    of_features = variances(validation)
    values = of_features[validation.filled].flatten().sort().values
    for share in range(TRIED - 1, 0, -1):
        if not len(values):
            break
        epsilon = values[len(values) * share // TRIED].item()
        if validation.keeps(kept_logits(validation, of_features > epsilon)):
            return epsilon
    return 0.0


def discriminative_filters(model: TextCNN, discriminative: Tensor) -> Tensor:
    """The filters that are ever discriminative in (D, k): (k,) bool; `InputError` where none is."""
    filters = discriminative.any(0)
    if not filters.any():
        raise InputError(
            f"with this epsilon none of the {model.head.in_features} filters is left: give a smaller one"
        )
    return filters
