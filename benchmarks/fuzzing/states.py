"""Checkpoints, scans and word vectors: damaged ones are refused, or what goes on from them ends well."""

import bz2
import gzip
import random
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.fuzzing.folders import check_same, damage_tensors, damaged_header, toy
from benchmarks.fuzzing.mutate import damaged, damaged_json
from benchmarks.fuzzing.runs import READ, Kind, Wrong, refused
from convlens.cli.scan import tell
from convlens.errors import InputError
from convlens.models import FitConfig, TextCNNConfig, TrainConfig, Watch, fit, load, save
from convlens.models.history import Epoch
from convlens.scan import Counts, ScanConfig, ScanWatch, read_scan, read_summary, scan
from convlens.text import match, read_vectors

CONFIG = FitConfig(model=TextCNNConfig((2, 3), 8, 8), train=TrainConfig(epochs=3, batch_size=16, lr=0.02))
SCAN = ScanConfig(rows=8, summary=True, backend="torch")
LIKELY: dict[str, Sequence[Any]] = {
    "epochs": ([], {}, None, [{}], "abc", [[1, 2, 3, 4, 5]], [1]),
    "loss": ("x", None, [], {}, float("nan"), 1e400, True),
    "validation_loss": ("x", None, [], {}, float("nan"), 1e400, -1),
    "run": ("", None, [], 1),
    "complete": (0, 1, None, "no", [], False, True),
    "counts": (None, {}, [], {"parts": 1}, 5),
    "parts": (0, 1, 10**9, -1, 1.0, "5", None, [], 10**400),
    "documents": (0, 39, 10**18, -1, 1.5, "40", None, [], float("nan")),
    "rejected": (40, 10**400, -1, "0", None, [], float("nan")),
    "first": (None, 1, "\x1b[31m", "x" * 5000, []),
    "fingerprint": ({}, [], None, [["a", 1]], "x"),
    "kind": ("x", None, []),
    "format": (2, "1", None, [], 1.0, int("9" * 300)),
    "options": ({}, None, []),
}
WORDS = ("the", "film", "good", "bad", "New York", "é", "字", "'s", "1,000", "</s>")


class Stop(Watch):
    """Ends a fit after its second epoch."""

    def on_epoch(self, number: int, epoch: Epoch) -> None:
        if number == 2:
            raise KeyboardInterrupt


def make(folder: Path) -> None:
    """A checkpoint after two of three epochs, a whole scan, one that was stopped, and word vectors in every format."""
    classifier = fit(toy(), CONFIG, checkpoint=folder / "checkpoint", watch=Stop())
    save(classifier, folder / "model")
    corpus = toy(40)
    pl.DataFrame({"text": corpus.texts}).write_parquet(folder / "corpus.parquet")
    scan(classifier, folder / "corpus.parquet", folder / "scan", SCAN, watch=ScanWatch())
    shutil.copytree(folder / "scan", folder / "stopped")
    text = (folder / "stopped" / "scan.json").read_text().replace('"complete": true', '"complete": false')
    (folder / "stopped" / "scan.json").write_text(text)
    (folder / "stopped" / "documents-00004.parquet").unlink()
    write_vectors(folder / "vectors")


