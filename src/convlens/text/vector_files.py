"""Files of word vectors: GloVe and word2vec text, word2vec binary, `.npy` and `.npz`, compressed or not."""

import io
import re
import zipfile
from os import PathLike
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.compressed import DAMAGE, open_bytes
from convlens.errors import InputError
from convlens.text.vector_text import BLOCK, HEADER, LONGEST, MOST, count_numbers, read_text
from convlens.text.vectors import WordVectors

NUMPY, FASTTEXT = b"\x93NUMPY", (793712314).to_bytes(4, "little")
PICKLE = re.compile(rb"\x80[\x02-\x05]")
BOM = b"\xef\xbb\xbf"
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# What NumPy raises for headers that are damaged, hostile or too large.
READING = (*DAMAGE, MemoryError, TypeError, SyntaxError, RecursionError, OverflowError, KeyError, TokenError)


@checked
def read_vectors(path: str | PathLike[str]) -> WordVectors:
    """Read a file of word vectors; its content tells the format and the compression, not its name.

    Text is `word x1 .. xd` per line, separated by blanks or tabs, with or without word2vec's header line: the
    last d fields are the numbers and whatever stands before them is the word. Word2vec's binary format. A NumPy
    array needs its words in `NAME.words.txt` or `NAME.txt` beside it, one a line, or in the same `.npz` as an
    array of strings. Nothing is ever unpickled.
    """
    path = Path(path)
    if not path.exists() or path.is_dir():
        raise InputError(f"no file of word vectors at {path}: give a GloVe or word2vec file")
    try:
        if _is_npz(path):
            return _read_npz(path)
        with open_bytes(path) as stream:
            return _read(path, stream)
    except OSError as error:
        raise InputError(f"cannot read the word vectors {path}: {error.strerror or error}") from None


def _read(path: Path, stream: io.BufferedReader) -> WordVectors:
    if stream.peek(len(NUMPY)).startswith(NUMPY):
        return WordVectors(_words_beside(path), _array(path, stream), path.name)
    head = stream.read(BLOCK)
    if head.startswith(FASTTEXT):
        name = re.sub(r"\.bin.*$", "", path.name, flags=re.IGNORECASE) + ".vec"
        raise InputError(f"{path} is a whole fastText model: give its word vectors, {name}, instead")
    if PICKLE.match(head):
        raise InputError(
            f"{path} is a pickle, not a NumPy array of numbers or a word2vec file, and is never loaded: save the "
            "vectors with gensim's save_word2vec_format or numpy.save"
        )
    head = head.removeprefix(BOM)
    first, _, rest = head.partition(b"\n")
    header = HEADER.fullmatch(first)
    if header is not None and _is_binary(rest):
        return _read_binary(path, stream, rest, (int(header[1]), int(header[2])))
    return read_text(path, stream, head)


# Word2vec's binary format


def _is_binary(rest: bytes) -> bool:
    """Whether what follows a header is no line of numbers, and has the control characters of binary ones."""
    line = rest[: BLOCK >> 6].replace(b"\t", b" ").split(b"\n", 1)[0]
    return not count_numbers(line.rstrip(b" \r")) and CONTROL.search(rest) is not None


def _read_binary(path: Path, stream: io.BufferedReader, rest: bytes, header: tuple[int, int]) -> WordVectors:
    """Each word, a blank, its numbers in four bytes each; a line break may follow."""
    count, dim = header
    size = 4 * dim
    if not 0 < dim <= MOST:
        raise InputError(f"{path}: its header says words of {dim} numbers: it is no word2vec file")
    words: list[str] = []
    numbers = bytearray()
    place = 0
    while len(words) < count:
        blank = rest.find(b" ", place)
        if blank < 0 or blank + 1 + size > len(rest):
            more = stream.read(BLOCK)
            if not more or len(rest) - place > LONGEST:
                raise InputError(
                    f"{path} ends or breaks after {len(words)} words of the {count} of {dim} numbers that its header says: "
                    "fetch the file again"
                )
            rest, place = rest[place:] + more, 0
            continue
        words.append(rest[place:blank].lstrip(b"\n").decode("utf-8", "replace"))
        place = blank + 1 + size
        numbers += rest[blank + 1 : place]
    if (rest[place:] + stream.read(64)).strip():
        raise InputError(
            f"{path}: its header says {count} words of {dim} numbers, but more follow: fetch the file again"
        )
    return WordVectors(tuple(words), np.frombuffer(numbers, "<f4").reshape(-1, dim), path.name)


# NumPy's formats


def _array(path: Path, stream: io.BufferedReader) -> NDArray[Any]:
    try:
        return np.lib.format.read_array(stream, allow_pickle=False)
    except InputError:
        raise
    except READING as error:
        raise InputError(
            f"{path} is not a NumPy array of numbers ({str(error)[:100]}): save it with numpy.save"
        ) from None


def _words_beside(path: Path) -> tuple[str, ...]:
    """The words of an array, one a line in a file beside it."""
    stem = re.sub(r"\.np[yz](\.\w+)?$|\.\w+$", "", path.name, flags=re.IGNORECASE)
    beside = [path.with_name(f"{stem}.words.txt"), path.with_name(f"{stem}.txt")]
    names = next((place for place in beside if place.is_file()), None)
    if names is None:
        raise InputError(f"{path} needs its words beside it, one a line, in {beside[0].name}")
    with open_bytes(names) as stream:
        content = stream.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{names} is UTF-16: convert it, with iconv -f UTF-16 -t UTF-8")
    words = content.removeprefix(BOM).decode("utf-8", "replace").split("\n")
    return tuple(word.removesuffix("\r") for word in (words[:-1] if words[-1] == "" else words))


def _is_npz(path: Path) -> bool:
    """Whether a file is a zip of several NumPy arrays; one array alone is read like any compressed file."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (*DAMAGE, OSError):
        return False
    return len(names) > 1 and all(name.endswith(".npy") for name in names)


def _read_npz(path: Path) -> WordVectors:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = [archive[name] for name in archive.files]
    except READING as error:
        raise InputError(
            f"{path} is not an archive of NumPy arrays of numbers and words ({str(error)[:100]}): save it with "
            "numpy.savez(file, vectors=matrix, words=np.array(words, dtype=str))"
        ) from None
    words = [array for array in arrays if array.dtype.kind in "SU" and array.ndim == 1]
    matrices = [array for array in arrays if array.dtype.kind not in "SU"]
    if len(words) != 1 or len(matrices) != 1:
        shapes = ", ".join(f"{array.dtype} {array.shape}" for array in arrays[:4])
        raise InputError(
            f"{path} must hold one array of numbers and one of words as strings, it holds {shapes}"
        )
    texts = (w.decode("utf-8", "replace") if isinstance(w, bytes) else w for w in words[0].tolist())
    return WordVectors(tuple(texts), matrices[0], path.name)
