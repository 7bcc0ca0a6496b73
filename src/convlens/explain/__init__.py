"""Why this prediction? One function per method, one `Explanation` for all.

A `Method` maps a model and a batch to an `Attribution`: scores (B, U, C) for units U, which are words
or filters' n-grams, and the part no unit owns. Positive means that the unit speaks for the class, but
for sensitivities, which have no sign. Exact methods sum to the logits, and their `Explanation` carries
its residual, so that anyone can check; `Sums` says what the others promise. A method says which model
families it answers for, and is refused for others.
"""

from convlens.explain.attribution import Attribution, Sums
from convlens.explain.closed_gradients import (
    gradient_x_input_closed,
    sensitivity_closed,
    sensitivity_l2_closed,
)
from convlens.explain.deep_lrp import deep_lrp
from convlens.explain.discriminative import Cut, cuts, fitting, ngram_variances
from convlens.explain.document_vectors import ELEMENTS, document_vectors, weighted_sum, weightings
from convlens.explain.explain import explain, explain_all
from convlens.explain.explanation import Explanation
from convlens.explain.fields import Field, fields
from convlens.explain.gradients import gradient_x_input, sensitivity, sensitivity_l2
from convlens.explain.greedy import deep_greedy, greedy
from convlens.explain.hidden import UnitConfig, hidden_units
from convlens.explain.leave_one_out import leave_one_out
from convlens.explain.lrp import lrp, lrp_elements
from convlens.explain.methods import METHODS, Method, find_method
from convlens.explain.neighbours import Neighbours, nearest_words
from convlens.explain.ngrams import ngrams
from convlens.explain.occlusion import deep_occlusion, occlusion, peaks_without_each
from convlens.explain.optimise import Ascent, Goal, Optimum, optimise
from convlens.explain.projection import PROJECTIONS, project
from convlens.explain.saliency import LayerSaliency, TextSaliency, each_saliency, saliency
from convlens.explain.scatter import group, scatter
from convlens.explain.spans import ngram_spans
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.explain.thresholded import thresholded
from convlens.explain.units import TextUnits, UnitMeaning
from convlens.explain.words import words

__all__ = [
    "ELEMENTS",
    "METHODS",
    "PROJECTIONS",
    "Ascent",
    "Attribution",
    "Cut",
    "Explanation",
    "Field",
    "Goal",
    "LayerSaliency",
    "Method",
    "Neighbours",
    "Optimum",
    "Sums",
    "TextSaliency",
    "TextUnits",
    "TextsAttribution",
    "UnitConfig",
    "UnitMeaning",
    "attribute_texts",
    "cuts",
    "deep_greedy",
    "deep_lrp",
    "deep_occlusion",
    "document_vectors",
    "each_saliency",
    "explain",
    "explain_all",
    "fields",
    "find_method",
    "fitting",
    "gradient_x_input",
    "gradient_x_input_closed",
    "greedy",
    "group",
    "hidden_units",
    "leave_one_out",
    "lrp",
    "lrp_elements",
    "nearest_words",
    "ngram_spans",
    "ngram_variances",
    "ngrams",
    "occlusion",
    "optimise",
    "peaks_without_each",
    "project",
    "saliency",
    "scatter",
    "sensitivity",
    "sensitivity_closed",
    "sensitivity_l2",
    "sensitivity_l2_closed",
    "thresholded",
    "weighted_sum",
    "weightings",
    "words",
]
