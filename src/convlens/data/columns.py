"""Which column holds the texts and which the labels: named, or guessed where only one guess is possible."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convlens.arguments import check_settings
from convlens.data.labels import MANY
from convlens.errors import InputError
from convlens.files import printable
from convlens.shown import LISTED, listed

TEXT_NAMES = {
    *("text", "texts", "sentence", "review", "reviews", "reviewbody", "content", "contents", "body"),
    *("document", "doc", "comment", "message", "post", "tweet", "utterance", "passage", "article"),
}  # and whatever ends in "text"
LABEL_NAMES = {
    *("label", "labels", "class", "classes", "classindex", "classlabel", "category", "sentiment"),
    *("target", "y", "topic", "polarity", "intent", "emotion", "genre", "goldlabel"),
}
PART_NAMES = {"split", "fold"}
COMPARED = 1000  # column names compared with one that is unknown, for it takes long
Sample = Callable[[], tuple[list[object], list[object]]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns with texts and labels; None means `text` and `label`, or the only candidate.

    With a `separator` every text has a set of labels: in its cell they stand apart by it, an empty cell is an empty set, and
    lists are sets too. More different labels than `max_classes` are taken for scores or identifiers, not for classes; None lets all pass.
    """

    text: str | None = None
    label: str | None = None
    max_classes: int | None = MANY
    separator: str | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        if self.separator is not None:
            check_separator(self.separator)


def check_separator(separator: str, labels: Sequence[str] = ()) -> None:
    """Raise `InputError` for what cannot stand between labels: nothing, white space alone, letters, digits, a line's end, or what
    is in one of them."""
    if not separator.strip() or not separator.isprintable() or any(map(str.isalnum, separator)):
        raise InputError(
            f"the separator of labels must be a mark such as ';' or '|', without letters, digits or line ends, got {separator!r}"
        )
    if odd := next((name for name in labels if separator in name), None):
        raise InputError(
            f"label {odd[:40]!r} holds {separator!r}, which stands between labels: take another separator"
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices of the chosen columns, and sentences that say which of them were guessed.

    `parts` are the columns that may tell training and test rows apart.
    """

    text: int
    label: int | None
    notices: tuple[str, ...] = ()
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of one source; `sample` gives the first values of its first two columns."""

    source: str
    names: tuple[str, ...]
    sample: Sample


def choose(header: Header, columns: Columns, *, labelled: bool) -> Choice:
    """Choose the columns; raise `InputError` for unknown, doubled and ambiguous ones.

    Without `labelled` a label column is taken where one is named or clear from its name, else none.
    """
    text, guessed_text = _text(header, columns.text)
    label, guessed_label = _label(header, columns.label, text, labelled=labelled)
    if text == label:
        raise InputError(
            f"{header.source}: column {show(header.names[text])} cannot hold both texts and labels: "
            "name another with --text or --label"
        )
    roles = [("texts", text, guessed_text)]
    roles += [("labels", label, guessed_label)] if label is not None else []
    notices = tuple(_taking(header, what, index) for what, index, guessed in roles if guessed)
    parts = (i for i, name in enumerate(header.names) if name.strip().lower() in PART_NAMES)
    return Choice(text, label, notices, tuple(i for i in parts if i not in (text, label)))


def choose_text(header: Header, columns: Columns) -> Choice:
    """Choose the column with the texts alone, as `choose` does."""
    text, guessed = _text(header, columns.text)
    return Choice(text, None, (_taking(header, "texts", text),) if guessed else ())


def _taking(header: Header, what: str, index: int) -> str:
    return f"{header.source}: taking the {what} from column {show(header.names[index])}"


def _text(header: Header, name: str | None) -> tuple[int, bool]:
    if name is not None:
        return _named(header, name), False
    if "text" in header.names:
        return _named(header, "text"), False
    clear = _clear(header.names, _is_text_name)
    if clear is None and len(header.names) == 1 and not _looks_like_data(header.names):
        clear = 0
    if clear is None and len(header.names) == 2 and not _looks_like_data(header.names):
        clear = _free_text(header.sample())
    if clear is None:
        raise InputError(_unclear(header, "texts", "text"))
    return clear, True


def _label(header: Header, wanted: str | None, text: int, *, labelled: bool) -> tuple[int | None, bool]:
    if wanted is not None:
        return _named(header, wanted), False
    if "label" in header.names and header.names[text] != "label":
        return _named(header, "label"), False
    clear = _clear(header.names, lambda name: _plain(name) in LABEL_NAMES)
    if clear == text:
        clear = None
    if clear is None and labelled:
        if len(header.names) != 2 or _looks_like_data(header.names):
            raise InputError(_unclear(header, "labels", "label"))
        clear = 1 - text
    return clear, clear is not None


def _named(header: Header, name: str) -> int:
    """Index of the one column with this name."""
    indices = [i for i, other in enumerate(header.names) if other == name]
    indices = indices or [i for i, other in enumerate(header.names) if other.strip() == name.strip()]
    if len(indices) == 1:
        return indices[0]
    if indices:
        raise InputError(
            f"{header.source}: {len(indices)} columns are named {show(name)}: rename all but one"
        )
    small = {other.lower(): other for other in header.names[:COMPARED]}
    near = difflib.get_close_matches(name.lower(), small, n=1)
    hint = f"did you mean {show(small[near[0]])}? " if near else ""
    raise InputError(
        f"{header.source} has no column {show(name)}: {hint}its columns are {_list(header.names)}"
    )


def _clear(names: Sequence[str], fits: Callable[[str], bool]) -> int | None:
    """The index of the only name that fits, or None."""
    indices = [i for i, name in enumerate(names) if fits(name)]
    return indices[0] if len(indices) == 1 else None


def _is_text_name(name: str) -> bool:
    return _plain(name) in TEXT_NAMES or _plain(name).endswith("text")


def _free_text(sample: tuple[list[object], list[object]]) -> int | None:
    """Which of two columns holds prose: values of several words that seldom repeat."""
    prose = [i for i, values in enumerate(sample) if _is_prose(values)]
    return prose[0] if len(prose) == 1 else None


def _is_prose(values: list[object]) -> bool:
    texts = [v for v in values if isinstance(v, str) and v.strip()]
    if not texts or 2 * len(set(texts)) <= len(texts):
        return False
    return sum(len(t.split()) for t in texts) >= 2 * len(texts) or sum(map(len, texts)) >= 20 * len(texts)


def _looks_like_data(names: Sequence[str]) -> bool:
    """Tell whether the "names" are a first row of data: numbers, sentences, or nothing."""
    return any(re.fullmatch(r"[\d.+-]*", name.strip()) or len(name.split()) > 3 for name in names)


def _unclear(header: Header, what: str, option: str) -> str:
    missing = " (the first line must name the columns)" if _looks_like_data(header.names[:LISTED]) else ""
    return (
        f"{header.source}: no column is named {option!r} and none is clearly the one with the {what}: "
        f"name it with --{option}; the columns are {_list(header.names)}{missing}"
    )


def _list(names: Sequence[str]) -> str:
    return listed([show(name) for name in names])


def show(name: str) -> str:
    """A column name as it stands in a sentence."""
    return repr(printable(name if len(name) <= 40 else name[:39] + "…"))


def _plain(name: str) -> str:
    """A name in small letters, without blanks and marks."""
    return re.sub(r"[\W_]+", "", name).lower()
