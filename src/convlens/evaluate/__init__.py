"""How far can an explanation be trusted? Methods of `METHODS`, measured against the model that they explain.

A word is taken away by setting its vector to zero (Arras et al. 2016), here and in every part of this room. Higher
is better for comprehensiveness and for the share of decisions turned, lower for sufficiency.
"""

from convlens.evaluate.agreement import agree, agreement, spearman
from convlens.evaluate.chart import deletion_chart
from convlens.evaluate.config import DEFAULT, EXACT, RANDOM, EvaluateConfig
from convlens.evaluate.evaluate import evaluate
from convlens.evaluate.evaluation import Evaluation, check_evaluation_target
from convlens.evaluate.exact import exact_order
from convlens.evaluate.matching import matching_rate
from convlens.evaluate.sanity import randomised, sanity
from convlens.evaluate.watch import EvaluateBar, EvaluateWatch
from convlens.evaluate.zeroing import logits_along, logits_of_kept

__all__ = [
    "DEFAULT",
    "EXACT",
    "RANDOM",
    "EvaluateBar",
    "EvaluateConfig",
    "EvaluateWatch",
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
