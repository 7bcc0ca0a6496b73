"""Typos that people read over and that a vocabulary does not hold: "file" -> "fi1e"."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from convlens.text import UNKNOWN, Tokenizer

# What looks like a letter, digits first; where none does, letters of other scripts.
FROM = "abcdefghijklmnopqrstuvwxyz0158"
DIGITS = "48cd3f9h1jk1mn0pqr57uvwxy2OlSB"  # the letter itself where no digit looks like it
LETTERS = "аЬсԁеƒɡһіјκӏмոорԛгѕтսνԝхуʐOlSB"
SIGNS = tuple(dict(zip(FROM, signs, strict=True)) for signs in (DIGITS, LETTERS))
MOST = 2  # letters exchanged in a word
MADE_UP = "qxzj0"


def typo(word: str, tokenizer: Tokenizer) -> str | None:
    """The word with one or two look-alike letters, as one token that the vocabulary does not hold; None if there is none.

    A tokeniser that drops unknown words, or those that its pattern does not fit, reads nothing there.
    """
    for changed in _changed(word):
        tokens = tokenizer.encode(changed)
        whole = np.array_equal(tokens.ids, [UNKNOWN]) and tokens.spans == ((0, len(changed)),)
        if whole or (not len(tokens.ids) and not tokenizer.config.complete):
            return changed
    return None


def _changed(word: str) -> Iterator[str]:
    """The word changed, the inner letters first, digits before letters of other scripts, one letter before two."""
    middle = (len(word) - 1) / 2
    for count in range(1, MOST + 1):
        for signs in SIGNS:
            able = [i for i, c in enumerate(word) if signs.get(c.lower(), c.lower()) != c.lower()]
            for places in combinations(sorted(able, key=lambda i: (abs(i - middle), -i)), count):
                letters = list(word)
                for i in places:
                    letters[i] = signs[word[i].lower()]
                yield "".join(letters)


def unknown_word(word: str, tokenizer: Tokenizer) -> str:
    """A typo of the word, or else something that no vocabulary should hold."""
    return typo(word, tokenizer) or MADE_UP
