"""Many Latin-1 texts at once by compiled kernels: what the splitter `words` and a look-up give, many times as fast."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.text.documents import starts
from convlens.text.tokens import Places, joined, span_type

WORTHWHILE = 1_000_000  # characters; below, loading Numba takes longer than the work
WHEN_LOADED = 20_000  # the same where it is loaded already
AT_ONCE = 4_000_000  # characters: bounds memory
CHUNKS = 64  # of texts, dealt to the threads


def pays(texts: Sequence[str]) -> bool:
    """Whether the kernels are faster for these texts than the regular expression, and work here."""
    least = WHEN_LOADED if "numba" in sys.modules else WORTHWHILE
    return sum(map(len, texts)) >= least and compiles()


def portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Consecutive texts, about `AT_ONCE` characters at a time."""
    first = size = 0
    for i, text in enumerate(texts):
        if size and size + len(text) > AT_ONCE:
            yield texts[first:i]
            first, size = i, 0
        size += len(text)
    yield texts[first:]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The Latin-1 words of a vocabulary as a hash table, as `convlens.kernels.lexicon` reads it."""

    slots: NDArray[np.int32]
    letters: NDArray[np.uint8]
    edges: Ints
    fold: NDArray[np.uint8]

    @classmethod
    def of(cls, words: Sequence[str], *, lower: bool) -> "Lexicon":
        """A table of words by their place among `words`; those that are empty or not Latin-1 are left out."""
        from convlens.kernels.cutting import LOWER
        from convlens.kernels.lexicon import EXACT, fill

        letters, edges = laid(latin(words))
        slots = empty_slots(len(words))
        fill(slots, letters, edges)
        return cls(slots, letters, edges, LOWER if lower else EXACT)


def cut_all(texts: Sequence[str], lexicon: Lexicon, most: int | None) -> tuple[Ints, Places, Ints]:
    """At most `most` words of each Latin-1 text, one text after another: ids (words,), spans (words, 2), and where
    each text's words begin, (texts + 1,)."""
    from convlens.kernels.cutting import cut

    letters, edges = laid(texts)
    chunks = len(texts) * np.arange(CHUNKS + 1) // CHUNKS
    ids, spans = np.empty(len(letters), np.int64), np.empty((len(letters), 2), span_type(len(letters)))
    lengths = np.empty(len(texts), np.int64)
    table = (lexicon.slots, lexicon.letters, lexicon.edges, lexicon.fold)
    cut(letters, edges, chunks, table, sys.maxsize if most is None else most, (ids, spans, lengths))
    begin = starts(lengths)
    places = edges[chunks[:-1]]  # of each chunk's first word
    parts = [slice(a, a + n) for a, n in zip(places, np.diff(begin[chunks]), strict=True)]
    return joined([ids[p] for p in parts]), joined([spans[p] for p in parts]), begin


def different(texts: Sequence[str], owners: Ints, spans: Places) -> tuple[list[str], Ints]:
    """The different strings among `texts[owners[i]]` from `spans[i, 0]` to `spans[i, 1]`, and which each of them is.

    The strings are in no particular order; `owners` and the result (words,).
    """
    _check_spans(texts, owners, spans)
    plain = latin(texts) if pays(texts) else [""] * len(texts)
    fast = np.array([len(text) > 0 for text in plain], bool)[owners]
    codes = np.empty(len(owners), np.int64)
    words: dict[str, int] = {}
    if fast.any():
        codes[fast], firsts = _numbered(plain, owners[fast], spans[fast])
        first_places = zip(owners[fast][firsts].tolist(), spans[fast][firsts].tolist(), strict=True)
        words = {texts[i][a:b]: number for number, (i, (a, b)) in enumerate(first_places)}
    rest = zip(owners[~fast].tolist(), spans[~fast].tolist(), strict=True)
    codes[~fast] = [words.setdefault(texts[i][a:b], len(words)) for i, (a, b) in rest]
    return list(words), codes


def _check_spans(texts: Sequence[str], owners: Ints, spans: Places) -> None:
    if owners.min(initial=0) < 0 or owners.max(initial=-1) >= len(texts) or spans.shape != (len(owners), 2):
        raise InputError(
            f"each word has one of {len(texts)} texts and a span (start, end) in it, got {len(owners)} texts from "
            f"{owners.min(initial=0)} to {owners.max(initial=-1)} and spans {spans.shape}: give a text and a span for each"
        )
    ends = np.fromiter(map(len, texts), np.int64, len(texts))[owners]
    wrong = np.flatnonzero((spans[:, 0] < 0) | (spans[:, 1] < spans[:, 0]) | (spans[:, 1] > ends))
    if len(wrong):
        start, end = spans[wrong[0]].tolist()
        raise InputError(
            f"a span from {start} to {end} is not inside its text of {ends[wrong[0]]} characters: "
            "give the spans that the tokenizer gave for these texts"
        )


def _numbered(texts: Sequence[str], owners: Ints, spans: Places) -> tuple[Ints, Ints]:
    """The number of each word's string, and the first word of each number."""
    from convlens.kernels.lexicon import number

    letters, edges = laid(texts)
    codes, firsts = np.empty((2, len(spans)), np.int64)
    count = number(letters, spans + edges[owners, None], empty_slots(len(spans)), codes, firsts)
    return codes, firsts[:count]


def latin(texts: Sequence[str]) -> list[str]:
    """The texts, empty ones in place of those that have more than the 256 characters of Latin-1."""
    return [text if text.isascii() or _is_latin(text) else "" for text in texts]


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def laid(texts: Sequence[str]) -> tuple[NDArray[np.uint8], Ints]:
    """Latin-1 texts as one array of letters, and where each begins, (texts + 1,)."""
    letters = np.frombuffer("".join(texts).encode("latin-1"), np.uint8)
    return letters, starts([len(text) for text in texts])


def empty_slots(words: int) -> NDArray[np.int32]:
    """A hash table for so many words, at most half full."""
    return np.zeros(1 << (2 * words + 1).bit_length(), np.int32)
