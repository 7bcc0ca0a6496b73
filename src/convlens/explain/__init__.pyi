from .attribution import Attribution, Scored, Sums
from .deep_lrp import deep_lrp
from .deep_occlusion import deep_greedy, deep_occlusion
from .discriminative import Cut, cuts, fitting, ngram_variances
from .document_vectors import ELEMENTS, document_vectors, weighted_sums, weightings
from .explain import explain, explain_all
from .explanation import Explanation
from .fields import Field, fields
from .hidden import UnitConfig, hidden_units
from .methods import METHODS, Method, find_method
from .neighbours import Neighbours, nearest_words
from .optimise import Ascent, Goal, Optimum, optimise
from .projection import PROJECTIONS, project
from .relevance import lrp_elements
from .saliency import LayerSaliency, TextSaliency, each_saliency, saliency
from .scatter import group, scatter
from .spans import ngram_spans
from .texts import attribute_texts, score
from .thinning import Thinned, ThinnedByTable, thinned
from .units import TextUnits, UnitMeaning
from .xu_du import loss_change, matrix_a

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
    "Scored",
    "Sums",
    "TextSaliency",
    "TextUnits",
    "Thinned",
    "ThinnedByTable",
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
    "group",
    "hidden_units",
    "loss_change",
    "lrp_elements",
    "matrix_a",
    "nearest_words",
    "ngram_spans",
    "ngram_variances",
    "optimise",
    "project",
    "saliency",
    "scatter",
    "score",
    "thinned",
    "weighted_sums",
    "weightings",
]
