from .card import Cluster, FilterCard, FilterCards, Negative, Negatives, Ngram, SlotWord
from .cards import filter_cards
from .clusters import Clustering, cluster
from .columns import column_places, first_convolutions, slot_columns, word_vectors
from .config import CardConfig
from .importance import (
    IMPORTANCES,
    Evidence,
    evidence,
    evidence_table,
    printed_importance,
    slot_importance,
    word_table,
)
from .natural import natural_ngrams
from .negatives import case_2, neighbours
from .plane import Plane, plane
from .slots import gap, ngram_scores, possible_ngrams, slot_vectors
from .thresholds import Purities, filter_classes, purities, threshold_points

__all__ = [
    "IMPORTANCES",
    "CardConfig",
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
