"""A first look at what each filter does: its class, how strongly it fires, and on what."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.explain import ngram_spans
from convlens.filters.classes import filter_classes
from convlens.models import Classifier, one_layer
from convlens.trace import CorpusTrace, trace_texts


def filter_table(
    classifier: Classifier, texts: Sequence[str], *, top: int = 5, traced: CorpusTrace | None = None
) -> pl.DataFrame:
    """One row per filter, over the n-grams that won its max in `texts`.

    Columns: `filter`, `region`, `class` (label with the greatest head weight, Jacovi et al. 2018),
    `weight` (that weight), `mean` (mean pooled value after the ReLU or the gates), `active` (share of texts in which
    the filter passes), `ngrams` (up to `top` different n-grams with the highest `activation`).
    Give `traced` if the texts are traced already.
    """
    model = one_layer(classifier.model, "a table of filters")
    traced = trace_texts(classifier, texts) if traced is None else traced
    classes, weights, _ = filter_classes(model)
    pooled = traced.pooled  # (texts, k)
    rows = max(len(texts), 1)
    return pl.DataFrame(
        {
            "filter": range(pooled.shape[1]),
            "region": model.config.widths,
            "class": [classifier.labels[i] for i in classes],
            "weight": weights,
            "mean": pooled.sum(0, dtype=np.float64) / rows,
            "active": (pooled > 0).sum(0) / rows,
            "ngrams": [_top(classifier, texts, traced, f, top) for f in range(pooled.shape[1])],
        },
        schema_overrides={"ngrams": pl.List(pl.Struct({"text": pl.String, "activation": pl.Float64}))},
    )


def _top(
    classifier: Classifier, texts: Sequence[str], traced: CorpusTrace, number: int, top: int
) -> list[dict[str, object]]:
    """The different n-grams on which a filter fires most, compared without case."""
    found: dict[str, dict[str, object]] = {}
    for text in _descending(traced.peaks[:, number]):
        activation = float(traced.peaks[text, number])
        if len(found) == top or activation <= 0:
            break
        ngram = _ngram(classifier, texts[text], int(traced.positions[text, number]), number)
        found.setdefault(ngram.lower(), {"text": ngram, "activation": activation})
    return list(found.values())


def _descending(values: NDArray[np.floating]) -> NDArray[np.int64]:
    return np.argsort(-values, kind="stable")


def _ngram(classifier: Classifier, text: str, position: int, number: int) -> str:
    tokens, widths = classifier.tokenizer.encode(text), one_layer(classifier.model, "an n-gram").config.widths
    [(start, end)] = ngram_spans(tokens, [position], [widths[number]])
    return " ".join(text[start:end].split())
