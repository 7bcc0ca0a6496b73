"""From the options of `convlens fit` that were given to its settings: a preset, and what overrides it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple

from convlens.errors import InputError
from convlens.models import Branch, ConvLayer, DeepTextCNNConfig, FitConfig, Padding, find_preset


class Setting(NamedTuple):
    """Where the value of an option goes: the part of `FitConfig`, the field there, and how it is read; a dict has several fields."""

    part: str
    field: str
    read: Callable[[Any], Any] = lambda value: value


def settings(options: Mapping[str, Any], preset: str | None) -> FitConfig:
    """The settings of a fit. `options` are those that were given, by parameter; the rest is the preset's.

    Without a preset the rest is the default, of a deep model where layers are given.
    """
    config = FitConfig() if preset is None else find_preset(preset).config
    if preset is None and "layers" in options:
        config = replace(config, model=DeepTextCNNConfig())
    parts: dict[str, dict[str, Any]] = {}
    for option, value in options.items():
        setting = OPTIONS[option]
        _check_family(config, setting, option)
        read = setting.read(value)
        if option == "layers" and ("beside" in read or "k" in read or "over_time" in read):
            _check_over_time(options)
        parts.setdefault(setting.part, {}).update(read if isinstance(read, dict) else {setting.field: read})
    changed = {part: replace(getattr(config, part), **values) for part, values in parts.items()}
    return replace(config, **changed)


def _check_over_time(options: Mapping[str, Any]) -> None:
    """Refuse --over-time and --k beside layers that say themselves what they keep over time."""
    if odd := next((option for option in ("over_time", "k") if option in options), None):
        raise InputError(
            f"--{odd.replace('_', '-')} is for one stack of layers: of stacks side by side, and after a colon, --layers says "
            "what each keeps, such as 50x3 | 50x4:mean | 50x5:k=3"
        )


def _check_family(config: FitConfig, setting: Setting, option: str) -> None:
    if setting.field in {field.name for field in fields(getattr(config, setting.part))}:
        return
    deep = isinstance(config.model, DeepTextCNNConfig)
    stacked = (
        "leave out the preset"
        if option == "layers"
        else "it goes with --layers or a preset of stacked layers"
    )
    raise InputError(
        f"--{option.replace('_', '-')} is no setting of a {'DeepTextCNN' if deep else 'TextCNN'}: "
        + ("leave it out, or train a one-layer model" if deep else stacked)
    )


def _dilation(text: str) -> int | tuple[int, ...]:
    steps = _numbers("--dilation", text)
    return steps if len(steps) > 1 else steps[0]


def _hidden(text: str) -> tuple[int, ...]:
    return _numbers("--hidden", text)


def _not(value: bool) -> bool:
    return not value


def _regions(text: str) -> tuple[int, ...]:
    return _numbers("--regions", text)


def _filters(text: str) -> int | tuple[int, ...]:
    counts = _numbers("--filters", text)
    return counts if len(counts) > 1 else counts[0]


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"{option} takes whole numbers separated by commas, got {text!r}") from None


def _stacks(text: str) -> dict[str, Any]:
    """Settings of a deep model from its stacks: those of the first, and the others beside it."""
    first, *others = (_stack(part) for part in text.split("|"))
    return first | ({"beside": tuple(Branch(**one) for one in others)} if others else {})


def _stack(text: str) -> dict[str, Any]:
    """The layers of a stack, and what it keeps over time where that is told: `100x4:mean`, `100x5:k=3`."""
    layers, colon, kept = (part.strip() for part in text.partition(":"))
    stack: dict[str, Any] = {"layers": _layers(layers)}
    if not colon:
        return stack
    name, sign, count = kept.partition("=")
    if name == "k" and sign and count.isdecimal() and len(count) < 10:
        return stack | {"k": int(count)}
    if kept not in ("max", "mean", "sum"):
        raise InputError(f"after the layers of a stack stands :max, :mean, :sum or :k=N, got {kept!r}")
    return stack | {"over_time": kept}


def _layers(text: str) -> tuple[ConvLayer, ...]:
    numbers = r"(?P<filters>\d{1,9})x(?P<kernel>\d{1,9})(?:s(?P<stride>\d{1,9}))?(?:/(?P<pool>\d{1,9}))?"
    matches = [re.fullmatch(numbers, part.strip()) for part in text.split(",")]
    if None in matches:
        raise InputError(
            "--layers takes filters x kernel, s and a stride where there is one, and / pool where one follows, such as "
            f"32x5/2,16x5s2, got {text!r}"
        )
    sizes = (match.groupdict("1") for match in matches if match)
    return tuple(ConvLayer(**{name: int(number) for name, number in layer.items()}) for layer in sizes)


def padding_of(text: str) -> Padding:
    """`length=400,left`: settings of a `Padding` by name, and `same`, `full`, `left`, `trained` for what they are settings of."""
    short: dict[str, dict[str, Any]] = {"left": {"side": "left", "cut": "left"}, "trained": {"trained": True}}
    given: dict[str, Any] = {}
    for part in text.split(","):
        name, sign, value = part.strip().partition("=")
        if sign and name in ("length", "least", "before", "after") and value.isdecimal() and len(value) < 10:
            given[name] = int(value)
        elif sign and name in ("side", "cut") and value in ("left", "right"):
            given[name] = value
        elif not sign and name in ("same", "full"):
            given["zeros"] = name
        elif not sign and name in short:
            given.update(short[name])
        else:
            raise InputError(
                f"--padding takes length=N, least=N, before=N, after=N, side=left, cut=left, same, full, left or trained, "
                f"separated by commas, got {part!r}: for texts of 400 words, --padding length=400"
            )
    return Padding(**given)


OPTIONS = {
    "tokenizer": Setting("text", "splitter"),
    "keep_case": Setting("text", "lower", _not),
    "min_count": Setting("text", "min_count"),
    "max_words": Setting("text", "max_words"),
    "max_tokens": Setting("text", "max_tokens"),
    "only": Setting("text", "only"),
    "drop_stop_words": Setting("text", "keep_stop_words", _not),
    "drop_unknown": Setting("text", "keep_unknown", _not),
    "dim": Setting("model", "dim"),
    "dropout": Setting("model", "dropout"),
    "vector_dropout": Setting("model", "vector_dropout"),
    "regions": Setting("model", "regions", _regions),
    "filters": Setting("model", "filters", _filters),
    "filter_bias": Setting("model", "filter_bias"),
    "head_bias": Setting("model", "head_bias"),
    "padding": Setting("model", "padding", padding_of),
    "activation": Setting("model", "activation"),
    "one_logit": Setting("model", "one_logit"),
    "dilation": Setting("model", "dilation", _dilation),
    "static_channel": Setting("model", "static_channel"),
    "layers": Setting("model", "layers", _stacks),
    "hidden": Setting("model", "hidden", _hidden),
    "length": Setting("model", "length"),
    "over_time": Setting("model", "over_time"),
    "k": Setting("model", "k"),
    "batch_norm": Setting("model", "batch_norm"),
    "epochs": Setting("train", "epochs"),
    "patience": Setting("train", "patience"),
    "batch_size": Setting("train", "batch_size"),
    "lr": Setting("train", "lr"),
    "weight_decay": Setting("train", "weight_decay"),
    "validation": Setting("train", "validation"),
    "class_weights": Setting("train", "class_weights"),
    "freeze_vectors": Setting("train", "tune_vectors", _not),
    "seed": Setting("train", "seed"),
}
