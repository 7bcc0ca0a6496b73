"""A classifier and texts in, a card for every filter out."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
import polars as pl

from convlens.arguments import checked
from convlens.arrays import Ints
from convlens.data import Corpus
from convlens.filters.card import FilterCards
from convlens.filters.card_ids import CardIds, card_of_ids
from convlens.filters.clusters import NO_CLUSTERS, FilterClusters, cluster_passing
from convlens.filters.config import CardConfig
from convlens.filters.corpus_view import CorpusView, view_corpus
from convlens.filters.negatives import negative_ngrams
from convlens.filters.slots import best_words, possible_ngrams
from convlens.filters.surface import surface_forms
from convlens.models import Classifier, one_layer
from convlens.progress import Progress
from convlens.trace import Trace, top_ngrams


@checked
def filter_cards(
    classifier: Classifier,
    texts: Corpus | Sequence[str],
    config: CardConfig = CardConfig(),  # noqa: B008 (frozen)
    *,
    backend: str = "auto",
    watch: Progress | None = None,
    traced: Trace | None = None,
) -> FilterCards:
    """Make the cards of the filters of a one-layer model over texts; no labels are needed.

    `backend` of `BACKENDS`, as in `trace`; the cards are the same but for round-off.
    Give `traced` if the texts are traced already.
    """
    model = one_layer(classifier.model, "a card of a filter")
    chosen = config.chosen(len(model.config.widths))
    content = texts.texts if isinstance(texts, Corpus) else texts
    with watch or Progress() as hearing:
        hearing.on_stage(f"tracing {len(content):,} texts")
        view = view_corpus(classifier, content, config, backend=backend, traced=traced)
        ids = _card_ids(view, chosen, config, hearing)
        hearing.on_stage("n-grams as they are written")
        surfaces = surface_forms(view, [words for card in ids for words in card.ngrams])
        cards = tuple(card_of_ids(card, view, classifier.labels, surfaces) for card in ids)
    return FilterCards(cards, len(content), view.words, config, ngram_documents=len(view.documents))


def _card_ids(view: CorpusView, chosen: list[int], config: CardConfig, watch: Progress) -> list[CardIds]:
    """The cards in word numbers."""
    watch.on_stage("best natural n-grams")
    natural = _natural(view, config.top)
    pure = [number for number in chosen if isfinite(view.purities.thresholds[number])]
    watch.on_stage(f"clusters of {len(pure):,} filters", len(pure))
    clusters = cluster_passing(view, pure, config, watch.on_step)
    negatives: Mapping[int, tuple[pl.DataFrame, pl.DataFrame]] = {}
    if config.negatives:
        watch.on_stage("negative n-grams")
        negatives = negative_ngrams(view, clusters, config, watch.on_step)
    return [
        _ids_of(view, number, (natural[number], clusters.get(number, NO_CLUSTERS), negatives), config)
        for number in chosen
    ]


def _ids_of(
    view: CorpusView,
    number: int,
    ngrams: tuple[Ints, FilterClusters, Mapping[int, tuple[pl.DataFrame, pl.DataFrame]]],
    config: CardConfig,
) -> CardIds:
    (natural, clusters, negatives), column = ngrams, view.column(number)
    of_filter = (frame.filter(pl.col("filter") == number) for frame in negatives.get(column.shape[1], ()))
    possible = possible_ngrams(column, view.biases[number], config.top)
    return CardIds(number, natural, possible, best_words(column, config.top), clusters, tuple(of_filter))


def _natural(view: CorpusView, k: int) -> list[Ints]:
    """The best natural n-grams of every filter: (up to k, n)."""
    top = top_ngrams(view.model, view.documents, k, backend="torch", table=view.table)
    rows = zip(top.words, top.counts, view.model.config.widths, strict=True)
    return [np.ascontiguousarray(words[counts > 0, :n]) for words, counts, n in rows]
