"""A text set in lines of a known width, as a picture needs it; a long one only around its marks."""

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from convlens.draw.svg import shortened

LETTER, LEFT, RIGHT = 8.4, 14, 746
LONGEST, WHOLE, AROUND = 60, 120, 8  # letters of a word, words of a text shown whole, words around a mark


class Piece(NamedTuple):
    """A word with its number (-1: an ellipsis) and its place on its line."""

    word: int
    text: str
    left: float
    width: float


Line = list[Piece]


def lines(text: str, spans: Sequence[tuple[int, int]], marks: Sequence[tuple[int, int]]) -> list[Line]:
    """The words of a text in lines; of a text of over `WHOLE` words, those around the marks or its beginning."""
    rows: list[Line] = [[]]
    left, before = float(LEFT), -1
    for word in _shown(len(spans), marks):
        gap = before < 0 or word != before + 1 or text[spans[before][1] : spans[word][0]] != ""
        if before >= 0 and word != before + 1:
            left = _put(rows, Piece(-1, "…", left + LETTER, LETTER))
        start, end = spans[word]
        shown = shortened(text[start:end], LONGEST)
        left = _put(rows, Piece(word, shown, left + LETTER * (gap and left > LEFT), _width(shown)))
        before = word
    if 0 <= before < len(spans) - 1:
        _put(rows, Piece(-1, "…", left + LETTER, LETTER))
    return rows


def middle_of(rows: Sequence[Line], mark: tuple[int, int]) -> tuple[int, float]:
    """The line where a mark begins, and the middle of its part there."""
    for number, line in enumerate(rows):
        seen = [piece for piece in line if mark[0] <= piece.word <= mark[1]]
        if seen:
            return number, (seen[0].left + seen[-1].left + seen[-1].width) / 2
    raise ValueError(f"no line shows the words {mark}")


def _put(rows: list[Line], piece: Piece) -> float:
    """Set a piece on the last line or, where it has no room, on a new one; returns where it ends."""
    if rows[-1] and piece.left + piece.width > RIGHT:
        rows.append([])
        piece = piece._replace(left=float(LEFT))
    rows[-1].append(piece)
    return piece.left + piece.width


def _shown(words: int, marks: Sequence[tuple[int, int]]) -> list[int]:
    if words <= WHOLE:
        return list(range(words))
    if not marks:
        return list(range(WHOLE))
    near = {w for first, last in marks for w in range(first - AROUND, last + AROUND + 1)}
    return sorted(w for w in near if 0 <= w < words)


def _width(text: str) -> float:
    return LETTER * sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
