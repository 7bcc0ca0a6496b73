from .attribution import Attribution, Sums
from .closed_gradients import (
    gradient_x_input_closed,
    sensitivity_closed,
    sensitivity_l2_closed,
)
from .deep_lrp import deep_lrp
from .discriminative import Cut, cuts, fitting, ngram_variances
from .document_vectors import ELEMENTS, document_vectors, weighted_sum, weightings
from .explain import explain, explain_all
from .explanation import Explanation
from .fields import Field, fields
from .gradients import gradient_x_input, sensitivity, sensitivity_l2
from .greedy import deep_greedy, greedy
from .hidden import UnitConfig, hidden_units
from .leave_one_out import leave_one_out
from .lrp import lrp, lrp_elements
from .methods import METHODS, Method, find_method
from .neighbours import Neighbours, nearest_words
from .ngrams import ngrams
from .occlusion import deep_occlusion, occlusion, peaks_without_each
from .optimise import Ascent, Goal, Optimum, optimise
from .projection import PROJECTIONS, project
from .saliency import LayerSaliency, TextSaliency, each_saliency, saliency
from .scatter import group, scatter
from .spans import ngram_spans
from .texts import TextsAttribution, attribute_texts
from .thresholded import thresholded
from .units import TextUnits, UnitMeaning
from .words import words

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
