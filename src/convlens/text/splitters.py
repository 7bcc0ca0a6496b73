"""Ways to cut a text into tokens: each gives the character span of every token, in order.

A splitter maps a text to `[(start, end), ...]`, counted in code points of that text, so that
`text[start:end]` is the token as its author wrote it. Nothing is lost but white space, and no
splitter changes, folds or drops characters.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby

from convlens.text.treebank import treebank_spans

Span = tuple[int, int]
Spans = list[Span]
Splitter = Callable[[str], Spans]


def word_spans(text: str) -> Spans:
    """Words, numbers, English contractions ("do" + "n't", "it" + "'s"), markup tags, single signs.

    A word keeps its combining marks (Hindi vowel signs, decomposed accents); a sign keeps its
    variation selector or skin tone.
    """
    return list(spans_of("words", text))


def whitespace_spans(text: str) -> Spans:
    """Runs of anything but white space."""
    return list(spans_of("whitespace", text))


def character_spans(text: str) -> Spans:
    """Single characters with the marks that belong to them: for languages without spaces."""
    return list(spans_of("characters", text))


def spans_of(splitter: str, text: str) -> Iterator[Span]:
    """What a splitter of `SPLITTERS` gives, one span after the other: all of a long text at once are large."""
    if splitter not in PATTERNS:
        return iter(SPLITTERS[splitter](text))
    return (match.span() for match in PATTERNS[splitter](text).finditer(text))


# Letters of scripts that put no space between words: Thai, Lao, Tibetan, Myanmar, Khmer, the Tai scripts, Balinese and
# Javanese; and, with shorter words, the kana, bopomofo and Han. Korean has spaces.
LONG = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u1b00-\u1b7f\ua980-\ua9ff\uaa60-\uaadf"
)
SHORT = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)


def lacks_spaces(texts: Sequence[str]) -> bool:
    """Whether most letters of texts are of scripts without spaces, and none stand between the words all the same.

    Some thousand texts are looked at. Texts whose words somebody has separated have several short runs of letters.
    """
    sample = [text[:2000] for text in texts[:: max(1, len(texts) // 2000)]]
    joined = "\n".join(text for text in sample if not text.isascii())
    short, long = (
        len(re.findall(r"[^\W\d_]", "".join(re.findall(f"[{s}]+", joined)))) for s in (SHORT, LONG)
    )
    letters = len(re.findall(r"[^\W\d_]", "\n".join(sample)))
    if 2 * (short + long) <= letters:
        return False
    runs = sum(len(text.split()) for text in sample)
    separated = letters / runs <= (2.5 if short > long else 6)
    return not (separated and runs >= 2 * len(sample))


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


PATTERNS: dict[str, Callable[[str], re.Pattern[str]]] = {
    "words": lambda text: _words(
        "" if text.isascii() else _marks()
    ),  # the long class costs a third of the speed
    "whitespace": lambda text: re.compile(r"\S+"),
    "characters": lambda text: _characters(),
}
SPLITTERS: dict[str, Splitter] = {
    "words": word_spans,
    "treebank": treebank_spans,
    "whitespace": whitespace_spans,
    "characters": character_spans,
}
