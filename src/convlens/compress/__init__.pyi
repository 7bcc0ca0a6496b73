from .ablations import ABLATIONS, ablate
from .choose import choose_gates
from .crowding import Crowd, crowds
from .editing import Pattern, count_matches, disable, find_pattern
from .features import Features, find_epsilon, kept_logits, telling, variances
from .filters import keep_filters, never_passing
from .pruning import Outcome, by_features, by_gates, by_words, cost
from .purity import (
    gates_of_purity,
    identities,
    measured,
    purity_curve,
    renew_thresholds,
    sweep,
)
from .seen import Parts, Seen, see, three_parts
from .tuning import tune_head
from .vocabulary import Trained, important_words, parameters, prune_words, settings_of

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
