"""Tokens that are left out before anything reads them, as papers clean their texts."""

from collections.abc import Callable

from convlens.text.patterns import matcher

Keep = Callable[[str], bool]
NAMES = r"(?=.*[A-Za-z])[A-Za-z'.-]+"  # letters, apostrophe, hyphen and dot, a letter among them (Arras et al. 2016)
LETTERS = r"[^\W\d_]+"


def keeper(only: str | None, *, stop_words: bool) -> Keep | None:
    """Whether a token, as it is written, stays; None where all do.

    `only` is a regular expression that it must match whole; with `stop_words` off, the English stop words of
    scikit-learn, in any case, are left out.
    """
    if only is None and stop_words:
        return None
    fits = matcher(only) if only is not None else lambda token: True
    banned = frozenset() if stop_words else _stop_words()
    return lambda token: fits(token) and token.lower() not in banned


def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)
