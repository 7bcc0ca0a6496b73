"""Model folders: a damaged one is refused in a sentence, or is a model that works."""

import json
import os
import random
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from benchmarks.fuzzing.mutate import damaged, damaged_json
from benchmarks.fuzzing.runs import READ, Kind, Wrong, refused
from benchmarks.fuzzing.texts import rounding
from convlens.compress import disable, find_pattern
from convlens.data import Corpus, from_lists
from convlens.errors import InputError
from convlens.explain import explain_all
from convlens.models import (
    FAMILIES,
    Classifier,
    ConvLayer,
    DeepTextCNNConfig,
    FitConfig,
    TextCNN,
    TextCNNConfig,
    TrainConfig,
    fit,
    load,
    save,
)
from convlens.text import TextConfig

HUGE = (10**8, 10**9, 10**12, 2**31, 2**62, 10**18, 1e9, 1.5, 2.0, "8", True, 0, -1, None)
LIKELY: dict[str, Sequence[Any]] = {
    "filters": (*HUGE, [10**8, 10**8], [8], [8, 8.0], [[8], 8], [True, True]),
    "regions": (*HUGE, list(range(1, 20_000)), [10**9], [1e9, 2], ["2", 3], [2, 2], [[2], 3], [10**5, 3]),
    "dim": HUGE,
    "dropout": (*HUGE, 0.9999999, 1, [], "0.5", 1e-320, float("nan")),
    "vector_dropout": (0, 0.5, 1, "0.5", [], float("nan")),
    "layers": (*HUGE, [{"filters": 1, "kernel": 1, "pool": 1}] * 20_000, [[8, 3, 2]], [{}], [{"filters": 8}], "[", {}),
    "kernel": HUGE,
    "pool": HUGE,
    "length": HUGE,
    "hidden": HUGE,
    "sigmoid": (True, 1, "no", None, []),
    "only": (
        *("(a+)+b", "(a|a)*$", "(.*)*x", "a{99999999999999}", "(" * 500, "(" * 500 + ")" * 500, "(?:a?){3000}a{3000}", "[", "*"),
        *("(?P<x", "\\", "(?<=a+)b", "(?<!x)y", "\\1", "(a)\\1", "(?R)", "\\p{L}+", "(?i)A", "", "\0", "\ud800", ".{0,9999}", 2, [[]], {}, []),
    ),
    "splitter": ([], {}, "Words", "words\0", None, 1, "characters", "treebank", "whitespace"),
    "max_tokens": (*HUGE, 3, 1),
    "min_count": (*HUGE, ""),
    "max_words": HUGE,
    "lower": ("no", 0, 1, None, []),
    "keep_stop_words": ("no", 0, 1, None, []),
    "keep_unknown": (False, "no", 0, 1, None, []),
    "words": ([], ["a"] * 3, "abc", {}, [""], ["a", 1], None),
    "masked": ([], [[]], [["film"]], [[1, 2]], ["film"], [["film", "\ud800"]], {}, None, [["good", "film"]] * 3),
    "gates": ([], None, [10**400] * 16, [0] * 16, [-1] * 16, ["a"] * 16, [None] * 16, [1e39] * 16, [True] * 16, 0.5, {}),
    "thresholds": ([], None, [10**400] * 16, [0] * 16, [float("nan")] * 16, ["a"] * 16, [[1]] * 16, "x" * 16),
    "labels": ("ab", {"a": 0, "b": 1}, ["a", "a"], ["a"], ["a", 1], ["a", "\ud800"], ["\x1b[31m", "<script>"], ["", " "], ["a", "b", "c"], [], None),
    "format": (2, 0, "1", 1.0, True, int("9" * 300), None, [], {}),
    "kind": ("Bert", "DeepTextCNN", "TextCNN", [], {}, None, "\x1b[31m", "x" * 5000),
    "test": ({}, {"accuracy": "a", "macro_f1": 1, "majority_baseline": 1}, {"accuracy": 0.5}, [], None, {"accuracy": float("nan"), "macro_f1": 1e400, "majority_baseline": 1}),
    "rows": ({}, {"train": 1.5}, {"train": "x"}, {"\x1b": 10**400}, [], None, {"train": None}),
    "epochs": ([], [{}], [[]], {}, None, [{"loss": 1}], 3),
    "changes": ([], [1], "abc", {}, None, ["<script>alert(1)</script>", "a\nb|c"]),
    "seconds": ("x", float("nan"), 1e400, None, -1, [], True),
    "note": (float("nan"), None, [], {}, "x" * 10_000, "\ud800", "![i](http://evil/x.png)"),
    "command": ("```\n<script>", None, [], 1, "\x1b[2J"),
    "settings": ({}, [], None, {"a": float("nan")}, {"```": "\n```\n<script>"}, "x"),
    "version": (None, 1, "9.9.9\n", [], "\u202e"),
}  # fmt: skip
TYPES = (torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.int64, torch.uint8, torch.bool, torch.complex64, torch.float8_e4m3fn)  # fmt: skip
VALUES = (float("nan"), float("inf"), -float("inf"), 3e38, -3e38, 1e30, 1e19, 1e-45, 0.0)
TEXTS = [
    "a good film with good music",
    "a dull film",
    "",
    "a" * 3000 + "!",
    "unheard of 好 \x1b[31m \ud800",
    "good " * 60,
]


