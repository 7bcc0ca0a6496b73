"""JSON lines as tables: one object a line, its keys are the columns, blank lines are no rows; and lists of objects."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from convlens.data.corpus import Reject
from convlens.data.sniff import check_text, lines_of, text_of
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


def json_table(path: Path) -> Table:
    """Open a JSON file that holds a list of objects; one with an object a line is read as JSON lines.

    The lines of its rows are their places in the list, from 1. It is read whole.
    """
    text = text_of(path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if text.lstrip().startswith("{"):
            return jsonl_table(path)
        raise InputError(
            f"{path} is broken JSON: expected a list of objects, mend it or fetch it again"
        ) from None
    lists = (
        [part for part in value.values() if isinstance(part, list)] if isinstance(value, dict) else [value]
    )
    items = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else []
    names = tuple(dict.fromkeys(name for item in items if isinstance(item, dict) for name in item))
    if not names:
        raise InputError(
            f'{path} holds no list of objects: expected [{{"text": "A fine film.", "label": "good"}}, ...]'
        )
    return Table(path.name, names, partial(_items, items, names), rows=len(items))


def _items(
    items: list[object], names: tuple[str, ...], text: int, label: int | None
) -> Iterator[Row | Reject]:
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            yield reject(number, "not a JSON object", item)
            continue
        yield Row(number, item.get(names[text]), None if label is None else item.get(names[label]), item)


def _rows(path: Path, names: tuple[str, ...], text: int, label: int | None) -> Iterator[Row | Reject]:
    for number, line in enumerate(lines_of(path), 1):
        if not line.strip():
            continue
        value = _parse(line)
        if not isinstance(value, dict):
            yield reject(number, value if isinstance(value, str) else "not a JSON object", line)
            continue
        label_value = None if label is None else value.get(names[label])
        yield Row(number, value.get(names[text]), label_value, line)


def _parse(line: str) -> dict[str, object] | str | None:
    """The object on a line, None for another value, or a string with what is wrong with it."""
    try:
        value = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return "broken JSON"
    return value if isinstance(value, dict) else None
