"""What can go: thresholds, features, filters and words, and what it costs."""

from convlens.compress.ablations import ABLATIONS, ablate
from convlens.compress.choose import choose_gates
from convlens.compress.crowding import Crowd, crowds
from convlens.compress.editing import Pattern, count_matches, disable, find_pattern
from convlens.compress.features import Features, find_epsilon, kept_logits, telling, variances
from convlens.compress.filters import keep_filters, never_passing
from convlens.compress.pruning import Outcome, by_features, by_gates, by_words, cost
from convlens.compress.purity import (
    gates_of_purity,
    identities,
    measured,
    purity_curve,
    renew_thresholds,
    sweep,
)
from convlens.compress.seen import Parts, Seen, see, three_parts
from convlens.compress.tuning import tune_head
from convlens.compress.vocabulary import Trained, important_words, parameters, prune_words, settings_of

__all__ = [
    "ABLATIONS",
    "Crowd",
    "Features",
    "Outcome",
    "Parts",
    "Pattern",
    "Seen",
    "Trained",
    "ablate",
    "by_features",
    "by_gates",
    "by_words",
    "choose_gates",
    "cost",
    "count_matches",
    "crowds",
    "disable",
    "find_epsilon",
    "find_pattern",
    "gates_of_purity",
    "identities",
    "important_words",
    "keep_filters",
    "kept_logits",
    "measured",
    "never_passing",
    "parameters",
    "prune_words",
    "purity_curve",
    "renew_thresholds",
    "see",
    "settings_of",
    "sweep",
    "telling",
    "three_parts",
    "tune_head",
    "variances",
]
