"""How texts become tokens, and which tokens are read: the settings of a tokeniser."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from convlens.arguments import check_settings
from convlens.errors import InputError
from convlens.text.patterns import check_pattern
from convlens.text.splitters import SPLITTERS, lacks_spaces

AUTO, PATTERN, FUNCTION = "auto", "pattern", "function"


@dataclass(frozen=True)
class TextConfig:
    """How texts become tokens and which tokens become words of the vocabulary.

    `splitter` is a key of `SPLITTERS`, or "auto": characters where texts have no spaces between words, else words; or
    "pattern": whatever matches the regular expression `pattern`; or "function": one of the caller's, which is called `function`, see `Tokenizer`.
    `lower` folds case for the look-up only, and what matches `delete` is deleted for it: a token of which nothing is left is none;
    a word needs
    `min_count` occurrences in the training texts; the `max_words` most frequent are kept, and
    only the first `max_tokens` tokens of a document are read (None: all of them). Left out before that are tokens
    that do not match the regular expression `only` whole, English stop words unless `keep_stop_words`,
    and, unless `keep_unknown`, words that are not in the vocabulary: as if the text did not hold them.
    """

    splitter: str = AUTO
    lower: bool = True
    min_count: int = 2
    max_words: int | None = None
    max_tokens: int | None = None
    only: str | None = None
    keep_stop_words: bool = True
    keep_unknown: bool = True
    pattern: str | None = None
    delete: str | None = None
    function: str | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        if self.splitter not in (AUTO, *SPLITTERS, PATTERN, FUNCTION):
            raise InputError(
                f"unknown tokeniser {self.splitter!r}: choose one of {', '.join((AUTO, *SPLITTERS, PATTERN))}"
            )
        for name in ("min_count", "max_words", "max_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} must be at least 1, got {value}")
        if (self.splitter == PATTERN) != (self.pattern is not None):
            raise InputError(
                "a splitter that is a pattern and a pattern go together: give both, TextConfig('pattern', pattern=...), or "
                "neither"
            )
        for pattern in (self.only, self.pattern, self.delete):
            if pattern is not None:
                check_pattern(pattern)

    def resolved(self, texts: Sequence[str]) -> "TextConfig":
        """These settings with the splitter that texts need in place of "auto"."""
        if self.splitter != AUTO:
            return self
        return replace(self, splitter="characters" if lacks_spaces(texts) else "words")

    @property
    def complete(self) -> bool:
        """Whether every token that the splitter cuts is read, as the text has it."""
        return self.only is None and self.keep_stop_words and self.keep_unknown and self.delete is None
