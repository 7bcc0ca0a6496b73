"""Natural n-grams: every different run of n words of one document in a corpus, in bounded memory.

A corpus is read in pieces. The different n-grams of each piece are put in the order of a hash of their words and laid
on disk; then stretches of the hashes are read from all pieces and added up. So memory is bounded by the size of a
piece, whatever the length of the corpus, and the cost grows in proportion to it.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from convlens.arrays import Ints
from convlens.files import failing_clearly
from convlens.text import Documents, starts
from convlens.trace import hashes, window_places

PIECE = 2**21  # words looked at, and different n-grams held, at a time
BITS = 12  # of the hash: stretches that can be told apart


def natural_ngrams(
    documents: Documents | Iterable[Documents], n: int, *, size: int = PIECE
) -> Iterator[pl.DataFrame]:
    """The different n-grams of documents: frames of `word:0`, .., `word:n-1`, `count` and `documents`.

    Each n-gram comes once, in one of the frames, with how often it occurs and in how many documents. A word is a number of
    the vocabulary; documents of fewer than n words have no n-gram. Documents may come as one value or as a stream,
    each document whole; a frame has about `size` rows.
    """
    if isinstance(documents, Documents) and len(documents.ids) <= size:
        yield _distinct(documents, n)
        return
    stream = documents.pieces(size) if isinstance(documents, Documents) else iter(documents)
    with TemporaryDirectory(prefix="convlens-") as folder:
        stored = [
            _store(_distinct(piece, n), n, Path(folder) / f"{i}.arrow") for i, piece in enumerate(stream)
        ]
        rows = sum((np.diff(edges) for _, edges in stored), np.zeros(2**BITS, np.int64))
        for first, last in pairwise(_stretches(rows, size) if stored else []):
            pieces = [_read(path, edges[first], edges[last]) for path, edges in stored]
            yield _added(pl.concat(pieces), n)


def word_columns(n: int) -> list[str]:
    """The columns that hold the words of n-grams."""
    return [f"word:{j}" for j in range(n)]


def _distinct(piece: Documents, n: int) -> pl.DataFrame:
    """The different n-grams of some documents, counted."""
    places = window_places(piece, n)
    owners = np.repeat(np.arange(len(piece), dtype=np.int32), piece.lengths)[places]
    ids = piece.ids.astype(np.int32)
    words = {name: ids[places + j] for j, name in enumerate(word_columns(n))}
    windows = pl.DataFrame({**words, "document": owners})
    counts = (
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("document").n_unique().cast(pl.Int64).alias("documents"),
    )
    return windows.group_by(word_columns(n)).agg(*counts)


def _added(frame: pl.DataFrame, n: int) -> pl.DataFrame:
    """N-grams of several pieces, each once: no document is in two pieces, so its counts are sums."""
    return frame.group_by(word_columns(n)).agg(pl.col("count").sum(), pl.col("documents").sum())


def _store(frame: pl.DataFrame, n: int, path: Path) -> tuple[Path, Ints]:
    """Write n-grams by their hash; where the n-grams of each hash begin."""
    keys = hashes([frame[name].to_numpy() for name in word_columns(n)], BITS)
    order = np.argsort(keys, kind="stable")
    with failing_clearly(path):
        frame[order].write_ipc(path)
    return path, starts(np.bincount(keys, minlength=2**BITS))


def _read(path: Path, first: int, last: int) -> pl.DataFrame:
    return pl.scan_ipc(path).slice(first, last - first).collect()


def _stretches(rows: Ints, size: int) -> list[int]:
    """Where stretches of hashes with about `size` rows begin, and where the last ends."""
    number = np.maximum(rows.cumsum() - 1, 0) // max(size, 1)
    return [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), len(rows)]
