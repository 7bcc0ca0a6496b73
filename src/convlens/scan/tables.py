"""From a batch of texts to the three tables of a part."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.data import Batch
from convlens.explain import TextsAttribution
from convlens.files import printable
from convlens.scan.config import ScanConfig
from convlens.text import different


@dataclass(frozen=True, eq=False)
class Tables:
    """One row for each document, for each word kept, and for each row set aside."""

    documents: pl.DataFrame
    words: pl.DataFrame
    rejects: pl.DataFrame


def tables(labels: tuple[str, ...], batch: Batch, found: TextsAttribution, config: ScanConfig) -> Tables:
    """Lay out what was found about the texts of a batch."""
    rejects = {
        "line": [r.line for r in batch.rejected],
        "reason": [r.reason for r in batch.rejected],
        "row": [r.row for r in batch.rejected],
    }
    return Tables(
        _documents(labels, batch, found),
        _words(labels, batch, found, config),
        pl.DataFrame(rejects, {"line": pl.Int64, "reason": pl.String, "row": pl.String}),
    )


def _documents(labels: tuple[str, ...], batch: Batch, found: TextsAttribution) -> pl.DataFrame:
    names = [printable(label) for label in labels]
    logits = found.logits.astype(np.float64)
    raised = np.exp(logits - logits.max(1, keepdims=True, initial=-np.inf))
    columns = {
        "document": np.arange(batch.first, batch.first + len(batch.texts)),
        "line": np.array(batch.lines, np.int64),
        "predicted": pl.Series([names[i] for i in logits.argmax(1)], dtype=pl.String),
        "probability": 1 / raised.sum(1),  # of the largest logit, whose term is 1
    }
    columns |= {f"logit:{name}": found.logits[:, i] for i, name in enumerate(names)}
    checked = found.residual if found.sums == "exact" else pl.Series([None] * len(logits), dtype=pl.Float64)
    columns |= {"residual": checked}
    if found.sums == "approximate":
        columns |= {f"delta:{name}": found.convergence_delta[:, i] for i, name in enumerate(names)}
    return pl.DataFrame(columns)


def _words(
    labels: tuple[str, ...], batch: Batch, found: TextsAttribution, config: ScanConfig
) -> pl.DataFrame:
    targets = range(len(labels)) if config.target is None else [labels.index(config.target)]
    owners = found.owners
    shown = found.logits.argmax(1) if config.target is None else np.full(len(batch.texts), targets[0])
    kept = np.arange(len(owners))
    if config.top is not None:
        strength = np.abs(found.scores[kept, shown[owners]])
        kept = strongest(owners, found.offsets, strength, config.top)
    owner, (start, end) = owners[kept], found.spans[kept].T
    words, codes = different(batch.texts, owner, found.spans[kept])  # few strings, many places
    columns = {
        "document": batch.first + owner,
        "token": (kept - found.offsets[owner]).astype(np.int32),
        "start": start,
        "end": end,
        "text": pl.Series(words, dtype=pl.String).gather(codes),
    }
    if found.filters is not None:
        columns["filter"] = columns.pop("token")
    columns |= {f"score:{printable(labels[i])}": found.scores[kept, i] for i in targets}
    return pl.DataFrame(columns)


def strongest(
    owners: NDArray[np.int64], offsets: NDArray[np.int64], strength: NDArray[np.floating], top: int
) -> NDArray[np.int64]:
    """The units whose strength is among the `top` of their text, in order; of equals the first."""
    order = np.lexsort((-strength, owners))
    rank = np.arange(len(order)) - offsets[owners[order]]
    return np.sort(order[rank < top])
