"""Latin-1 texts cut into words, as the regular expression of the splitter `words` cuts them, and looked up.

That expression is the definition, and tests hold every function here to it. It tries its alternatives in order, at
the leftmost place, and backs up; on Latin-1, which has no combining marks, each choice needs only the next few characters, as the comments say.
"""

import numpy as np
from numba import njit, prange

from convlens.kernels.lexicon import find

WORD, DIGIT, LETTER, SPACE = 1, 2, 4, 8  # `\w`, `\d`, `[A-Za-z]` and `\s`
LESS, GREATER, SLASH, QUOTE, DOT, COMMA = (ord(sign) for sign in "<>/'.,")
N, T, S, D, M, R, V, E, L = (ord(sign) for sign in "ntsdmrvel")
INSIDE = 99  # characters of a tag behind its first letter


def _kind(sign: str) -> int:
    word = sign.isalnum() or sign == "_"
    letter = sign.isascii() and sign.isalpha()
    return WORD * word | DIGIT * sign.isdecimal() | LETTER * letter | SPACE * sign.isspace()


KINDS = np.array([_kind(chr(i)) for i in range(256)], np.uint8)
LOWER = np.array([ord(chr(i).lower()) for i in range(256)], np.uint8)


@njit(parallel=True, cache=True, error_model="numpy")
def cut(letters, edges, chunks, lexicon, limit, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Cut text i, `letters[edges[i] : edges[i + 1]]`, into at most `limit` words, and look each up in `lexicon`.

    Chunk c holds the texts `chunks[c]` to `chunks[c + 1]`. `out`: ids (letters,) and spans (letters, 2), a chunk's one
    after the other from the place of its first letter on, and the number of words of each text, (texts,).
    """
    ids, spans, lengths = out
    for chunk in prange(len(chunks) - 1):
        at = edges[chunks[chunk]]
        for i in range(chunks[chunk], chunks[chunk + 1]):
            lengths[i] = _cut(letters[edges[i] : edges[i + 1]], lexicon, limit, (ids[at:], spans[at:]))
            at += lengths[i]


@njit(cache=True, error_model="numpy")
def _cut(text, lexicon, limit, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Cut one text; return the number of its words."""
    ids, spans = out
    start = count = 0
    while start < len(text) and count < limit:
        if KINDS[text[start]] & SPACE:
            start += 1
            continue
        end = token_end(text, start)
        ids[count] = find(text[start:end], lexicon)
        spans[count, 0], spans[count, 1] = start, end
        start, count = end, count + 1
    return count


@njit(cache=True, error_model="numpy")
def token_end(text, start):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The end of the token at `start`, which is no white space."""
    if KINDS[text[start]] & WORD:
        end = _number_end(text, start)
        return end if end > start else _word_end(text, start)
    if text[start] == QUOTE:
        return _short_end(text, start)
    return _tag_end(text, start) if text[start] == LESS else start + 1


@njit(cache=True, error_model="numpy")
def _number_end(text, start):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`\\d+(?:[.,]\\d+)+`; `start` where there is none. Shorter runs of digits are followed by a digit: no backing up."""
    end, digits_end = _run_end(text, start, DIGIT), start
    while end > start and end + 1 < len(text) and (text[end] == DOT or text[end] == COMMA):
        if not KINDS[text[end + 1]] & DIGIT:
            break
        end = digits_end = _run_end(text, end + 1, DIGIT)
    return digits_end


@njit(cache=True, error_model="numpy")
def _word_end(text, start):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`\\w+(?=n't\\b)|n't\\b|\\w+`: a quote ends a run, so the n can only be its last letter."""
    end = _run_end(text, start, WORD)
    if end + 1 >= len(text) or text[end] != QUOTE or LOWER[text[end - 1]] != N:
        return end
    if LOWER[text[end + 1]] != T or not _ends(text, end + 2):
        return end
    return end - 1 if end - 1 > start else end + 2


@njit(cache=True, error_model="numpy")
def _short_end(text, start):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`'(?:s|re|ve|ll|d|m)\\b`, or the quote alone."""
    if start + 1 == len(text):
        return start + 1
    one = LOWER[text[start + 1]]
    if one in (S, D, M):
        end = start + 2
    else:
        two = LOWER[text[start + 2]] if start + 2 < len(text) else np.uint8(0)
        if not ((two == E and one in (R, V)) or (two == L and one == L)):
            return start + 1
        end = start + 3
    return end if _ends(text, end) else start + 1


@njit(cache=True, error_model="numpy")
def _tag_end(text, start):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`</?[A-Za-z][^<>]{0,99}>`, or the sign alone; the first `<` or `>` decides."""
    letter = start + 1
    if letter < len(text) and text[letter] == SLASH:
        letter += 1
    if letter < len(text) and KINDS[text[letter]] & LETTER:
        for end in range(letter + 1, min(letter + INSIDE + 2, len(text))):
            if text[end] == GREATER:
                return end + 1
            if text[end] == LESS:
                break
    return start + 1


@njit(cache=True, error_model="numpy")
def _run_end(text, start, kind):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Where characters of a kind end."""
    end = start
    while end < len(text) and KINDS[text[end]] & kind:
        end += 1
    return end


@njit(cache=True, error_model="numpy")
def _ends(text, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    """`\\b` behind a letter."""
    return end >= len(text) or not KINDS[text[end]] & WORD
