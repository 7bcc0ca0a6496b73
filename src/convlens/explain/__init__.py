"""Why this prediction? One function per method, one `Explanation` for all.

A `Method` maps a model and a batch to an `Attribution`: scores (B, U, C) for units U, which are words
or filters' n-grams, and the part no unit owns. Positive means that the unit speaks for the class, but
for sensitivities, which have no sign. Exact methods sum to the logits, and their `Explanation` carries
its residual, so that anyone can check; `Sums` says what the others promise. A method says which model
families it answers for, and is refused for others.
"""

from convlens.explain.attribution import Attribution, Sums
from convlens.explain.explain import explain, explain_all
from convlens.explain.explanation import Explanation
from convlens.explain.gradients import gradient_x_input, sensitivity, sensitivity_l2
from convlens.explain.methods import METHODS, Method, find_method
from convlens.explain.ngrams import ngrams
from convlens.explain.spans import ngram_spans
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.explain.words import words

__all__ = [
    "METHODS",
    "Attribution",
    "Explanation",
    "Method",
    "Sums",
    "TextsAttribution",
    "attribute_texts",
    "explain",
    "explain_all",
    "find_method",
    "gradient_x_input",
    "ngram_spans",
    "ngrams",
    "sensitivity",
    "sensitivity_l2",
    "words",
]
