"""Answers one after another, each with the line of the file that it answers: one row in, one answer out."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol, TypeVar

from convlens.cli.console import out, put_json, say
from convlens.data import Corpus, Reject
from convlens.files import write_text

PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>ConvLens explanations</title><style>body{{margin:2em auto;max-width:48em;padding:0 1em}}"
    ".convlens+.convlens{{margin-top:2em}}</style>{fragments}\n"
)

Place = dict[str, int]  # the `line` of an answer; empty where the texts came from no file
T = TypeVar("T")


class Shown(Protocol):
    """What shows itself as JSON values, as HTML, and to rich."""

    def json_values(self) -> dict[str, Any]:
        """JSON values, long lists as `Pieces`."""

    def to_html(self) -> str:
        """A fragment of a page."""


S = TypeVar("S", bound=Shown)


def in_order(corpus: Corpus, answers: Iterable[T]) -> Iterator[tuple[Place, T | Reject]]:
    """The answers for the texts of a corpus, and the rows that it set aside, in the order of the file."""
    if not corpus.lines:
        yield from (({}, answer) for answer in answers)
        return
    answered: Iterator[tuple[int, T | Reject]] = zip(corpus.lines, answers, strict=True)
    rejected: Iterator[tuple[int, T | Reject]] = ((reject.line, reject) for reject in corpus.rejected)
    for line, answer in heapq.merge(answered, rejected, key=itemgetter(0)):
        yield {"line": line}, answer


def show_each(
    answers: Iterable[tuple[Place, S | Reject]], *, as_json: bool, keep: bool
) -> Sequence[tuple[Place, S | Reject]]:
    """Print each as it comes, or keep them for files; JSON is printed in both cases."""
    answered = []
    for number, (place, answer) in enumerate(answers):
        if as_json:
            put_json(_values(answer) | place)
        elif not keep:
            out.print(*([""] if number else []), *_heading(place), _rendered(answer), sep="\n", markup=False)
        if keep:
            answered.append((place, answer))
    return answered


def write_page(answers: Sequence[tuple[Place, S | Reject]], path: Path) -> None:
    """The answers as one HTML page, each below its line."""
    fragments = "\n".join(
        "".join(f"<p>{line}</p>" for line in _heading(place))
        + (f"<p>{escape(_rendered(answer))}</p>" if isinstance(answer, Reject) else answer.to_html())
        for place, answer in answers
    )
    write_text(path, PAGE.format(fragments=fragments))
    say(f"wrote {path}")


def _heading(place: Place) -> list[str]:
    return [f"line {line:,}:" for line in place.values()]


def _values(answer: Shown | Reject) -> dict[str, Any]:
    return {"text": None, "reason": answer.reason} if isinstance(answer, Reject) else answer.json_values()


def _rendered(answer: S | Reject) -> S | str:
    return f"cannot be read: {answer.reason}" if isinstance(answer, Reject) else answer
