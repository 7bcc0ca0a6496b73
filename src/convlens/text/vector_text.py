"""Word vectors as text: the last d fields of a line are the numbers, whatever stands before them is the word."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from convlens.errors import InputError
from convlens.text.vectors import WordVectors

HEADER = re.compile(rb"[ \t]*(\d{1,12})[ \t]+(\d{1,12})[ \t\r]*")
BLOCK = 1 << 22  # bytes read at once
LONGEST = 1 << 24  # bytes of a line
MOST = 1 << 16  # numbers of a word
SAMPLE = 100  # lines that tell how many numbers a word has


def read_text(path: Path, stream: io.BufferedReader, head: bytes) -> WordVectors:
    blocks = _blocks(path, stream, head)
    first = next(blocks)
    header, dim = _layout(path, first)
    words: list[str] = []
    numbers = bytearray()
    line_number = 1
    if header is not None:
        first[0] = b""
    for lines in chain([first], blocks):
        rows = [(i, *_cut(line, dim)) for i, line in enumerate(lines, line_number) if line]
        words += [word.decode("utf-8", "replace") for _, word, _ in rows]
        numbers += _floats(path, rows, dim).tobytes()
        line_number += len(lines)
    if header is not None and header[0] != len(words):
        raise InputError(
            f"{path}: its header says {header[0]} words, but {len(words)} follow: fetch the file again"
        )
    return WordVectors(tuple(words), np.frombuffer(numbers, np.float32).reshape(-1, dim), path.name)


def _blocks(path: Path, stream: io.BufferedReader, part: bytes) -> Iterator[list[bytes]]:
    """Lines of some megabytes after others, tabs as blanks, without white space at their ends."""
    begun = b""
    while True:
        more = stream.read(BLOCK)
        lines = (begun + part).replace(b"\t", b" ").split(b"\n")
        begun = lines.pop() if more else b""
        if len(begun) > LONGEST:
            raise InputError(
                f"{path} has a line of more than {LONGEST >> 20} MiB: it is no file of word vectors"
            )
        yield [line.rstrip(b" \r") for line in lines]
        if not more:
            return
        part = more


def _layout(path: Path, lines: Sequence[bytes]) -> tuple[tuple[int, int] | None, int]:
    """The header's count of words and of numbers, if there is a header, and how many numbers a word has."""
    sample = [(i, line) for i, line in enumerate(lines, 1) if line][: SAMPLE + 1]
    if not sample:
        raise InputError(f"{path} holds no word vectors: expected lines of a word and its numbers")
    header = HEADER.fullmatch(sample[0][1]) if sample[0][0] == 1 else None
    dims = Counter(count_numbers(line) for _, line in sample[header is not None :])
    if not dims:
        raise InputError(f"{path} ends after its header: fetch the file again")
    dim = dims.most_common(1)[0][0]
    if not 0 < dim <= MOST:
        raise _no_numbers(path, *sample[header is not None])
    if header is None or (dim == 1 and int(header[2]) != 1):  # a number may be a word, with one number
        return None, dim
    if int(header[2]) != dim:
        raise InputError(
            f"{path}: its header says {int(header[1])} words of {int(header[2])} numbers, but words of {dim} "
            "numbers follow: fetch the file again"
        )
    return (int(header[1]), dim), dim


def count_numbers(line: bytes) -> int:
    """How many numbers a line ends with, the first field being the word."""
    fields = [field for field in line.split(b" ") if field][1:]
    for count, field in enumerate(reversed(fields)):
        if not _is_number(field):
            return count
    return len(fields)


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field


def _no_numbers(path: Path, number: int, line: bytes) -> InputError:
    shown = line[:40].decode("utf-8", "replace")
    hint = "give a GloVe or word2vec file"
    if b"\0" in line:
        hint = "it is UTF-16 or binary, iconv -f UTF-16 -t UTF-8 converts the first"
    elif b"," in line:
        hint = "replace the commas, with decimal points and blanks"
    elif re.search(rb" \d+:[-\d.]", line):
        hint = "these are sparse vectors, write all numbers of each word"
    return InputError(
        f"{path}, line {number}: expected a word and its numbers separated by blanks or tabs, got {shown!r}: {hint}"
    )


def _cut(line: bytes, dim: int) -> tuple[bytes, bytes]:
    """The word of a line, and its numbers separated by blanks: none where there are not `dim` after a word."""
    if line.count(b" ") == dim:
        word, _, numbers = line.partition(b" ")
        return word, numbers
    fields = [field for field in line.split(b" ") if field]
    word = b" ".join(fields[:-dim])
    # A word may be empty or hold a number; a line of more numbers than the others is none with a long word.
    whole = len(fields) > dim or (len(fields) == dim and line.startswith(b" "))
    return word, b" ".join(fields[-dim:]) if whole and count_numbers(word) < 4 else b""


def _floats(path: Path, rows: Sequence[tuple[int, bytes, bytes]], dim: int) -> NDArray[np.float32]:
    """The numbers of lines (line, word, numbers) as (rows, dim); `InputError` names the first that has not so many."""
    schema = {str(i): pl.Float32 for i in range(dim)}
    try:
        frame = pl.read_csv(
            b"\n".join(numbers for *_, numbers in rows),
            separator=" ",
            has_header=False,
            quote_char=None,
            schema=schema,
        )
    except pl.exceptions.PolarsError:
        frame = pl.DataFrame(schema=schema)
    if len(frame) == len(rows) and not any(column.null_count() for column in frame):
        return np.ascontiguousarray(frame.to_numpy())
    return np.stack([_row(path, *row, dim) for row in rows])


def _row(path: Path, number: int, word: bytes, numbers: bytes, dim: int) -> NDArray[np.float32]:
    """The same of one line, as Python reads numbers."""
    fields = numbers.split()
    if len(fields) != dim or not all(_is_number(field) for field in fields):
        shown = word[:40].decode("utf-8", "replace")
        raise InputError(
            f"{path}, line {number}: expected {dim} numbers after the word, as in the other lines, near {shown!r}: "
            "the file may be cut short, fetch it again"
        )
    with np.errstate(over="ignore"):
        return np.array([float(field) for field in fields]).astype(np.float32)
