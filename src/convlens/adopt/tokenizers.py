"""Tokenisers as their owners have them: settings that are saved, or functions that must be given again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convlens.adopt.vocabulary import Vocabulary, vocabulary_of
from convlens.arguments import described
from convlens.decoding import read_json
from convlens.errors import InputError
from convlens.text import FUNCTION, PATTERN, SPLITTERS, Cutter, TextConfig, Tokenizer, cutter_of

NAMES = {"split": "whitespace", "chars": "characters"}
KERAS_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
PUNCTUATION = r"[!\"#$%&()\*\+,\-\./:;<=>?@\[\\\]^_`{|}~\']"  # what TextVectorization deletes
Parts = tuple[TextConfig, Cutter | None, Vocabulary]


def parts_of(tokenizer: Any, vocabulary: Any) -> Parts:
    """Settings, a function where there is one, and the vocabulary.

    `tokenizer` is a name of `SPLITTERS` ("split" is "whitespace"), a `TextConfig` or `Tokenizer` of ConvLens, the JSON of Keras'
    `Tokenizer` (a path or dict) or the settings of a `TextVectorization`, a fast tokenizer of Hugging Face, or a function from a text to
    tuples (token, start, end) or to tokens alone.
    """
    if isinstance(tokenizer, Tokenizer):
        rows = {word: number for number, word in enumerate(tokenizer.words, 2)}
        words = vocabulary_of(vocabulary) if vocabulary is not None else Vocabulary(rows, 0, 1)
        return tokenizer.config, tokenizer.cutter, words
    tokenizer = _read(tokenizer)
    if isinstance(tokenizer, Mapping):
        return _of_keras(dict(tokenizer), vocabulary)
    backend = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if hasattr(backend, "encode") and hasattr(backend, "get_vocab"):
        return _of_hugging_face(tokenizer, backend, vocabulary)
    return _with_vocabulary(tokenizer, _needed(vocabulary))


def _read(tokenizer: Any) -> Any:
    """The settings that a file of Keras' `Tokenizer` or a `TextVectorization` holds; other tokenisers as they are."""
    if isinstance(tokenizer, Path) or (isinstance(tokenizer, str) and tokenizer.endswith(".json")):
        return read_json(Path(tokenizer), dict[str, Any], "give the JSON that Keras' Tokenizer writes")
    if hasattr(tokenizer, "get_config") and hasattr(tokenizer, "get_vocabulary"):
        return {**tokenizer.get_config(), "vocabulary": tokenizer.get_vocabulary()}
    return tokenizer


def _with_vocabulary(tokenizer: Any, words: Vocabulary) -> Parts:
    """A name, settings or a function, with a vocabulary."""
    if isinstance(tokenizer, TextConfig):
        return tokenizer, None, words
    if isinstance(tokenizer, str):
        name = NAMES.get(tokenizer, tokenizer)
        if name not in SPLITTERS:
            raise InputError(
                f"unknown tokeniser {tokenizer!r}: choose one of split, {', '.join(SPLITTERS)}, or give a function"
            )
        return _settings(words, splitter=name, lower=words.lower), None, words
    if callable(tokenizer):
        settings = _settings(words, splitter=FUNCTION, lower=words.lower, function=_name(tokenizer))
        return settings, tokenizer, words
    raise InputError(
        f"tokenizer must be a name, a TextConfig or a function from a text to its tokens, got {described(tokenizer)}"
    )


def _needed(vocabulary: Any) -> Vocabulary:
    if vocabulary is None:
        raise InputError(
            "this tokeniser has no vocabulary of its own: give vocabulary=, a dict from words to the rows of the embedding"
        )
    return vocabulary_of(vocabulary)


def _settings(words: Vocabulary, **settings: Any) -> TextConfig:
    return TextConfig(min_count=1, keep_unknown=words.unknown is not None, **settings)


def _of_keras(values: dict[str, Any], vocabulary: Any) -> Parts:
    """The settings of a `Tokenizer` of old or of a `TextVectorization`, written as patterns."""
    config = values.get("config", values)
    words = vocabulary_of(vocabulary if vocabulary is not None else values)
    if "filters" in config:
        if config.get("char_level") or config.get("split", " ") != " ":
            raise InputError(
                "a Keras Tokenizer of characters, or with another split than a blank: give a function from a text to tokens"
            )
        oov = config.get("oov_token")
        if vocabulary is None:
            words = Vocabulary(words.rows, 0, words.rows.get(oov) if oov else None)
        drop = "".join(f"\\{c}" if not c.isalnum() and not c.isspace() else c for c in config["filters"])
        pattern = f"[^ {drop}]+".replace("\t", r"\t").replace("\n", r"\n")
        return (
            _settings(words, splitter=PATTERN, pattern=pattern, lower=bool(config.get("lower", True))),
            None,
            words,
        )
    standards = {None: (False, None), "lower": (True, None), "strip_punctuation": (False, PUNCTUATION)}
    standards["lower_and_strip_punctuation"] = (True, PUNCTUATION)
    standard, split = (
        config.get("standardize", "lower_and_strip_punctuation"),
        config.get("split", "whitespace"),
    )
    if standard not in standards or split not in ("whitespace", "character") or config.get("ngrams"):
        raise InputError(
            f"a TextVectorization with standardize={standard!r}, split={split!r} or ngrams: give a function from a text to tokens"
        )
    lower, delete = standards[standard]
    splitter = "whitespace" if split == "whitespace" else "characters"
    if vocabulary is None:
        words = Vocabulary(words.rows, 0, words.rows.get("[UNK]", 1))
    return _settings(words, splitter=splitter, lower=lower, delete=delete), None, words


def _of_hugging_face(tokenizer: Any, backend: Any, vocabulary: Any) -> Parts:
    rows = dict(backend.get_vocab())
    names = {what: getattr(tokenizer, f"{what}_token", None) for what in ("pad", "unk")}
    words = vocabulary_of(vocabulary if vocabulary is not None else rows)
    if vocabulary is None:
        padding, unknown = (rows.get(name) if name else None for name in names.values())
        words = Vocabulary(
            rows, words.padding if padding is None else padding, words.unknown if unknown is None else unknown
        )
    return (
        _settings(words, splitter=FUNCTION, lower=False, function=_name(tokenizer)),
        cutter_of(tokenizer),
        words,
    )


def _name(tokenizer: Any) -> str:
    """What a function or tokenizer is called where it is defined."""
    named = tokenizer if hasattr(tokenizer, "__qualname__") else type(tokenizer)
    return f"{named.__module__}.{named.__qualname__}"
