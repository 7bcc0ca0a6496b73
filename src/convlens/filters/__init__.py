"""What the model has learned, filter by filter, and word by word."""

from convlens.filters.card import Cluster, FilterCard, FilterCards, Negative, Negatives, Ngram, SlotWord
from convlens.filters.cards import filter_cards
from convlens.filters.classes import filter_classes
from convlens.filters.clusters import Clustering, cluster
from convlens.filters.columns import column_places, first_convolutions, slot_columns, word_vectors
from convlens.filters.config import CardConfig
from convlens.filters.importance import (
    IMPORTANCES,
    Evidence,
    evidence,
    evidence_table,
    printed_importance,
    slot_importance,
    word_table,
)
from convlens.filters.natural import natural_ngrams
from convlens.filters.negatives import case_2, neighbours
from convlens.filters.plane import Plane, plane
from convlens.filters.purity import Purities, purities, threshold_points
from convlens.filters.slots import gap, ngram_scores, possible_ngrams, slot_vectors
from convlens.filters.watch import CardsBar, CardsWatch

__all__ = [
    "IMPORTANCES",
    "CardConfig",
    "CardsBar",
    "CardsWatch",
    "Cluster",
    "Clustering",
    "Evidence",
    "FilterCard",
    "FilterCards",
    "Negative",
    "Negatives",
    "Ngram",
    "Plane",
    "Purities",
    "SlotWord",
    "case_2",
    "cluster",
    "column_places",
    "evidence",
    "evidence_table",
    "filter_cards",
    "filter_classes",
    "first_convolutions",
    "gap",
    "natural_ngrams",
    "neighbours",
    "ngram_scores",
    "plane",
    "possible_ngrams",
    "printed_importance",
    "purities",
    "slot_columns",
    "slot_importance",
    "slot_vectors",
    "threshold_points",
    "word_table",
    "word_vectors",
]
