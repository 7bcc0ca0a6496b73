"""Word vectors from files: GloVe and word2vec text, `.npy` beside a list of words, word2vec binary."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from convlens.errors import InputError


@dataclass(frozen=True)
class WordVectors:
    """`matrix` (words, d) float32, one row for each of `words`; `source` names the file."""

    words: tuple[str, ...]
    matrix: NDArray[np.float32]
    source: str = "vectors"

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or len(self.words) != len(self.matrix):
            raise InputError(
                f"{self.source}: {len(self.words)} words do not fit a matrix of shape {self.matrix.shape}: "
                "give one row per word"
            )

    @property
    def dim(self) -> int:
        return int(self.matrix.shape[1])


@dataclass(frozen=True)
class Matched:
    """Vectors for a vocabulary: `matrix` (len(words), d), and which rows were found."""

    matrix: NDArray[np.float32]
    found: NDArray[np.bool_]

    @property
    def coverage(self) -> float:
        """Share of the vocabulary that has a vector."""
        return float(self.found.mean()) if len(self.found) else 0.0


def match(vectors: WordVectors, words: Sequence[str]) -> Matched:
    """Rows of `vectors` for `words`: as written, else in lower case; zeros where there is none."""
    place = {word: i for i, word in enumerate(vectors.words)}
    rows = np.array([place.get(w, place.get(w.lower(), -1)) for w in words], dtype=np.int64)
    matrix = np.zeros((len(words), vectors.dim), dtype=np.float32)
    matrix[rows >= 0] = vectors.matrix[rows[rows >= 0]]
    return Matched(matrix, rows >= 0)


def read_vectors(path: Path) -> WordVectors:
    """Read a file of word vectors; the suffix and the first line tell the format.

    `.npy` needs its words in `NAME.words.txt` or `NAME.txt` beside it, one a line; `.bin` is
    word2vec's binary format (needs gensim); all else is text, `word x1 .. xd` per line, with or
    without word2vec's header line. Nothing is ever unpickled.
    """
    if not path.is_file():
        raise InputError(f"no file of word vectors at {path}: give a GloVe or word2vec file")
    if path.suffix == ".npy":
        return _read_npy(path)
    if path.suffix == ".bin":
        return _read_binary(path)
    return _read_text(path)


def from_gensim(vectors: Any, source: str = "gensim") -> WordVectors:
    """Take over gensim `KeyedVectors` (or the `wv` of a model)."""
    keyed = getattr(vectors, "wv", vectors)
    return WordVectors(tuple(keyed.index_to_key), np.asarray(keyed.vectors, dtype=np.float32), source)


def _read_npy(path: Path) -> WordVectors:
    beside = [path.with_suffix(".words.txt"), path.with_suffix(".txt")]
    names = next((p for p in beside if p.is_file()), None)
    if names is None:
        raise InputError(f"{path} needs its words beside it, one a line, in {beside[0].name}")
    try:
        matrix = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(
            f"{path} is not a NumPy array of numbers ({error}): save it with numpy.save"
        ) from None
    words = names.read_text(encoding="utf-8").split("\n")
    return WordVectors(tuple(words[:-1] if words[-1] == "" else words), matrix.astype(np.float32), path.name)


def _read_binary(path: Path) -> WordVectors:
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        raise InputError(f'{path} is binary: pip install "convlens[vectors]" to read it') from None
    return from_gensim(KeyedVectors.load_word2vec_format(str(path), binary=True), path.name)


def _read_text(path: Path) -> WordVectors:
    words: list[str] = []
    rows: list[NDArray[np.float32]] = []
    with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for number, line in _vector_lines(lines):
            word, *numbers = line.rstrip("\n").rstrip().split(" ")
            row = _numbers(numbers)
            if row is None or (rows and len(row) != len(rows[0])):
                expected = f"{len(rows[0])} numbers" if rows else "a word and its numbers"
                raise InputError(f"{path}, line {number}: expected {expected} separated by blanks")
            words.append(word)
            rows.append(row)
    if not rows:
        raise InputError(f"{path} holds no word vectors: expected lines of a word and its numbers")
    return WordVectors(tuple(words), np.stack(rows), path.name)


def _vector_lines(lines: IO[str]) -> Iterator[tuple[int, str]]:
    """Number the lines, without word2vec's header (`count dimension`) and blank ones."""
    for number, line in enumerate(islice(lines, 1), 1):
        header = line.split()
        if line.strip() and not (len(header) == 2 and all(h.isdigit() for h in header)):
            yield number, line
    yield from ((number, line) for number, line in enumerate(lines, 2) if line.strip())


def _numbers(fields: list[str]) -> NDArray[np.float32] | None:
    try:
        row = np.array(fields, dtype=np.float32)
    except ValueError:
        return None
    return row if row.size and np.isfinite(row).all() else None
