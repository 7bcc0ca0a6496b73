"""Regular expressions for tokens, in Python's meaning, that no token can hold up.

Python's own engine cannot be stopped, so the package `regex` matches, with a limit of time. What the two call a letter,
digit or blank differs by thousands of characters: those classes are written out, so that a pattern means what it
means to Python.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from math import prod

import regex

from convlens.errors import InputError
from convlens.shown import shown

LONGEST = 2_000  # characters of a pattern
REPEATS = 100_000  # product of all numbers of repetitions, which the engine unrolls
SECONDS = 0.2  # for one token
PACE = 10_000  # characters of a text in a second
CLASSES = {rf"\{kind}" for kind in "wWdDsS"}


def check_pattern(pattern: str) -> None:
    """Raise `InputError` for what is no regular expression, or one of no reasonable size."""
    repeats = [max(int(n[:9] or 0) for n in m) for m in re.findall(r"\{(\d*),?(\d*)\}", pattern)]
    if len(pattern) > LONGEST or prod(max(n, 1) for n in repeats) > REPEATS:
        raise InputError(
            f"{shown(pattern)} is too large a regular expression for tokens: write a shorter one"
        )
    try:
        re.compile(pattern)
        _compiled(pattern)
    except (re.error, regex.error, OverflowError, RecursionError, ValueError) as error:
        raise InputError(
            f"{shown(pattern)} is no regular expression for tokens ({error}): mend it or leave it out"
        ) from None


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a token matches a pattern whole; `InputError` for a pair that takes too long."""
    fullmatch = _compiled(pattern).fullmatch

    @lru_cache(2**16)
    def fits(token: str) -> bool:
        try:
            return fullmatch(token, timeout=SECONDS) is not None
        except (TimeoutError, MemoryError):
            raise _too_slow(pattern, token) from None

    return fits


def finder(pattern: str) -> Callable[[str], Iterator[tuple[int, int]]]:
    """Where a pattern matches in a text, one match after the other, none of them empty; `InputError` where that takes too long."""
    compiled = _compiled(pattern)

    def find(text: str) -> Iterator[tuple[int, int]]:
        try:
            spans = [match.span() for match in compiled.finditer(text, timeout=SECONDS + len(text) / PACE)]
        except (TimeoutError, MemoryError):
            raise _too_slow(pattern, text) from None
        return iter([(start, end) for start, end in spans if start < end])

    return find


def deleter(pattern: str) -> Callable[[str], str]:
    """A token without what matches a pattern; `InputError` for a pair that takes too long."""
    compiled = _compiled(pattern)

    @lru_cache(2**16)
    def delete(token: str) -> str:
        try:
            return str(compiled.sub("", token, timeout=SECONDS))
        except (TimeoutError, MemoryError):
            raise _too_slow(pattern, token) from None

    return delete


def _too_slow(pattern: str, text: str) -> InputError:
    return InputError(
        f"the regular expression {shown(pattern)} takes too long on the token {shown(text)}: write it without repetitions in one another"
    )


def _compiled(pattern: str) -> "regex.Pattern[str]":
    ascii_only = bool(re.compile(pattern).flags & re.ASCII)
    return regex.compile(pattern if ascii_only else _written_out(pattern))


def _written_out(pattern: str) -> str:
    r"""A pattern with `\w`, `\d`, `\s` and their opposites as the characters that Python means by them."""

    def piece(match: re.Match[str]) -> str:
        text = match[0]
        if text[0] == "[":
            return "[" + re.sub(r"\\.|\[", member, text[1:], flags=re.DOTALL)
        return f"[{_members(text[1])}]" if text in CLASSES else text

    def member(match: re.Match[str]) -> str:
        text = match[0]
        return _members(text[1]) if text in CLASSES else r"\[" if text == "[" else text

    return re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", piece, pattern, flags=re.DOTALL)


@cache
def _members(kind: str) -> str:
    text = "".join(map(chr, range(sys.maxunicode + 1)))
    runs = re.compile(rf"\{kind}+").finditer(text)
    return "".join(f"\\U{run.start():08x}-\\U{run.end() - 1:08x}" for run in runs)
