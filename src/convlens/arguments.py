"""What callers give is what the annotations say: taken where its meaning is plain, else refused in a sentence.

`checked` holds the arguments of a public function to their annotations, `check_settings` the fields of a frozen
dataclass; `renamed` takes arguments by their old names. Numbers of NumPy become Python's own, and every collection of strings becomes a tuple of them.
"""

import inspect
import warnings
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, wraps
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from convlens.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")
SEED, WHOLE = 2**32, 2**63  # seeds, and whole numbers in the place of fractions, must lie below
ADVICE = {  # what to give in place of what is no such value
    "Classifier": "load one with convlens.load(folder) or train it with convlens.fit(corpus)",
    "Corpus": "make one with convlens.read(file), convlens.from_lists(texts, labels) or convlens.from_frame(frame)",
    "FitConfig": "settings are convlens.FitConfig(...), texts and labels together are convlens.from_lists(texts, labels)",
    "Columns": "name columns by convlens.data.Columns(text=..., label=...)",
    "WordVectors": "read them with convlens.read_vectors(file)",
    "Tensor": "give word numbers (B, T), padded with 0",
    "TextCNN": "a classifier has one as its .model",
    "DeepTextCNN": "a classifier has one as its .model",
    "Mapping": "give a dict",
}
OF_TYPES = {  # what to do with what came
    "Splits": "take its .train or .test",
    "DataFrame": "make a corpus of it with convlens.from_frame, or take one column",
    "bytes": "decode it first",
    "set": "a set has no order, make a list of it",
}
MANY = "give one at a time, many texts go to explain_all and predict"


class WrongType(InputError, TypeError):
    """An argument or setting is no such value."""


