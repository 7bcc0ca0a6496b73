"""From what a label column holds to class indices and names."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from numbers import Integral, Real

import numpy as np

from convlens.data.tables import missing
from convlens.errors import InputError
from convlens.shown import clipped

MANY = 1000  # more classes than this are not classes, unless someone says so
FEW = 20  # up to here, many distinct labels in few rows are no reason to object
WHOLE = re.compile(r"[+-]?[0-9]{1,18}(\.0+)?")
PLAIN = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")  # 01 is a code, not the number 1
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def label_name(value: object, classes: tuple[str, ...] | None) -> str | None:
    """Return the name of a label, or None where there is none.

    With `classes`, whole numbers are indices into them and -1 means no label. Raises `TypeError`,
    with a reason, for what cannot be a label.
    """
    if missing(value):
        return None
    if isinstance(value, str):
        name = one_line(value)
        if classes is not None and name not in classes:
            raise TypeError(f"label {name[:40]!r} is not one of the {len(classes)} label names")
        return name
    if isinstance(value, np.bool_):
        value = bool(value)
    if not isinstance(value, Real | Decimal):
        several = " (--label-separator reads several labels)" if isinstance(value, list) else ""
        raise TypeError(f"label is a {type(value).__name__}, not a string or a number{several}")
    if classes is None:
        return str(value)
    return _indexed(value, classes)


def label_set(value: object, classes: tuple[str, ...] | None, separator: str) -> tuple[str, ...]:
    """Return the names of the labels of one text: of a string with `separator` between them, or of a list.

    A missing value is no label at all. Raises `TypeError`, with a reason, as `label_name` does.
    """
    if isinstance(value, str):
        values: Iterable[object] = value.split(separator)
    elif isinstance(value, list | tuple | set | frozenset | np.ndarray):
        values = list(value)
    else:
        values = () if missing(value) else (value,)
    names = (label_name(one, classes) for one in values)
    distinct = dict.fromkeys(name for name in names if name is not None)
    if odd := next((name for name in distinct if separator in name), None):
        raise TypeError(f"label {odd[:40]!r} holds {separator!r}, which stands between labels")
    return tuple(distinct)


def one_line(name: str) -> str:
    """A label with its white space made single blanks, so that it cannot tear a line of output."""
    return " ".join(name.split())


def sameness(name: str) -> object:
    """What labels that mean the same have in common: `4`, `4.0` and `4.00` are a number, `True` and `true` a truth value."""
    name = one_line(name)
    if PLAIN.fullmatch(name):
        return Decimal(name)
    return name.lower() if name.lower() in ("true", "false") else name


def encode(
    names: Sequence[str], source: str, classes: tuple[str, ...] | None, most: int | None = MANY
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the class index of each row and the label names: `classes`, or numbers in order, or the alphabet.

    Raises `InputError` where the labels are scores or identifiers rather than classes.
    """
    if classes is None:
        check_classes(names, source, most)
        names, classes = _ordered(names)
    index = {name: i for i, name in enumerate(classes)}
    return tuple(index[name] for name in names), classes


def encode_sets(
    sets: Sequence[tuple[str, ...]], source: str, classes: tuple[str, ...] | None, most: int | None = MANY
) -> tuple[tuple[tuple[int, ...], ...], tuple[str, ...]]:
    """Return the label indices of each row, in order, and the label names, as `encode` does for one label a row."""
    flat = [name for names in sets for name in names]
    if not flat:
        raise InputError(f"{source}: no row has a label: give the column with the labels")
    numbers, label_names = encode(flat, source, classes, most)
    left = iter(numbers)
    return tuple(tuple(sorted({next(left) for _ in names})) for names in sets), label_names


def check_classes(names: Sequence[str], source: str, most: int | None) -> None:
    """Raise `InputError` for more labels than `most`, or so rarely repeated that they cannot be classes; None: never."""
    counts = Counter(names)
    if most is None or (len(counts) <= most and (len(counts) <= FEW or 2 * len(counts) <= len(names))):
        return
    numbers = all(NUMBER.fullmatch(name) for name in counts)
    kind = (
        "a score"
        if numbers and not all(WHOLE.fullmatch(name) for name in counts)
        else "an identifier or free text"
    )
    examples = ", ".join(repr(clipped(name, 20)) for name in list(counts)[:3])
    raise InputError(
        f"{source}: {len(counts):,} different labels in {len(names):,} rows ({examples}, ...) look like {kind}, "
        "not classes: name another column with --label, make few classes of them, or allow them with --max-classes"
    )


def _indexed(value: Real | Decimal, classes: tuple[str, ...]) -> str | None:
    if not isinstance(value, Integral) or not -1 <= int(value) < len(classes):
        raise TypeError(f"label {value} is not an index into the {len(classes)} label names")
    return classes[int(value)] if int(value) >= 0 else None


def _ordered(names: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Names with "1.0" made "1" where all are whole, else as most rows spell them, and the distinct ones in order."""
    distinct = set(names)
    if all(WHOLE.fullmatch(name) for name in distinct):
        names = [name.partition(".")[0] for name in names]
    else:
        spelt: dict[object, str] = {}
        for name, _ in Counter(sorted(names)).most_common():
            spelt.setdefault(sameness(name), name)
        names = [spelt[sameness(name)] for name in names] if len(spelt) < len(distinct) else names
    numeric = all(NUMBER.fullmatch(name) for name in distinct)
    order = sorted(set(names), key=lambda name: (float(name) if numeric else 0.0, name))
    return names, tuple(order)
