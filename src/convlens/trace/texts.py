"""The traces of many texts, in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.models import Classifier
from convlens.trace.trace import trace


@dataclass(frozen=True)
class TextsTrace:
    """`peaks` and `positions` (texts, k), `logits` (texts, C): as in `Trace`, one row for each text."""

    peaks: NDArray[np.floating[Any]]
    positions: NDArray[np.int64]
    logits: NDArray[np.floating[Any]]


def trace_texts(classifier: Classifier, texts: Sequence[str]) -> TextsTrace:
    """Trace texts in batches of like length; memory is bounded but for the result."""
    features = len(classifier.model.config.widths)
    peaks = np.zeros((len(texts), features), dtype=np.float32)
    positions = np.full((len(texts), features), -1, dtype=np.int64)
    logits = np.zeros((len(texts), len(classifier.labels)), dtype=np.float32)
    for places, ids in classifier.batched(texts):
        traced = trace(classifier.model, ids)
        peaks[places] = traced.peaks.cpu().numpy()
        positions[places] = traced.positions.cpu().numpy()
        logits[places] = traced.logits.cpu().numpy()
    return TextsTrace(peaks, positions, logits)
