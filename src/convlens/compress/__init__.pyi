from .ablations import ABLATIONS, ablate
from .choose import choose_gates
from .editing import Pattern, count_matches, disable, find_pattern
from .embedding_clusters import EmbeddingClusters, cluster_embedding
from .features import Features, discriminative_filters, find_epsilon, kept_logits, variances
from .filters import keep_filters, never_passing
from .head_inputs import HeadInputs, Parts, three_parts, trace_labelled
from .pruning import Pruned, by_features, by_gates, by_words, cost
from .purity import (
    gates_of_purity,
    identities,
    measured,
    purity_curve,
    renew_thresholds,
    sweep,
)
from .tuning import tune_head
from .vocabulary import Trained, important_words, parameters, prune_words, settings_of

__all__ = [
    "ABLATIONS",
    "EmbeddingClusters",
    "Features",
    "HeadInputs",
    "Parts",
    "Pattern",
    "Pruned",
    "Trained",
    "ablate",
    "by_features",
    "by_gates",
    "by_words",
    "choose_gates",
    "cluster_embedding",
    "cost",
    "count_matches",
    "disable",
    "discriminative_filters",
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
    "settings_of",
    "sweep",
    "three_parts",
    "trace_labelled",
    "tune_head",
    "variances",
]
