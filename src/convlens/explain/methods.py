"""The table of methods."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from convlens.errors import InputError
from convlens.explain.attribution import Attribution
from convlens.explain.corpus import ngram_shares, word_shares
from convlens.explain.ngrams import ngrams
from convlens.explain.words import words
from convlens.models import TextCNN
from convlens.trace import CorpusTrace, Documents, Floats, Trace

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

Method = Callable[[TextCNN, Trace], Attribution]
METHODS: dict[str, Method] = {"words": words, "ngrams": ngrams}
# The same methods for many documents at once, from a slot table: trace and scores (units, C).
CORPUS: "dict[str, Callable[[SlotTable, Documents], tuple[CorpusTrace, Floats]]]" = {
    "words": word_shares,
    "ngrams": ngram_shares,
}
OF_NGRAMS = {"ngrams"}  # methods whose units are the filters' n-grams, not words


def find_method(name: str) -> Method:
    """A method of `METHODS`; `InputError` lists them and suggests the nearest."""
    if name in METHODS:
        return METHODS[name]
    near = get_close_matches(name, METHODS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InputError(f"unknown method {name!r}: {hint}the methods are {', '.join(METHODS)}")
