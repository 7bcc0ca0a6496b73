from .attribution import Attribution, Scored, Sums
from .deep_lrp import deep_lrp
from .deep_occlusion import deep_greedy, deep_occlusion
from .discriminative import VarianceCut, choose_cut, cuts, variance_sweep
from .document_vectors import ELEMENTS, document_vectors, weighted_sums, weightings
from .explain import explain, explain_all
from .explanation import Explanation
from .methods import ALIASES, METHODS, Method, find_method
from .predictor import PREDICTOR_METHODS, explain_predictor
from .relevance import lrp_elements
from .spans import ngram_spans, words_of_windows
from .texts import attribute_texts, score
from .thinning import Thinned, ThinnedByTable, thinned
from .xu_du import column_sums, loss_change, matrix_a, ngram_variances

__all__ = [
    "ALIASES",
    "ELEMENTS",
    "METHODS",
    "PREDICTOR_METHODS",
    "Attribution",
    "Explanation",
    "Method",
    "Scored",
    "Sums",
    "Thinned",
    "ThinnedByTable",
    "VarianceCut",
    "attribute_texts",
    "choose_cut",
    "column_sums",
    "cuts",
    "deep_greedy",
    "deep_lrp",
    "deep_occlusion",
    "document_vectors",
    "explain",
    "explain_all",
    "explain_predictor",
    "find_method",
    "loss_change",
    "lrp_elements",
    "matrix_a",
    "ngram_spans",
    "ngram_variances",
    "score",
    "thinned",
    "variance_sweep",
    "weighted_sums",
    "weightings",
    "words_of_windows",
]
