"""Changed words marked in their text, and what stands around them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

AROUND = 30  # characters shown on each side of a change


class Segment(NamedTuple):
    """A piece of a text: `was` stands in the original, `now` in its stead; equal where nothing changed."""

    was: str
    now: str


def segments(
    text: str, changes: Sequence[Mapping[str, Any]], around: int | None = AROUND
) -> Iterator[Segment]:
    """The text in pieces, changed and unchanged; `around` (None: all) characters beside a change, dots for the rest."""
    at = 0
    for i, change in enumerate(changes):
        between = _shortened(text[at : change["start"]], around, i > 0, True)
        if between:
            yield Segment(between, between)
        yield Segment(text[change["start"] : change["end"]], change["now"])
        at = change["end"]
    between = _shortened(text[at:], around, bool(changes), False)
    if between:
        yield Segment(between, between)


def _shortened(text: str, around: int | None, after: bool, before: bool) -> str:
    """The beginning of what stands after a change, and the end of what stands before one."""
    if around is None or len(text) <= around * (after + before) + 3:
        return text
    left, right = text[:around] if after else "", text[-around:] if before else ""
    return f"{left.rsplit(' ', 1)[0]} ... {right.split(' ', 1)[-1]}"
