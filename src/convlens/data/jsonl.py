"""JSON lines as tables: one object a line, its keys are the columns. Blank lines are no rows."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from convlens.data.corpus import Reject
from convlens.data.sniff import check_text, lines_of
from convlens.data.tables import Row, Table, reject
from convlens.errors import InputError


def jsonl_table(path: Path) -> Table:
    """Open a JSON lines file; raise `InputError` where no line holds an object."""
    check_text(path)
    names: dict[str, None] = {}
    rows = 0
    for line in filter(str.strip, lines_of(path)):
        rows += 1
        value = _parse(line)
        if isinstance(value, dict):
            names.update(dict.fromkeys(value))
    if not names:
        raise InputError(
            f'{path} holds no JSON objects: expected one a line, such as {{"text": "A fine film.", "label": "good"}}'
        )
    return Table(path.name, tuple(names), partial(_rows, path, tuple(names)), rows=rows)


def _rows(path: Path, names: tuple[str, ...], text: int, label: int | None) -> Iterator[Row | Reject]:
    for number, line in enumerate(lines_of(path), 1):
        if not line.strip():
            continue
        value = _parse(line)
        if not isinstance(value, dict):
            yield reject(number, value if isinstance(value, str) else "not a JSON object", line)
            continue
        found = None if label is None else value.get(names[label])
        yield Row(number, value.get(names[text]), found, line)


def _parse(line: str) -> dict[str, object] | str | None:
    """The object on a line, None for another value, or a string with what is wrong with it."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "broken JSON"
    return value if isinstance(value, dict) else None
