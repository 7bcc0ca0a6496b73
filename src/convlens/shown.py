"""Text as people see it: what could rewrite a terminal becomes an escape that can be read.

Texts, labels, words and paths come from strangers. `Terminal` shows nothing raw, whoever prints to it; `visible`
is for what must also fit into a line or a column.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

AT_ONCE = 2**16  # characters
SENTENCE = 280  # characters: with the program's name before it a sentence has at most 300
WORD = 100  # characters of a word that are left at least
LISTED = 10  # names in a sentence
HIDDEN = {
    "Cc",
    "Cf",
    "Cs",
    "Zl",
    "Zp",
}  # categories: control, format, surrogate, line and paragraph separator
JOINERS = "\u200c\u200d"  # of letters and emoji: they move nothing


def visible(text: str, keep: str = "") -> str:
    r"""Control and direction characters as escapes such as `\x1b`, but for those of `keep`; lone surrogates as U+FFFD."""
    if text.isprintable():
        return text
    return _in_pieces(text, lambda c: c if c in keep or not _hidden(c) else _escaped(c))


def sentence(text: str) -> str:
    """One line of at most `SENTENCE` characters.

    In a longer one the longest words, which are paths and values, lose their middle; where these are no longer than `WORD`, the
    line does, as its end says what to do.
    """
    words = visible(re.sub(r"[ \t\n\r\f\v]+", " ", text)).strip().split(" ")
    while (excess := len(" ".join(words)) - SENTENCE) > 0:
        place = max(range(len(words)), key=lambda place: len(words[place]))
        if len(words[place]) <= WORD:
            break
        words[place] = clipped(words[place], max(len(words[place]) - excess, WORD))
    return clipped(" ".join(words), SENTENCE)


def suggestion(name: str, names: Iterable[str]) -> str:
    """What a name that is none of these was likely meant to be, as the beginning of advice; nothing where none is near."""
    near = get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}? " if near else ""


def clipped(text: str, most: int) -> str:
    """A text of at most `most` characters: its beginning and its end."""
    if len(text) <= most:
        return text
    half = (most - 3) // 2
    return f"{text[:half]} … {text[len(text) - half :]}"


def shown(value: Any, most: int = 80) -> str:
    """A value as a short part of a sentence."""
    return clipped(repr(value), most)


def listed(names: Sequence[str], most: int = LISTED) -> str:
    """Names as part of a sentence: the first `most`, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def json_visible(content: str) -> str:
    r"""JSON with the characters that JSON itself leaves raw, such as `\x9b`, as JSON's escapes."""
    if content.isprintable():
        return content
    return _in_pieces(content, lambda c: _json_escaped(c) if _hidden(c) and c != "\n" else c)


class Terminal(Console):
    """A console of rich that escapes control characters in whatever it is given, and reads no markup for emoji."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of `rich.console.Console.render`, their text made visible."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(visible(segment.text, "\n\t"), segment.style)


def _in_pieces(text: str, escape: Callable[[str], str]) -> str:
    """A text with each character escaped, some at a time: a list of all the characters of a long one takes much memory."""
    return "".join("".join(map(escape, text[i : i + AT_ONCE])) for i in range(0, len(text), AT_ONCE))


def _hidden(character: str) -> bool:
    return character not in JOINERS and unicodedata.category(character) in HIDDEN


def _escaped(character: str) -> str:
    lone = unicodedata.category(character) == "Cs"  # half a pair, which UTF-8 cannot hold
    return "\ufffd" if lone else character.encode("unicode_escape").decode("ascii")


def _json_escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
