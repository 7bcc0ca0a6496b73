"""JSON of strangers as values of our types, or one sentence."""

import json
import math
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from convlens.errors import InputError
from convlens.shown import shown

T = TypeVar("T")
LARGEST = 2**28  # bytes of a file: a vocabulary of ten million words
DEEPEST = 32  # objects and lists in one another


def read_json(path: Path, kind: type[T], advice: str) -> T:
    """The content of a JSON file as a `kind`; else an `InputError` that names the file and ends with `advice`."""
    return decode(read_text(path, advice), kind, str(path), advice)


def read_text(path: Path, advice: str) -> str:
    """A file as text, unless it is larger than `LARGEST`."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise InputError(f"{path} has {size:,} bytes, more than the {LARGEST:,} that are read: {advice}")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text: {advice}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): {advice}") from None


def decode(content: str, kind: type[T], name: str, advice: str) -> T:
    """JSON as a `kind`: no number for a string or a bool for a number, no unknown entry, nothing infinite or deep."""
    try:
        values = json.loads(content, parse_constant=_refuse)
        value = msgspec.convert(values, kind)
        _check(values, msgspec.to_builtins(value))
    except RecursionError:
        raise InputError(f"{name} is nested too deep: {advice}") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{name} is damaged or was edited, it is not JSON ({error}): {advice}") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{name} is damaged or was edited ({shown(str(error), 150)}): {advice}") from None
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _check(values: Any, again: Any, depth: int = 0) -> None:
    """Refuse entries that came to nothing, as no type knows them, infinite numbers, and too many levels."""
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} levels")
    if isinstance(values, float) and not math.isfinite(values):
        raise ValueError("a number is too large")
    if isinstance(values, dict):
        if odd := sorted(set(values) - set(again)):
            raise ValueError(f"unknown entry {odd[0]!r}")
        for name, value in values.items():
            _check(value, again[name], depth + 1)
    elif isinstance(values, list):
        for value, other in zip(values, again, strict=True):
            if not isinstance(value, str):
                _check(value, other, depth + 1)