class Misfit(Exception):
    """A value does not fit its annotation; the text says what was expected."""


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """The function, its arguments held to their annotations."""
    signature = inspect.signature(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            takes = ", ".join(signature.parameters)
            raise InputError(f"{function.__name__}: {error}: it takes {takes}") from None
        for name, value in bound.arguments.items():
            if name in _hints(function):
                bound.arguments[name] = taken(value, _hints(function)[name], f"{function.__name__}: {name}")
        return function(*bound.args, **bound.kwargs)

    return call


def renamed(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The function, which takes arguments by old names too, `old="new"`, and says that they have new ones."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in names.items():
                if old not in kwargs:
                    continue
                if new in kwargs:
                    raise InputError(f"{function.__name__}: {old} is the old name of {new}: give {new} alone")
                sentence = f"{function.__name__}: {old} is now called {new}"
                warnings.warn(sentence, DeprecationWarning, stacklevel=2)
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate


def check_settings(settings: Any, *, besides: Collection[str] = ()) -> None:
    """Hold the fields of a frozen dataclass to their annotations, but for those that it checks itself."""
    kind: Any = type(settings)
    for field in (field for field in fields(settings) if field.name not in besides):
        value = getattr(settings, field.name)
        fitting = taken(value, _hints(kind)[field.name], field.name)
        if fitting is not value:
            object.__setattr__(settings, field.name, fitting)


def texts_of(texts: Iterable[str], name: str = "texts") -> tuple[str, ...]:
    """Many texts as a tuple: a list, an array or series of strings, anything that gives strings, or a corpus."""
    texts = getattr(texts, "texts", texts)
    if isinstance(texts, tuple) and set(map(type, texts)) <= {str}:
        return texts
    if isinstance(texts, str):
        raise InputError("expected a list of texts, got one string: put it in a list")
    values = values_of(texts, name)
    for place, value in enumerate(values, 1):
        if not isinstance(value, str):
            raise InputError(
                f"{name}: text {place:,} is {described(value)}, not a string: convert or drop it"
            )
    return tuple(str.__str__(value) for value in values)


def values_of(values: Any, name: str) -> list[Any]:
    """The values of a list, tuple, array, series or iterator as Python's own; `InputError` for other things."""
    if isinstance(values, str):
        raise InputError(f"expected a list, got one string {values[:40]!r}: put it into a list")
    single = isinstance(values, bytes | bytearray | Mapping | set | frozenset) or hasattr(values, "columns")
    if single or not (isinstance(values, Iterable) and getattr(values, "ndim", 1) == 1):
        advice = OF_TYPES.get(type(values).__name__, "put the values into a list")
        raise WrongType(f"{name} must be a list, got {described(values)}: {advice}")
    values = values.tolist() if hasattr(values, "tolist") else values
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def taken(value: Any, kind: Any, name: str) -> Any:
    """The value as its annotation has it; `InputError` where it cannot be taken for it."""
    try:
        value = _fitting(value, kind, name)
    except Misfit as misfit:
        expected, _, advice = str(misfit).partition(": ")
        one = expected == "a string" and isinstance(getattr(value, "texts", value), Iterable)
        advice = OF_TYPES.get(type(value).__name__) or advice or (MANY if one else f"give {expected}")
        raise WrongType(f"{name} must be {expected}, got {described(value)}: {advice}") from None
    if name.endswith("seed") and isinstance(value, int) and not 0 <= value < SEED:
        raise InputError(f"{name} must be a whole number from 0 to {SEED - 1}, got {described(value)}")
    return value


def described(value: object) -> str:
    """A value for a message: its type, and what it is where that is short."""
    kind = type(value).__name__
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str | bytes | int | float | PathLike):
        try:
            shown = repr(value)
        except ValueError:  # a whole number of thousands of digits
            shown = ""
        return f"{kind} {shown if len(shown) <= 40 else shown[:36] + '...'}".strip()
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


@cache
def _hints(owner: Hashable) -> dict[str, Any]:
    """The annotations by name; those that only a type checker can resolve are left out."""
    try:
        kinds = get_type_hints(owner)
    except NameError:
        kinds = {name: kind for name, kind in owner.__annotations__.items() if not isinstance(kind, str)}
    return {name: kind for name, kind in kinds.items() if name != "return"}


def _fitting(value: Any, kind: Any, name: str) -> Any:
    """The value in the place of an annotation's type; `Misfit` where it is none."""
    origin, parts = get_origin(kind), get_args(kind)
    if isinstance(value, np.generic) and not isinstance(value, str | bytes):
        value = value.item()
    if origin in (Union, UnionType):
        return _of_any(value, parts, name)
    if origin is Literal:
        return _when(value in parts, value, f"one of {', '.join(map(repr, parts))}")
    if kind in PLAIN:
        return PLAIN[kind](value)
    if origin in (Sequence, Iterable) or (origin is tuple and parts[-1] is Ellipsis):
        return _many(value, parts[0], name, plain=origin is not tuple)
    if origin is np.ndarray:
        return _numbers(value)
    if kind is Path or origin is PathLike:
        return _when(isinstance(value, PathLike) and isinstance(value.__fspath__(), str), value, "a path")
    if origin is Mapping and isinstance(value, Mapping):
        return {key: taken(one, parts[1], f"{name}[{key!r}]") for key, one in value.items()}
    kind = origin or kind
    if is_dataclass(kind) or getattr(kind, "__name__", "") in ADVICE:
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        advice = ADVICE.get(kind.__name__, f"make it with {kind.__name__}(...)")
        return _when(isinstance(value, kind), value, f"{article} {kind.__name__}: {advice}")
    return value


def _of_any(value: Any, kinds: Sequence[Any], name: str) -> Any:
    """The value for the first of some types that it fits."""
    if value is None and NoneType in kinds:
        return None
    misfits = []
    for kind in kinds:
        try:
            return _fitting(value, kind, name)
        except Misfit as misfit:
            misfits.append(misfit)
    parts = [str(misfit).partition(": ") for misfit in misfits if str(misfit) != "None"]
    expected = " or ".join(dict.fromkeys(part[0] for part in parts))
    raise Misfit(f"{expected}: {parts[0][2]}" if parts[0][2] else expected)


def _many(value: Any, kind: Any, name: str, *, plain: bool) -> Any:
    """Each of many values; where these are strings by `texts_of`, where any will do as they come."""
    if plain and kind is str:
        return texts_of(value, name)
    if kind is object:
        return values_of(value, name)
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise Misfit("a list: put the value into a list")
    if isinstance(value, tuple) and kind is not float and set(map(type, value)) <= {kind}:
        return value
    return tuple(taken(one, kind, f"{name}: value {i}") for i, one in enumerate(values_of(value, name), 1))


def _numbers(value: Any) -> Any:
    array = (
        np.asarray(value) if isinstance(value, np.ndarray | Sequence) and not isinstance(value, str) else None
    )
    return _when(array is not None and array.dtype.kind in "iuf", array, "an array of numbers")


def _string(value: Any) -> Any:
    return str.__str__(_when(isinstance(value, str), value, "a string"))


def _bool(value: Any) -> Any:
    return _when(isinstance(value, bool), value, "True or False")


def _int(value: Any) -> Any:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    whole = whole and not isinstance(value, bool)
    return _when(whole, int(value) if whole else value, "a whole number")


def _float(value: Any) -> Any:
    number = isinstance(value, float) or (isinstance(value, int) and abs(value) < WHOLE)
    return _when(number and not isinstance(value, bool), value, "a number")


def _none(value: Any) -> None:
    _when(value is None, value, "None")


def _when(fits: bool, value: Any, expected: str) -> Any:
    if not fits:
        raise Misfit(expected)
    return value


PLAIN: dict[Any, Callable[[Any], Any]] = {
    str: _string,
    bool: _bool,
    int: _int,
    float: _float,
    NoneType: _none,
}
