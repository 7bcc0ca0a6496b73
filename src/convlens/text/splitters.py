"""Ways to cut a text into tokens: each gives the character span of every token, in order.

A splitter maps a text to `[(start, end), ...]`, counted in code points of that text, so that
`text[start:end]` is the token as its author wrote it. Nothing is lost but white space, and no
splitter changes, folds or drops characters.
"""

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import groupby

from convlens.text.treebank import treebank_spans

Spans = list[tuple[int, int]]
Splitter = Callable[[str], Spans]


def word_spans(text: str) -> Spans:
    """Words, numbers, English contractions ("do" + "n't", "it" + "'s"), markup tags, single signs.

    A word keeps its combining marks (Hindi vowel signs, decomposed accents); a sign keeps its
    variation selector or skin tone.
    """
    pattern = _words("" if text.isascii() else _marks())  # the long class costs a third of the speed
    return [match.span() for match in pattern.finditer(text)]


def whitespace_spans(text: str) -> Spans:
    """Runs of anything but white space."""
    return [match.span() for match in re.finditer(r"\S+", text)]


def character_spans(text: str) -> Spans:
    """Single characters with the marks that belong to them: for languages without spaces."""
    return [match.span() for match in _characters().finditer(text)]


@cache
def _marks() -> str:
    """Combining marks, joiner and skin tones, as the inside of a regular expression's class."""
    marks = (c for c in range(0x300, sys.maxunicode) if unicodedata.category(chr(c)).startswith("M"))
    runs = [[c for _, c in run] for _, run in groupby(enumerate(marks), lambda p: p[1] - p[0])]
    return "".join(f"{chr(r[0])}-{chr(r[-1])}" for r in runs) + "\u200d\U0001f3fb-\U0001f3ff"


@cache
def _words(marks: str) -> re.Pattern[str]:
    """The pattern of `word_spans`; `marks` are the characters that may follow a letter or sign."""
    return re.compile(
        r"</?[A-Za-z][^<>]{0,99}>"  # a markup tag
        r"|\d+(?:[.,]\d+)+"  # 3.5 or 1,000
        r"|\w+(?=[nN]['’][tT]\b)|[nN]['’][tT]\b"  # contractions, cut as in the Penn Treebank
        r"|['’](?:[sS]|[rR][eE]|[vV][eE]|[lL][lL]|[dD]|[mM])\b"
        + (rf"|\w[\w{marks}]*|[^\w\s][{marks}]*" if marks else r"|\w+|[^\w\s]")
    )


@cache
def _characters() -> re.Pattern[str]:
    return re.compile(rf"\S[{_marks()}]*")


SPLITTERS: dict[str, Splitter] = {
    "words": word_spans,
    "treebank": treebank_spans,
    "whitespace": whitespace_spans,
    "characters": character_spans,
}
