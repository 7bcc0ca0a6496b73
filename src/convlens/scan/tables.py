"""From a batch of texts to the three tables of a part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.data import Batch
from convlens.explain import Attribution
from convlens.files import Pieces, printable
from convlens.models import Classifier
from convlens.scan.config import ScanConfig
from convlens.text import different


@dataclass(frozen=True, eq=False)
class Tables:
    """One row for each document, for each word kept, and for each row set aside."""

    documents: pl.DataFrame
    pieces: Pieces[pl.DataFrame]
    rejects: pl.DataFrame

    @property
    def words(self) -> pl.DataFrame:
        """The rows of words as one frame."""
        return pl.concat(self.pieces)


def tables(classifier: Classifier, batch: Batch, attribution: Attribution, config: ScanConfig) -> Tables:
    """Lay out what was found about the texts of a batch."""
    rejects = {
        "line": [r.line for r in batch.rejected],
        "reason": [r.reason for r in batch.rejected],
        "row": [r.row for r in batch.rejected],
    }
    return Tables(
        _documents(classifier, batch, attribution),
        _words(classifier.labels, batch, attribution, config),
        pl.DataFrame(rejects, {"line": pl.Int64, "reason": pl.String, "row": pl.String}),
    )


def _documents(classifier: Classifier, batch: Batch, attribution: Attribution) -> pl.DataFrame:
    names = [printable(label) for label in classifier.labels]
    logits = attribution.logits.astype(np.float64)
    if classifier.label_separator is None:
        predicted = [names[i] for i in logits.argmax(1)]
        raised = np.exp(logits - logits.max(1, keepdims=True, initial=-np.inf))
        greatest = 1 / raised.sum(1)  # the term of the largest logit is 1
    else:
        predicted = [
            classifier.label_separator.join(n for n, z in zip(names, row, strict=True) if z > 0)
            for row in logits
        ]
        greatest = np.exp(-np.logaddexp(0, -logits.max(1, initial=-np.inf)))
    columns = {
        "document": np.arange(batch.first, batch.first + len(batch.texts)),
        "line": np.array(batch.lines, np.int64),
        "predicted": pl.Series(predicted, dtype=pl.String),
        "probability": greatest,
    }
    columns |= {f"logit:{name}": attribution.logits[:, i] for i, name in enumerate(names)}
    unchecked = pl.Series([None] * len(logits), dtype=pl.Float64)
    columns |= {"residual": attribution.residual if attribution.sums == "exact" else unchecked}
    if attribution.sums == "approximate":
        columns |= {f"delta:{name}": attribution.convergence_delta[:, i] for i, name in enumerate(names)}
    return pl.DataFrame(columns)


def _words(
    labels: tuple[str, ...], batch: Batch, attribution: Attribution, config: ScanConfig
) -> Pieces[pl.DataFrame]:
    targets = range(len(labels)) if config.target is None else [labels.index(config.target)]
    strongest_places = None if config.top is None else _strongest(attribution, targets, config.top)

    def make(first: int, last: int) -> pl.DataFrame:
        places = np.arange(first, last) if strongest_places is None else strongest_places[first:last]
        owner = np.searchsorted(attribution.offsets, places, "right") - 1
        start, end = attribution.spans[places].T.astype(np.int64)
        words, codes = different(batch.texts, owner, attribution.spans[places])  # few strings, many places
        columns: dict[str, Any] = {
            "document": batch.first + owner,
            "token": (places - attribution.offsets[owner]).astype(np.int32),
            "start": start,
            "end": end,
            "text": pl.Series(words, dtype=pl.String).gather(codes),
        }
        if attribution.filters is not None:
            columns["filter"] = columns.pop("token")
        columns |= {f"score:{printable(labels[i])}": attribution.scores[places, i] for i in targets}
        return pl.DataFrame(columns)

    return Pieces(len(attribution.spans) if strongest_places is None else len(strongest_places), make)


def _strongest(attribution: Attribution, targets: Sequence[int], top: int) -> NDArray[np.int64]:
    """The places of the `top` units of each text for the one target, or for the class predicted."""
    owners = attribution.owners
    shown = attribution.logits.argmax(1) if len(targets) > 1 else np.full(len(attribution.logits), targets[0])
    strength = np.abs(attribution.scores[np.arange(len(owners)), shown[owners]])
    return strongest(owners, attribution.offsets, strength, top)


def strongest(
    owners: NDArray[np.int64], offsets: NDArray[np.int64], strength: NDArray[np.floating], top: int
) -> NDArray[np.int64]:
    """The units whose strength is among the `top` of their text, in order; of equals the first."""
    order = np.lexsort((-strength, owners))
    rank = np.arange(len(order)) - offsets[owners[order]]
    return np.sort(order[rank < top])