def toy(rows: int = 60) -> Corpus:
    """Short reviews whose class follows from one word."""
    words = ["bad", "good", "dull", "great", "cold", "warm", "awful", "funny"]
    texts = [
        f"A {words[i % 8]} film, number {i % 7}, with {'some' if i % 3 else 'no'} music." for i in range(rows)
    ]
    return from_lists(texts, ["negative" if i % 2 else "positive" for i in range(rows)])


def make(folder: Path) -> None:
    """A gated model, a deep one, a deep one of fixed length with one output, an edited one and a cleaned one with test metrics."""
    train = TrainConfig(epochs=2, batch_size=16, lr=0.02)
    shallow = fit(toy(), FitConfig(model=TextCNNConfig((2, 3), 8, 8), train=train))
    assert isinstance(shallow.model, TextCNN)
    tested = shallow.record.tested(
        9, {"accuracy": 0.5, "macro_f1": 0.5, "majority_baseline": 0.5}, "convlens fit a.csv"
    )
    save(replace(shallow, record=tested), folder / "tested")
    patterns = [find_pattern(shallow, spec) for spec in ("ngram:good film", "word:dull", "filter:3")]
    save(disable(shallow, patterns), folder / "edited")
    shallow.model.gates = torch.linspace(0, 0.5, 16)
    save(shallow, folder / "gated")
    layers = ConvLayer(8, 3, 2), ConvLayer(8, 2)
    for name, shape in {
        "deep": DeepTextCNNConfig(layers, hidden=8, dim=8),
        "flat": DeepTextCNNConfig(layers[:1], length=12, sigmoid=True, dim=8, dropout=0),
    }.items():
        save(fit(toy(), FitConfig(model=shape, train=train)), folder / name)
    text = TextConfig(only=r"[A-Za-z']+", max_tokens=9, keep_stop_words=False, keep_unknown=False)
    save(fit(toy(), FitConfig(text, TextCNNConfig((1, 2), 8, 8), train)), folder / "cleaned")