def write_vectors(folder: Path) -> None:
    """Ten words of four numbers: GloVe's text, word2vec's text and binary, `.npy` and `.npz`."""
    folder.mkdir()
    matrix = np.linspace(-1, 1, 4 * len(WORDS), dtype=np.float32).reshape(-1, 4)
    lines = [" ".join([word, *map(str, row)]) for word, row in zip(WORDS, matrix.tolist(), strict=True)]
    (folder / "glove.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "word2vec.vec").write_text("\n".join([f"{len(WORDS)} 4", *lines]) + "\n", encoding="utf-8")
    single = zip((word.replace(" ", "_") for word in WORDS), matrix, strict=True)
    rows = b"".join(word.encode() + b" " + row.tobytes() + b"\n" for word, row in single)
    (folder / "word2vec.bin").write_bytes(f"{len(WORDS)} 4\n".encode() + rows)
    np.save(folder / "array.npy", matrix)
    (folder / "array.words.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    for name, packed in (
        ("glove.txt", gzip.compress),
        ("word2vec.bin", gzip.compress),
        ("word2vec.vec", bz2.compress),
    ):
        suffix = ".gz" if packed is gzip.compress else ".bz2"
        (folder / f"{name}{suffix}").write_bytes(packed((folder / name).read_bytes()))
    with zipfile.ZipFile(folder / "glove.zip", "w") as archive:
        archive.write(folder / "glove.txt", "glove.txt")
    np.savez(folder / "arrays.npz", words=np.array(WORDS), vectors=matrix)


def load_good(folder: Path) -> Path:
    """The folder of the good states; each was used once, so that all modules are loaded."""
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(folder / "checkpoint", Path(place) / "checkpoint")
        fit(toy(), CONFIG, checkpoint=Path(place) / "checkpoint", watch=Watch())
        scan(load(folder / "model"), folder / "corpus.parquet", Path(place) / "scan", SCAN, watch=ScanWatch())
    for path in (folder / "vectors").iterdir():
        read_vectors(path) if ".words" not in path.suffixes else None
    return folder


def attempt(good: Path, rng: random.Random, place: Path) -> str:
    """Damage a checkpoint, a scan or a file of word vectors, and go on with it."""
    ways: Sequence[Callable[[Path, random.Random, Path], object]] = (
        go_on_fitting,
        go_on_scanning,
        take_vectors,
    )
    try:
        rng.choices(ways, (4, 4, 3))[0](good, rng, place)
    except InputError as error:
        return refused(error)
    return READ


def go_on_fitting(good: Path, rng: random.Random, place: Path) -> None:
    """A fit that goes on from a damaged checkpoint ends with finite weights and can be saved."""
    folder = place / "checkpoint"
    shutil.copytree(good / "checkpoint", folder)
    tensors, path = folder / "state.safetensors", folder / "state.json"
    way = rng.random()
    if way < 0.4:
        path.write_bytes(damaged_json(path.read_bytes(), rng, LIKELY))
    elif way < 0.7:
        damage_tensors(tensors, rng)
    elif way < 0.85:
        tensors.write_bytes(damaged_header(tensors.read_bytes(), rng))
    elif way < 0.95:
        tensors.write_bytes(damaged(tensors.read_bytes(), rng))
    else:
        rng.choice((path, tensors)).unlink()
    classifier = fit(toy(), CONFIG, checkpoint=folder, watch=Watch())
    logits = classifier.logits(toy().texts)
    if not np.isfinite(logits).all():
        raise Wrong("a fit that goes on gives logits that are not finite")
    save(classifier, place / "model")
    check_same(classifier, load(place / "model"))


def go_on_scanning(good: Path, rng: random.Random, place: Path) -> None:
    """A scan with a damaged manifest, or without a part, is read or resumed, and then holds every document."""
    folder = place / "scan"
    shutil.copytree(good / rng.choice(["scan", "stopped"]), folder)
    path = folder / "scan.json"
    if rng.random() < 0.8:
        path.write_bytes(damaged_json(path.read_bytes(), rng, LIKELY))
    else:
        part = rng.choice(sorted(folder.glob("*.parquet")))
        part.write_bytes(b"" if rng.random() < 0.3 else part.read_bytes()[: rng.randrange(300)])
        part.unlink() if rng.random() < 0.5 else None
    for reading in (read_scan, read_summary):
        try:
            reading(folder)
        except InputError as error:
            refused(error)
    corpus = good / "corpus.parquet"
    counts = scan(load(good / "model"), corpus, folder, SCAN, existing="resume", watch=ScanWatch())
    tell_counts(counts, corpus, folder)
    documents, words = (frame.collect() for frame in read_scan(folder))
    whole, other = (frame.collect() for frame in read_scan(good / "scan"))
    if not documents.equals(whole) or not words.equals(other):
        raise Wrong("a scan that was resumed lacks documents or words")
    read_summary(folder)


def tell_counts(counts: Counts, corpus: Path, folder: Path) -> None:
    """What the command says of a scan."""
    tell(counts, corpus, folder, allow_rejects=False)


def take_vectors(good: Path, rng: random.Random, place: Path) -> None:
    """Word vectors of a damaged file are finite, one row for each of different words that can be written."""
    folder = place / "vectors"
    shutil.copytree(good / "vectors", folder)
    path = rng.choice(sorted(folder.iterdir()))
    content = path.read_bytes()
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        content = damaged(content, rng)
    path.write_bytes(content)
    path = path.with_name("array.npy") if path.name.startswith("array.") else path
    if rng.random() < 0.2:
        path = path.rename(
            path.with_suffix(
                rng.choice([".txt", ".bin", ".npy", ".npz", ".vec", ".gz", ".zip", ".zst", ".BIN", ""])
            )
        )
    vectors = read_vectors(path)
    if not np.isfinite(vectors.matrix).all() or vectors.matrix.shape != (len(vectors.words), vectors.dim):
        raise Wrong(f"vectors that are not finite, or do not fit\n{vectors}")
    "".join(vectors.words).encode("utf-8", "strict")
    match(vectors, WORDS)


KIND = Kind(make, load_good, attempt)
