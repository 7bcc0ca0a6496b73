"""From a table to a corpus: every row ends in its texts or among the rows set aside."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from convlens.data.columns import Choice, Columns, Header, choose, choose_text
from convlens.data.corpus import SEPARATOR, Corpus, Reject
from convlens.data.labels import encode, encode_sets, label_name, label_set
from convlens.data.sniff import converting, suffix_of
from convlens.data.tables import Row, Table, missing, on_blank_line, reject
from convlens.errors import InputError

MOST = 0.1  # share of rows that may be set aside
SAMPLE = 100  # rows looked at to tell prose from labels
LONG = 100  # lines in one row that are worth a word
Name = str | tuple[str, ...]  # of a label, or of those of a set
NameOf = Callable[[object, tuple[str, ...] | None], Name | None]
NOT_UTF8 = "not valid UTF-8"


def build(table: Table, columns: Columns, *, labelled: bool, allow_rejects: bool) -> Corpus:
    """Choose the columns, set bad rows aside, number the labels.

    Without `labelled`, labels are used where every row has one. Raises `InputError` for unclear columns,
    no usable rows, labels that are no classes, and, unless `allow_rejects`, for more than a tenth of
    the rows set aside.
    """
    choice = choose(header(table), columns, labelled=labelled)
    rows, names, rejected = _sorted_out(table, choice, _name_of(columns.separator), labelled=labelled)
    _check_rejects(table, len(rows), rejected, allow_rejects=allow_rejects)
    corpus = Corpus(
        tuple(str(row.text) for row in rows),
        source=table.source,
        rejected=tuple(rejected),
        notices=(
            *table.notices,
            *choice.notices,
            *_long_rows(table.source, rows),
            *_encoding_notices(table, len(rows), rejected),
        ),
        lines=tuple(row.line for row in rows),
    )
    if choice.label is None:
        return corpus
    classes = table.classes.get(table.names[choice.label])
    return _with_labels(corpus, names, (classes, columns.max_classes), columns.separator, labelled=labelled)


def _name_of(separator: str | None) -> NameOf:
    """What reads a label: one name, or with a separator the names of a set."""
    return label_name if separator is None else partial(label_set, separator=separator)


def build_texts(table: Table, columns: Columns, *, allow_rejects: bool) -> Corpus:
    """Take every row that can be read, one without a text as an empty text, so that each keeps its place.

    Raises `InputError` as `build` does.
    """
    choice = choice_of_texts(table, columns)
    rows: list[Row] = []
    rejected: list[Reject] = []
    for row in table.pull(choice.text, choice.label):
        if isinstance(row, Reject):
            rejected.append(row)
        elif missing(row.text):
            rows.append(row._replace(text=""))
        elif fault := text_fault(row):
            rejected.append(reject(row.line, fault, row.raw))
        else:
            rows.append(row)
    _check_rejects(table, len(rows), rejected, allow_rejects=allow_rejects)
    return Corpus(
        tuple(str(row.text) for row in rows),
        source=table.source,
        rejected=tuple(rejected),
        notices=(
            *table.notices,
            *choice.notices,
            *_long_rows(table.source, rows),
            *_encoding_notices(table, len(rows), rejected),
        ),
        lines=tuple(row.line for row in rows),
    )


def choice_of_texts(table: Table, columns: Columns) -> Choice:
    """The column with the texts and, in CSV alone, that with the labels: they tell stray quotes from texts that hold rows."""
    choice = choose_text(header(table), columns)
    if table.path is None or suffix_of(table.path) != ".csv":
        return choice
    return replace(choice, label=choose(header(table), columns, labelled=False).label)


def header(table: Table) -> Header:
    """What choosing the columns of a table needs to know."""
    return Header(table.source, table.names, lambda: _sample(table))


def _sample(table: Table) -> tuple[list[object], list[object]]:
    """The first values of the first two columns."""
    rows = [row for row in islice(table.pull(0, 1), SAMPLE) if isinstance(row, Row)]
    return [row.text for row in rows], [row.label for row in rows]


def _sorted_out(
    table: Table, choice: Choice, name_of: NameOf, *, labelled: bool
) -> tuple[list[Row], list[Name | None], list[Reject]]:
    """The good rows, the names of their labels, and the rows set aside."""
    classes = None if choice.label is None else table.classes.get(table.names[choice.label])
    rows: list[Row] = []
    names: list[Name | None] = []
    rejected: list[Reject] = []
    for row in table.pull(choice.text, choice.label):
        if on_blank_line(row):
            continue
        if isinstance(row, Reject):
            rejected.append(row)
            continue
        fault = text_fault(row)
        name, label_fault = (None, None) if choice.label is None else _label(row, classes, name_of)
        if labelled:
            fault = fault or label_fault
        if fault is None:
            rows.append(row)
            names.append(name)
        else:
            rejected.append(reject(row.line, fault, row.raw))
    return rows, names, rejected


def text_fault(row: Row) -> str | None:
    """Why the text of a row cannot be used, or None."""
    if missing(row.text):
        return "no text"
    if not isinstance(row.text, str):
        return f"text is not a string but a {type(row.text).__name__}"
    return _encoding_fault(row.text, row.raw)


def _label(row: Row, classes: tuple[str, ...] | None, name_of: NameOf) -> tuple[Name | None, str | None]:
    """The name of a row's label, or those of its set, and None; or None and the reason why it has none."""
    try:
        name = name_of(row.label, classes)
    except TypeError as error:
        return None, str(error)
    if name is None:
        return None, "no label"
    fault = _encoding_fault(name if isinstance(name, str) else " ".join(name), row.raw)
    return (name, None) if fault is None else (None, fault)


