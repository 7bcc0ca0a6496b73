"""Corpora: good files come back as written, damaged ones are refused, or `read` and `stream` agree on every row."""

import json
import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.fuzzing.formats import TYPED, WRITERS, Rows, csv_line, packed, write_frame
from benchmarks.fuzzing.mutate import damaged
from benchmarks.fuzzing.runs import READ, Kind, Wrong, refused
from benchmarks.fuzzing.writing import plain_text
from convlens.data import FORMATS, Columns, Corpus, read, stream
from convlens.errors import InputError

LABELS = ("neg", "pos", "Sci/Tech", '1, or "2"', "ünfroh", "=cmd", "<b>", "a b", "字")
NAMES = Columns("text", "label")
ODD = (None, 1, -1, 2.5, float("nan"), True, [], ["a"], {}, {"a": 1}, "", " ", 10**30, "1.0", "?", "-1")
TYPES = (
    pl.Int8, pl.UInt64, pl.Float32, pl.Boolean, pl.Date, pl.Datetime, pl.Duration, pl.Time, pl.Binary, pl.Categorical, pl.Null, pl.Object,
    pl.Decimal(10, 2), pl.List(pl.String), pl.Array(pl.Int8, 2), pl.Struct({"a": pl.String}), pl.Enum(["neg", "pos"]),
)  # fmt: skip


def make(folder: Path) -> None:
    """Nothing is written: files follow from chance."""


def load(folder: Path) -> list[str]:
    """The formats that are read."""
    return [suffix for suffix in WRITERS if suffix in FORMATS]


def attempt(suffixes: Sequence[str], rng: random.Random, place: Path) -> str:
    """A good file, one with a few rows that cannot be used, one of odd values, or a damaged one; some are packed."""
    suffix = rng.choice(suffixes)
    path = place / f"corpus{suffix}"
    rows = some_rows(rng, {".tsv": "\t\r\n", ".tab": "\t\r\n", ".txt": "\r\n"}.get(suffix, ""))
    way = rng.random()
    if suffix in SPOILT and way < 0.3:
        return spoilt(path, rows, rng)
    if suffix in TYPED and way < 0.3:
        return typed(path, rows, rng)
    WRITERS[suffix](path, rows, rng)
    path = packed(path, rng) if suffix not in TYPED and rng.random() < 0.2 else path
    if way < 0.45:
        return good(path, rows)
    content = path.read_bytes()
    for _ in range(rng.choice([1, 1, 2, 4])):
        content = damaged(content, rng)
    path.write_bytes(content)
    return agreed(path, rng)


def some_rows(rng: random.Random, banned: str) -> Rows:
    """Texts with labels, each label twice at least."""
    labels = rng.sample(LABELS, rng.randrange(2, 5))
    texts = [plain_text(rng, banned) for _ in range(rng.randrange(2 * len(labels), 30))]
    return [(text, labels[i % len(labels)]) for i, text in enumerate(texts)]


def good(path: Path, rows: Rows) -> str:
    """A good file comes back as it was written, with its labels where the format has them."""
    texts, labelled = tuple(text for text, _ in rows), ".txt" not in path.suffixes
    corpus = read(path, NAMES if labelled else Columns(), labelled=labelled)
    check_labels(corpus)
    if corpus.texts != texts or corpus.rejected:
        raise Wrong(f"a good {path.suffix} file comes back otherwise\n{corpus}")
    names = [corpus.label_names[i] for i in corpus.labels or ()]
    if labelled and names != [label for _, label in rows]:
        raise Wrong(f"the labels of a good {path.suffix} file come back otherwise\n{names}")
    if streamed(path, Columns("text") if labelled else Columns()) != texts:
        raise Wrong(f"a good {path.suffix} file is streamed otherwise")
    return READ


def streamed(path: Path, columns: Columns) -> tuple[str, ...]:
    """All texts of a file by small batches."""
    return tuple(text for batch in stream(path, columns, rows=3, characters=500) for text in batch.texts)


def check_labels(corpus: Corpus) -> None:
    """Labels are one a text, of different names that are not blank."""
    if corpus.labels is None:
        return
    names = corpus.label_names
    if (
        len(corpus.labels) != len(corpus.texts)
        or len(set(names)) != len(names)
        or not all(n.strip() for n in names)
    ):
        raise Wrong(f"labels do not fit\n{corpus}")


def agreed(path: Path, rng: random.Random) -> str:
    """`read` and `stream` refuse a damaged file, or find the same texts in it."""
    columns = rng.choice([Columns(), Columns("text")]) if ".txt" not in path.suffixes else Columns()
    answers: list[tuple[str, ...] | None] = []
    for labelled in (False, True):
        try:
            corpus = read(
                path, rng.choice([columns, NAMES]), labelled=labelled, allow_rejects=rng.random() < 0.5
            )
            check_labels(corpus)
        except InputError as error:
            refused(error)
    try:
        answers.append(read(path, columns, labelled=False, allow_rejects=True).texts)
    except InputError as error:
        answers.append(() if refused(error) else None)
    try:
        answers.append(streamed(path, columns))
    except InputError as error:
        answers.append(() if refused(error) else None)
    unread = path.suffix in TYPED and answers[0] == ()  # of a column of labels, which no stream reads
    if answers[0] != answers[1] and not unread:
        raise Wrong(f"read and stream find other texts in a {path.suffix} file\n{answers}")
    return READ if answers[0] else "refused"


