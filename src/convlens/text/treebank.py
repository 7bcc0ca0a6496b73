"""Penn Treebank tokens (NLTK's tokeniser) with their place in the text."""

from functools import cache
from typing import Any

# The tokeniser writes every double quote as `` or ''.
_QUOTES = {"``": ('"', "``", "''"), "''": ('"', "''", "``")}


def treebank_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the tokens that NLTK's `NLTKWordTokenizer` finds in `text`."""
    spans = []
    at = 0
    for token in _tokenizer().tokenize(text):
        start, length = _find(text, token, at)
        spans.append((start, start + length))
        at = start + length
    return spans


def _find(text: str, token: str, at: int) -> tuple[int, int]:
    """Place and length of the next `token` in `text` from `at` on, quotes in any spelling."""
    places = [(text.find(form, at), len(form)) for form in _QUOTES.get(token, (token,))]
    return min(place for place in places if place[0] >= 0)


@cache
def _tokenizer() -> Any:
    from nltk.tokenize import NLTKWordTokenizer  # takes a second to import

    return NLTKWordTokenizer()
