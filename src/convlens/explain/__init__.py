"""Why this prediction? One function per method, one `Explanation` for all.

A method maps a model and a `Trace` of a batch to an `Attribution`: scores (B, U, C) in logits for
units U, which are words or filters' n-grams, and the part no unit owns. Positive means that the
unit speaks for the class. Methods that are exact sum to the logits; every `Explanation` carries its
residual, so that anyone can check.
"""

from convlens.explain.attribution import Attribution
from convlens.explain.explain import explain, explain_all
from convlens.explain.explanation import Explanation
from convlens.explain.methods import METHODS, find_method
from convlens.explain.ngrams import ngrams
from convlens.explain.spans import ngram_spans
from convlens.explain.texts import TextsAttribution, attribute_texts
from convlens.explain.words import words

__all__ = [
    "METHODS",
    "Attribution",
    "Explanation",
    "TextsAttribution",
    "attribute_texts",
    "explain",
    "explain_all",
    "find_method",
    "ngram_spans",
    "ngrams",
    "words",
]
