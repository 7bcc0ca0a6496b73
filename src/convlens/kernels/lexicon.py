"""Words as bytes in hash tables: numbers of a vocabulary's words, and the different words of some texts.

A word is a span of an array of Latin-1 letters. `slots` (a power of two, at least twice the words) holds numbers of
words, 0 where none is, each at its hash or the next free place behind it. Hashes only tell where to look: a word is
found when its bytes are the same, so no collision gives a wrong one.
"""

import numpy as np
from numba import njit

UNKNOWN = 1  # what a word gets that is not in the table; a vocabulary begins behind it
EXACT = np.arange(256).astype(np.uint8)  # maps every letter to itself
BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a
HALF = np.uint64(32)


@njit(cache=True, error_model="numpy")
def fill(slots, letters, edges):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put each word into `slots`: number i is `letters[edges[i] : edges[i + 1]]`, which nothing has where it is empty."""
    for number in range(len(edges) - 1):
        word = letters[edges[number] : edges[number + 1]]
        if len(word):
            place = hashed(word, EXACT, slots)
            while slots[place]:
                place = (place + 1) & (len(slots) - 1)
            slots[place] = number


@njit(cache=True, error_model="numpy")
def find(word, lexicon):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The number of a word, its letters mapped by `fold` (256,); `lexicon` is slots, letters, edges and `fold`."""
    slots, letters, edges, fold = lexicon
    place = hashed(word, fold, slots)
    while slots[place]:
        number = slots[place]
        if same(word, letters[edges[number] : edges[number + 1]], fold):
            return number
        place = (place + 1) & (len(slots) - 1)
    return UNKNOWN


@njit(cache=True, error_model="numpy")
def number(letters, spans, slots, codes, firsts):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Number the different words among `spans` (words, 2) from 0, in order of appearance; return how many they are.

    `codes` (words,) gets the number of each, `firsts` (words,) the first place of each number.
    """
    different = 0
    for i in range(len(spans)):
        word = letters[spans[i, 0] : spans[i, 1]]
        place = hashed(word, EXACT, slots)
        while slots[place]:
            first = firsts[slots[place] - 1]
            if same(word, letters[spans[first, 0] : spans[first, 1]], EXACT):
                break
            place = (place + 1) & (len(slots) - 1)
        if not slots[place]:
            firsts[different] = i
            different += 1
            slots[place] = different
        codes[i] = slots[place] - 1
    return different


@njit(cache=True, error_model="numpy")
def hashed(word, fold, slots):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The place among `slots` where a word belongs."""
    digest = BASIS
    for letter in word:
        digest = (digest ^ np.uint64(fold[letter])) * PRIME
    return np.int64((digest ^ (digest >> HALF)) & np.uint64(len(slots) - 1))


@njit(cache=True, error_model="numpy")
def same(word, other, fold):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether a word is another when its letters are mapped by `fold`."""
    if len(word) != len(other):
        return False
    for i in range(len(word)):  # noqa: SIM110  (compiled)
        if fold[word[i]] != other[i]:
            return False
    return True