def spoilt_csv(row: tuple[str, str], rng: random.Random) -> bytes:
    """A row of CSV with a field too many or too few, or without a text."""
    return csv_line(rng.choice([(*row, "x"), row[:1], ("", row[1]), (" ", row[1])]))


def spoilt_tsv(row: tuple[str, str], rng: random.Random) -> bytes:
    """A line of TSV with a field too many or too few, or without a text, or not UTF-8."""
    text, label = (field.encode() for field in row)
    return rng.choice(
        [b"\t".join(fields) for fields in ((text, label, b"x"), (text,), (b"", label), (b"caf\xe9", label))]
    )


def spoilt_jsonl(row: tuple[str, str], rng: random.Random) -> bytes:
    """A line that is no object, or has no string for a text."""
    values: Sequence[Any] = (
        [],
        1,
        None,
        "x",
        *({"text": odd, "label": row[1]} for odd in ODD if not isinstance(odd, str) or not odd.strip()),
    )
    written = [json.dumps(value).encode() for value in values]
    return rng.choice(
        [
            *written,
            b'{"text": "a',
            b"{'text': 1}",
            b'{"text": "caf\xe9"}',
            b'{"text": "\\ud800"}',
            b"[" * 100_000,
        ]
    )


SPOILT = {
    ".csv": spoilt_csv,
    ".tsv": spoilt_tsv,
    ".tab": spoilt_tsv,
    ".jsonl": spoilt_jsonl,
    ".ndjson": spoilt_jsonl,
}


def spoilt(path: Path, rows: Rows, rng: random.Random) -> str:
    """Rows that cannot be used are set aside, each of them, and no other is lost."""
    places = set(rng.sample(range(1, len(rows)), rng.choice([1, 1, 2, 3])))
    WRITERS[path.suffix](path, rows, rng)
    lines = [_line(path.suffix, row) for row in rows]
    head = [] if "json" in path.suffix else [_line(path.suffix, ("text", "label"))]
    lines = [SPOILT[path.suffix](rows[i], rng) if i in places else line for i, line in enumerate(lines)]
    path.write_bytes(b"\n".join([*head, *lines]) + rng.choice([b"", b"\n"]))
    expected = tuple(text for i, (text, _) in enumerate(rows) if i not in places)
    try:
        corpus = read(path, NAMES, labelled=rng.random() < 0.5, allow_rejects=True)
    except InputError as error:
        if "binary" in str(error) and any(b"\xe9" in line for line in lines):  # of texts with many controls
            return refused(error)
        raise
    check_labels(corpus)
    if corpus.texts != expected or len(corpus.rejected) != len(places):
        raise Wrong(f"rows of a {path.suffix} file are lost, or set aside for others\n{places}: {corpus}")
    batches = list(stream(path, NAMES, rows=3))
    if tuple(text for batch in batches for text in batch.texts) != expected:
        raise Wrong(f"rows of a {path.suffix} file are streamed otherwise\n{places}")
    if sum(len(batch.rejected) for batch in batches) != len(places):
        raise Wrong(f"rows of a {path.suffix} file are lost in a stream\n{places}")
    return READ


def _line(suffix: str, row: tuple[str, str]) -> bytes:
    if suffix == ".csv":
        return csv_line(row)
    if suffix in (".tsv", ".tab"):
        return "\t".join(row).encode()
    return json.dumps({"text": row[0], "label": row[1]}).encode()


def typed(path: Path, rows: Rows, rng: random.Random) -> str:
    """Columns of any type are refused, or their rows are all accounted for."""
    values = {
        "text": [text for text, _ in rows],
        "label": [label for _, label in rows],
    }
    name = rng.choice(["text", "label", "label"])
    if rng.random() < 0.5:
        kind: Sequence[Any] = rng.choice([[1, 2], [1.0, 4.5], [True, False], [date(2000, 1, 1), None], [Decimal("1.5"), None], [b"a", b"\xff"], [["a"], []], [{"a": "b"}, None], [None], ["-1", "?"], [float("nan"), 1.0]])  # fmt: skip
        column = pl.Series(name, [kind[i % len(kind)] for i in range(len(rows))])
    else:
        try:
            column = pl.Series(name, values[name]).cast(rng.choice(TYPES), strict=False)
        except pl.exceptions.PolarsError:
            column = pl.Series(name, [None] * len(rows))
    frame = pl.DataFrame(values).with_columns(column)
    try:
        write_frame(path, frame, rng)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return READ
    try:
        corpus = read(path, NAMES, labelled=rng.random() < 0.5, allow_rejects=True)
    except InputError as error:
        return refused(error)
    check_labels(corpus)
    if len(corpus.texts) + len(corpus.rejected) != len(rows):
        raise Wrong(
            f"rows of a column of {column.dtype} are lost\n{len(corpus.texts)}, {len(corpus.rejected)}"
        )
    return READ


KIND = Kind(make, load, attempt)