def _encoding_fault(text: str, raw: object) -> str | None:
    """Tell bytes that were not UTF-8, kept as surrogates since reading, from surrogates a JSON escape made."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        bytes_were_bad = isinstance(raw, str) and any("\udc80" <= c <= "\udcff" for c in raw)
        return NOT_UTF8 if bytes_were_bad else "half a surrogate pair, which is no character"
    return None


def _check_rejects(table: Table, kept: int, rejected: list[Reject], *, allow_rejects: bool) -> None:
    source, rows = table.source, kept + len(rejected)
    if not rows:
        raise InputError(no_rows(source))
    if not rejected or (kept and (allow_rejects or len(rejected) <= MOST * rows)):
        return
    reasons = Counter(r.reason for r in rejected).most_common(5)
    listed = ", ".join(f"{count:,} {reason}" for reason, count in reasons)
    first = f"the first is line {rejected[0].line}: {rejected[0].row[:80]!r}"
    said = f"{source}: {len(rejected):,} of {rows:,} rows cannot be used ({listed}; {first})"
    if reasons[0][0] == NOT_UTF8:
        raise InputError(_not_utf8(table, rows, rejected))
    instead = ", or go on without them with --allow-rejects" if kept else ""
    raise InputError(f"{said}: mend them{instead}")


def _not_utf8(table: Table, rows: int, rejected: list[Reject]) -> str:
    """The sentence for rows in another encoding."""
    lines = [one.line for one in rejected if one.reason == NOT_UTF8]
    command = converting(table.path or Path(table.source), "LATIN1")
    return (
        f"{table.source}: {len(lines):,} of {rows:,} rows are not UTF-8, the first in line {lines[0]}: "
        f"convert it, for example with {command}"
    )


def _encoding_notices(table: Table, rows: int, rejected: list[Reject]) -> list[str]:
    """A notice where a few rows are set aside for their encoding."""
    undecodable = any(one.reason == NOT_UTF8 for one in rejected)
    return [_not_utf8(table, rows + len(rejected), rejected)] if undecodable else []


def no_rows(source: str) -> str:
    """The sentence for a table without rows."""
    return f"{source} has column names but no rows: expected at least one row below them"


def _long_rows(source: str, rows: list[Row]) -> list[str]:
    """A notice where rows span very many lines, as they do behind a quote that was left open."""
    long = [row for row in rows if row.lines > LONG]
    if not long:
        return []
    worst = max(long, key=lambda row: row.lines)
    said = (
        f"{len(long):,} of {len(rows):,} rows span more than {LONG} lines each, the longest {worst.lines:,}"
    )
    return [f"{source}: {said} lines from line {worst.line} on: if it should not, a quote is left open there"]


def _with_labels(
    corpus: Corpus,
    names: list[Name | None],
    allowed: tuple[tuple[str, ...] | None, int | None],
    separator: str | None,
    *,
    labelled: bool,
) -> Corpus:
    """The corpus with its labels; without `labelled`, only where all rows have one that can be a class."""
    known = [name for name in names if name is not None]
    if len(known) < len(names):
        if not known:
            return corpus
        said = f"{len(names) - len(known):,} of {len(names):,} rows have no usable label"
        return corpus.saying(f"{corpus.source}: not using the labels, {said}")
    try:
        if sets := [name for name in known if not isinstance(name, str)]:
            numbers, label_names = encode_sets(sets, corpus.source, *allowed)
            return replace(corpus, sets=numbers, label_names=label_names, separator=separator or SEPARATOR)
        one_each = [name for name in known if isinstance(name, str)]
        labels, label_names = encode(one_each, corpus.source, *allowed)
    except InputError as error:
        if labelled:
            raise
        return corpus.saying(f"not using the labels: {error}")
    return corpus.labelled(labels, label_names)
