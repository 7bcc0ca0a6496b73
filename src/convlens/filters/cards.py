"""A classifier and texts in, a card for every filter out."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
import polars as pl

from convlens.arguments import checked
from convlens.data import Corpus
from convlens.filters.card import FilterCards
from convlens.filters.config import CardConfig
from convlens.filters.draft import Draft, written_card
from convlens.filters.fallen import fallen_ngrams
from convlens.filters.groups import NONE, Groups, group_passing
from convlens.filters.seen import Seen, see
from convlens.filters.slots import best_words, possible_ngrams
from convlens.filters.written import as_written
from convlens.models import Classifier, one_layer
from convlens.progress import Progress
from convlens.trace import Trace, top_ngrams
from convlens.trace.flat import Ints


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
        seen = see(model, classifier.tokenizer, content, config, backend=backend, traced=traced)
        drafts = _drafted(seen, chosen, config, hearing)
        hearing.on_stage("n-grams as they are written")
        written = as_written(seen, [words for draft in drafts for words in draft.ngrams])
        cards = tuple(written_card(draft, seen, classifier.labels, written) for draft in drafts)
    return FilterCards(cards, len(content), seen.words, config, ngram_documents=len(seen.documents))


def _drafted(seen: Seen, chosen: list[int], config: CardConfig, watch: Progress) -> list[Draft]:
    """The cards in word numbers."""
    watch.on_stage("best natural n-grams")
    natural = _natural(seen, config.top)
    pure = [number for number in chosen if isfinite(seen.found.thresholds[number])]
    watch.on_stage(f"clusters of {len(pure):,} filters", len(pure))
    groups = group_passing(seen, pure, config, watch.on_step)
    fallen: Mapping[int, tuple[pl.DataFrame, pl.DataFrame]] = {}
    if config.negatives:
        watch.on_stage("negative n-grams")
        fallen = fallen_ngrams(seen, groups, config, watch.on_step)
    return [
        _draft(seen, number, (natural[number], groups.get(number, NONE), fallen), config) for number in chosen
    ]


def _draft(
    seen: Seen,
    number: int,
    found: tuple[Ints, Groups, Mapping[int, tuple[pl.DataFrame, pl.DataFrame]]],
    config: CardConfig,
) -> Draft:
    (natural, groups, fallen), column = found, seen.column(number)
    mine = (frame.filter(pl.col("filter") == number) for frame in fallen.get(column.shape[1], ()))
    possible = possible_ngrams(column, seen.biases[number], config.top)
    return Draft(number, natural, possible, best_words(column, config.top), groups, tuple(mine))


def _natural(seen: Seen, k: int) -> list[Ints]:
    """The best natural n-grams of every filter: (up to k, n)."""
    found = top_ngrams(seen.model, seen.documents, k, backend="torch", table=seen.table)
    rows = zip(found.words, found.counts, seen.model.config.widths, strict=True)
    return [np.ascontiguousarray(words[counts > 0, :n]) for words, counts, n in rows]
