"""Vocabularies as their owners keep them: which row of the embedding each word has, and those of padding and unknown words."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convlens.arguments import check_settings, described
from convlens.decoding import decode, read_text
from convlens.errors import InputError
from convlens.shown import shown

PADDING = ("<pad>", "<PAD>", "[PAD]", "@@PAD@@", "_PAD_", "PAD", "<blank>", "")
UNKNOWN = (
    "<unk>",
    "<UNK>",
    "[UNK]",
    "@@UNK@@",
    "_UNK_",
    "UNK",
    "<oov>",
    "<OOV>",
    "[OOV]",
    "OOV",
    "<unknown>",
    "<UNKNOWN>",
)
SAVE = "write a JSON object from words to numbers, or one word a line"


@dataclass(frozen=True)
class Vocabulary:
    """The row of each word, and the rows of padding and of every unknown word, where there are any.

    Without a row of padding, padding is a zero vector. Without one of unknown words, these are left out, as if the text did not hold them.
    """

    rows: Mapping[str, int] = field(repr=False)
    padding: int | None = None
    unknown: int | None = None

    def __post_init__(self) -> None:
        check_settings(self, besides=("rows",))
        for word, row in self.rows.items():
            if not isinstance(word, str) or isinstance(row, bool) or not isinstance(row, int) or row < 0:
                raise InputError(
                    f"a vocabulary gives {shown(word)} the number {described(row)}: expected words with whole numbers from 0"
                )

    @property
    def lower(self) -> bool:
        """Whether no word has a capital letter: the network was most likely trained on folded case."""
        special = {*PADDING, *UNKNOWN}
        return all(word == word.lower() for word in self.rows if word not in special)


def vocabulary_of(source: Any) -> Vocabulary:
    """A vocabulary from a dict, a list of words, a file of either, or an object that holds one.

    Files are JSON (a dict, a list, or the JSON of Keras' `Tokenizer`), CSV of words and numbers, or one word a line. Objects are
    torchtext's vocabularies, Keras' `Tokenizer` and `TextVectorization`. Rows of padding and unknown words are found by their names;
    where no word has row 0, that is padding. `Vocabulary(rows, padding=..., unknown=...)` says them.
    """
    if isinstance(source, Vocabulary):
        return source
    rows = _rows(source)
    padding = next((rows[name] for name in PADDING if name in rows), None)
    unknown = next((rows[name] for name in UNKNOWN if name in rows), None)
    if padding is None and 0 not in rows.values():
        padding = 0
    return Vocabulary(rows, padding, unknown)


def _rows(source: Any) -> dict[str, int]:
    if isinstance(source, Mapping):
        return _of_json(dict(source))
    if isinstance(source, str | Path):
        return _of_file(Path(source))
    for name in ("get_stoi", "get_vocabulary", "get_vocab"):
        if callable(getattr(source, name, None)):
            return _rows(getattr(source, name)())
    for name in ("stoi", "word_index", "vocab"):
        if hasattr(source, name):
            return _rows(getattr(source, name))
    if isinstance(source, Iterable):
        return _of_list(list(source))
    raise InputError(
        f"{described(source)} is no vocabulary: give a dict from words to numbers, a list or a file"
    )


def _of_list(words: list[Any]) -> dict[str, int]:
    rows = {word: row for row, word in enumerate(words)}
    if len(rows) < len(words):
        twice = next(word for row, word in enumerate(words) if rows[word] != row)
        raise InputError(f"a vocabulary holds {shown(twice)} twice: a word must have one row, give a dict")
    return rows


def _of_json(values: dict[Any, Any]) -> dict[str, int]:
    """A dict from words to numbers, or what Keras writes around one."""
    for name in ("config", "word_index", "vocabulary"):
        if isinstance(values.get(name), dict | list | str):
            inner = values[name]
            inner = json.loads(inner) if isinstance(inner, str) else inner
            rows = _of_json(inner) if isinstance(inner, dict) else _of_list(inner)
            most = values.get("num_words")
            return {w: r for w, r in rows.items() if r < most} if isinstance(most, int) else rows
    return values


def _of_file(path: Path) -> dict[str, int]:
    text = read_text(path, SAVE)
    if path.suffix == ".json":
        what = f"{path}, a vocabulary,"
        if text.lstrip().startswith("["):
            return _of_list(decode(text, list[str], what, SAVE))
        return _of_json(decode(text, dict[str, Any], what, SAVE))
    if path.suffix in (".csv", ".tsv"):
        table = list(csv.reader(text.splitlines(), delimiter="\t" if path.suffix == ".tsv" else ","))
        if all(len(row) == 2 and row[1].strip().isdigit() for row in table):
            return {word: int(row) for word, row in table}
        if not all(len(row) == 1 for row in table):
            raise InputError(f"{path} is no vocabulary, which has a word and its number in a row: {SAVE}")
    return _of_list(text.removesuffix("\n").split("\n"))
