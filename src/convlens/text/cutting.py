"""From texts to tokens: (word to look up, start, end), by a splitter, a pattern, or a function of the caller's.

A function gives tokens with their places, or tokens alone, which are then searched for in the text. A place is never
made up: a token that the text does not hold is an error.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from convlens.arguments import described
from convlens.errors import InputError
from convlens.shown import shown
from convlens.text.patterns import deleter, finder
from convlens.text.settings import FUNCTION, TextConfig
from convlens.text.splitters import spans_of

Piece = tuple[str, int, int]  # a token as it is looked up, and its place in the text
Cutter = Callable[[str], Iterable[Any]]  # texts to pieces, or to tokens alone
SPELLINGS = {  # of what tokenisers write in the place of a character
    "``": ('"', "“", "''"),
    "''": ('"', "”", "``"),
    "-lrb-": ("(",),
    "-rrb-": (")",),
    "-lsb-": ("[",),
    "-rsb-": ("]",),
    "-lcb-": ("{",),
    "-rcb-": ("}",),
}
MARKS = ("##", "▁", "Ġ", "@@")  # at the ends of pieces of words


def pieces(config: TextConfig, cutter: Cutter | None) -> Callable[[str], Iterator[Piece]]:
    """What cuts a text into its tokens, in order, by these settings."""
    if config.splitter == FUNCTION:
        return lambda text: _of_function(cutter, text, config.function)
    spans = partial(spans_of, config.splitter) if config.pattern is None else finder(config.pattern)
    if config.delete is None:
        return lambda text: ((text[start:end], start, end) for start, end in spans(text))
    delete = deleter(config.delete)
    return lambda text: (
        (word, start, end) for start, end in spans(text) if (word := delete(text[start:end]))
    )


def cutter_of(tokenizer: Any) -> Cutter:
    """A function, or a fast tokenizer of Hugging Face, as a function; its special tokens, which stand nowhere in a text, are left out."""
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if not (hasattr(backend, "encode") and hasattr(backend, "get_vocab")):
        if not callable(tokenizer):
            raise InputError(
                f"a tokeniser is a function from a text to its tokens, got {described(tokenizer)}: give that function"
            )
        cutter: Cutter = tokenizer
        return cutter

    def cut(text: str) -> list[Piece]:
        encoding = backend.encode(text, add_special_tokens=False)
        return [(token, *span) for token, span in zip(encoding.tokens, encoding.offsets, strict=True)]

    return cut


def _of_function(cutter: Cutter | None, text: str, name: str | None) -> Iterator[Piece]:
    if cutter is None:
        raise InputError(
            f"the texts of this model are cut into words by a function ({name or 'without a name'}), which is not saved with it: "
            "give it again, load(folder, tokenizer=FUNCTION)"
        )
    tokens = list(cutter(text))
    if all(isinstance(token, str) for token in tokens):
        return align(text, tokens)
    return _checked(text, tokens)


def _checked(text: str, tokens: list[Any]) -> Iterator[Piece]:
    before = 0
    for token in tokens:
        word, start, end = token if isinstance(token, tuple) and len(token) == 3 else (None, 0, 0)
        if not (isinstance(word, str) and isinstance(start, int) and isinstance(end, int)):
            raise InputError(
                f"a tokeniser gave {described(token)} for {shown(text)}: expected strings, or tuples (token, start, end)"
            )
        if not before <= start <= end <= len(text):
            raise InputError(
                f"a tokeniser puts {shown(word)} at characters {start} to {end} of {shown(text)}, which has {len(text)} and "
                f"whose token before ends at {before}: places must rise within the text"
            )
        before = start
        yield word, start, end


def align(text: str, tokens: Iterable[str]) -> Iterator[Piece]:
    """Tokens with their places: each is searched for from the end of the one before it, as it stands, then without case.

    `InputError` names the first that the text does not hold there.
    """
    folded, end = text.lower(), 0
    folded = folded if len(folded) == len(text) else text
    for token in tokens:
        start, size = _place(text, folded, token, end)
        if start < 0:
            raise InputError(
                f"the token {shown(token)} stands nowhere in {shown(text)} after character {end}: give a tokeniser that says "
                "where its tokens are, as tuples (token, start, end)"
            )
        end = start + size
        yield token, start, end


def _place(text: str, folded: str, token: str, first: int) -> tuple[int, int]:
    """Where a token stands, from a character on, and its size; the nearest of its spellings; -1 where none does."""
    if not token:
        return -1, 0
    for spellings in ((token,), _spellings(token)):
        places = [
            (start, len(spelling))
            for spelling in spellings
            for start in (text.find(spelling, first), folded.find(spelling.lower(), first))
            if start >= 0
        ]
        if places:
            return min(places)
    return -1, 0


def _spellings(token: str) -> tuple[str, ...]:
    """Other ways in which a text may hold a token: without escapes, or the marks of word pieces."""
    bare = token.replace("\\", "")
    for mark in MARKS:
        bare = bare.removeprefix(mark).removesuffix(mark)
    return (*SPELLINGS.get(token.lower(), ()), *([bare] if bare and bare != token else []))