def load_good(folder: Path) -> list[Path]:
    """The good folders; each was used once, so that all modules are loaded."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir())
    for path in folders:
        with tempfile.TemporaryDirectory() as place:
            check_model(load(path), Path(place))
    return folders


def attempt(good: list[Path], rng: random.Random, place: Path) -> str:
    """Damage a model folder and use what is left of it."""
    folder = place / "model"
    shutil.copytree(rng.choice(good), folder)
    for _ in range(rng.choice([1, 1, 1, 2])):
        _damage(folder, rng, rng.choice(good))
    try:
        classifier = load(folder)
    except InputError as error:
        return refused(error)
    check_model(classifier, place)
    return READ


def _damage(folder: Path, rng: random.Random, other: Path) -> None:
    files = ["config.json", "tokenizer.json", "model.safetensors", "training.safetensors", "all"]
    names = rng.choices(files, [40, 25, 25, 5, 5])[0]
    path = folder / names
    if names == "all":
        _misplace(folder, rng, other)
    elif path.is_symlink() or not path.is_file() or path.stat().st_size > 10**6:
        return  # a link leads out of the folder, to a good one even
    elif path.suffix == ".json":
        content = path.read_bytes()
        try:
            path.write_bytes(damaged_json(content, rng, LIKELY))
        except (ValueError, RecursionError):  # damaged before, past parsing
            path.write_bytes(damaged(content, rng))
    elif rng.random() < 0.3:
        path.write_bytes(damaged(path.read_bytes(), rng))
    elif rng.random() < 0.3:
        path.write_bytes(damaged_header(path.read_bytes(), rng))
    else:
        damage_tensors(path, rng)


def _misplace(folder: Path, rng: random.Random, other: Path) -> None:
    """Files that are not what or where they should be."""
    path = folder / rng.choice(["config.json", "tokenizer.json", "model.safetensors"])
    if path.is_dir() or path.is_symlink() or not path.exists():
        return
    source = other / rng.choice([path.name, path.name, "config.json", "tokenizer.json", "README.md"])
    ways: Sequence[Callable[[], object]] = (
        path.unlink,
        lambda: (path.unlink(), path.mkdir()),
        lambda: (path.unlink(), os.mkfifo(path)),
        lambda: (path.unlink(), path.symlink_to("/dev/zero")),
        lambda: (path.unlink(), path.symlink_to(path.name)),
        lambda: (path.unlink(), path.symlink_to(source)),
        lambda: path.write_bytes(source.read_bytes()),
        lambda: os.truncate(path, 2**33),
        lambda: (shutil.rmtree(folder), folder.write_text("{}")),
        lambda: (folder / "README.md").unlink(missing_ok=True),
    )
    rng.choice(ways)()


def damaged_header(content: bytes, rng: random.Random) -> bytes:
    """Safetensors whose header is damaged, with a length that fits, or one that does not."""
    (length,) = struct.unpack("<Q", content[:8])
    header, data = content[8 : 8 + length], content[8 + length :]
    try:
        header = damaged_json(header, rng, {"dtype": ("F64", "F16", "I8", "X", 1, None), "shape": ([], [2**62, 2**62], [-1], [0], [1.5]), "data_offsets": ([0, 0], [0, 2**63], [5, 1], [])})  # fmt: skip
    except (ValueError, RecursionError):
        header = damaged(header, rng)
    if rng.random() < 0.2:
        length = rng.choice([0, 1, len(header) + 1, 2**20, 2**32, 2**63, 2**64 - 1])
        return struct.pack("<Q", length) + header + data
    return struct.pack("<Q", len(header)) + header + data


def damage_tensors(path: Path, rng: random.Random) -> None:
    """Whole safetensors of tensors that are not what the model's are."""
    try:
        tensors = load_file(path)
    except (SafetensorError, KeyError, ValueError, RuntimeError, OSError):  # damaged before
        return
    if not tensors:
        return
    name = rng.choice(sorted(tensors))
    tensor = tensors[name]
    shapes: Sequence[Callable[[Tensor], Tensor]] = (
        lambda t: t.flatten(), lambda t: t.flatten()[:0], lambda t: t.flatten()[:-1], lambda t: torch.cat([torch.atleast_1d(t)] * 2), lambda t: t[None],
        lambda t: t.movedim(0, -1), lambda t: torch.zeros(()), lambda t: t.flip(0), lambda t: t * 1e6, lambda t: t.new_zeros(t.shape),
    )  # fmt: skip
    way = rng.randrange(5)
    if way == 0:
        dtype = rng.choice(TYPES)
        for key in [name] if rng.random() < 0.6 else list(tensors):
            tensors[key] = tensors[key].to(dtype)
    elif way == 1:
        tensors[name] = rng.choice(shapes)(tensor)
    elif way == 2 and tensor.is_floating_point() and tensor.numel():
        value = rng.choice(VALUES)
        places = slice(None) if rng.random() < 0.4 else rng.randrange(tensor.numel())
        changed = tensor.flatten().clone()
        changed[places] = value
        tensors[name] = changed.view(tensor.shape)
    elif way == 3:
        tensors[rng.choice([f"{name}x", "", "\x1b[31m", "head.weight", "thresholds", "embed.weight"])] = (
            tensors.pop(name)
        )
    else:
        other = rng.choice(sorted(tensors))
        tensors[name], tensors[other] = tensors[other], tensors[name]
    metadata = None if rng.random() < 0.8 else {"format": "pt", "x": "y" * 1000}
    save_file({key: t.contiguous().clone() for key, t in tensors.items()}, path, metadata)


def check_model(classifier: Classifier, place: Path) -> None:
    """A model that was loaded predicts, explains, is saved and edited, as any."""
    logits = classifier.logits(TEXTS)
    if not np.isfinite(logits).all():
        raise Wrong("a loaded model gives logits that are not finite")
    classifier.predict(TEXTS)
    method = FAMILIES[type(classifier.model).__name__].method
    slack = rounding(classifier.model) if isinstance(classifier.model, TextCNN) else np.inf
    for explanation in explain_all(classifier, TEXTS, method=method):
        if not np.isfinite(explanation.scores).all() or not (explanation.residual or 0) <= slack:
            raise Wrong(f"scores are not finite, or do not sum up\n{explanation.residual}, {slack}")
        explanation.to_html(), json.loads(explanation.to_json())
    save(_edited(classifier), place / "edited")
    save(classifier, place / "again")
    check_same(classifier, load(place / "again"))
    load(place / "edited").logits(TEXTS)


def check_same(classifier: Classifier, again: Classifier) -> None:
    """A model read again has the same weights; where its file begins in memory may change the last bit of a logit."""
    weights, others = classifier.model.state_dict(), again.model.state_dict()
    if weights.keys() != others.keys() or not all(
        torch.equal(weights[name], others[name]) for name in weights
    ):
        raise Wrong("a model saved again has other weights")
    logits = classifier.logits(TEXTS)
    if not np.abs(again.logits(TEXTS) - logits).max() <= 1e-5 * np.abs(logits).max(initial=1):
        raise Wrong("a model saved again gives other logits")


def _edited(classifier: Classifier) -> Classifier:
    """The classifier without one of its words, where one can be named."""
    for word in classifier.tokenizer.words[:5]:
        try:
            return disable(classifier, [find_pattern(classifier, f"word:{word}")])
        except InputError as error:
            refused(error)
    return classifier


KIND = Kind(make, load_good, attempt)
