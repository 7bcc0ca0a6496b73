"""From what a label column holds to class indices and names."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral, Real

from convlens.data.tables import missing
from convlens.errors import InputError

MANY = 1000  # more classes than this are not classes
FEW = 20  # up to here, many distinct labels in few rows are no reason to object
WHOLE = re.compile(r"[+-]?[0-9]{1,18}(\.0+)?")
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def label_name(value: object, classes: tuple[str, ...] | None) -> str | None:
    """Return the name of a label, or None where there is none.

    With `classes`, whole numbers are indices into them and -1 means no label. Raises `TypeError`,
    with a reason, for what cannot be a label.
    """
    if missing(value):
        return None
    if isinstance(value, str):
        name = value.strip()
        if classes is not None and name not in classes:
            raise TypeError(f"label {name[:40]!r} is not one of the {len(classes)} label names")
        return name
    if not isinstance(value, Real | Decimal):
        raise TypeError(f"label is a {type(value).__name__}, not a string or a number")
    if classes is None:
        return str(value)
    return _indexed(value, classes)


def encode(
    names: Sequence[str], source: str, classes: tuple[str, ...] | None
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the class index of each row and the label names: `classes`, or numbers in order, or the alphabet.

    Raises `InputError` where the labels are scores or identifiers rather than classes.
    """
    if classes is None:
        check_classes(names, source)
        names, classes = _ordered(names)
    index = {name: i for i, name in enumerate(classes)}
    return tuple(index[name] for name in names), classes


def check_classes(names: Sequence[str], source: str) -> None:
    """Raise `InputError` for labels so many and so rarely repeated that they cannot be classes."""
    counts = Counter(names)
    if len(counts) <= MANY and (len(counts) <= FEW or 2 * len(counts) <= len(names)):
        return
    numbers = all(NUMBER.fullmatch(name) for name in counts)
    kind = (
        "a score"
        if numbers and not all(WHOLE.fullmatch(name) for name in counts)
        else "an identifier or free text"
    )
    examples = ", ".join(repr(name[:40]) for name in list(counts)[:3])
    raise InputError(
        f"{source}: {len(counts):,} different labels in {len(names):,} rows ({examples}, ...) look like {kind}, "
        "not classes: name another column with --label, or turn them into a few classes"
    )


def _indexed(value: Real | Decimal, classes: tuple[str, ...]) -> str | None:
    if not isinstance(value, Integral) or not -1 <= int(value) < len(classes):
        raise TypeError(f"label {value} is not an index into the {len(classes)} label names")
    return classes[int(value)] if int(value) >= 0 else None


def _ordered(names: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Names with "1.0" made "1" where all are whole, and the distinct ones in order."""
    distinct = set(names)
    if all(WHOLE.fullmatch(name) for name in distinct):
        names = [name.partition(".")[0] for name in names]
    numeric = all(NUMBER.fullmatch(name) for name in distinct)
    order = sorted(set(names), key=lambda name: (float(name) if numeric else 0.0, name))
    return names, tuple(order)
