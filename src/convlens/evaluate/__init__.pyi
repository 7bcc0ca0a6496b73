from .agreement import agree, agreement, spearman
from .chart import deletion_chart
from .config import DEFAULT, EXACT, RANDOM, EvaluateConfig
from .evaluate import evaluate
from .evaluation import Evaluation, check_evaluation_target
from .exact import exact_order
from .matching import matching_rate
from .sanity import randomised, sanity
from .zeroing import logits_along, logits_of_kept

__all__ = [
    "DEFAULT",
    "EXACT",
    "RANDOM",
    "EvaluateConfig",
    "Evaluation",
    "agree",
    "agreement",
    "check_evaluation_target",
    "deletion_chart",
    "evaluate",
    "exact_order",
    "logits_along",
    "logits_of_kept",
    "matching_rate",
    "randomised",
    "sanity",
    "spearman",
]
