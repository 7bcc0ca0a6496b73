"""Vocabularies and tokenisers are taken as their owners have them."""

import json
import re
from types import SimpleNamespace

import pytest

from convlens.adopt import Vocabulary, vocabulary_of
from convlens.adopt.conversion import tokenizer_of
from convlens.adopt.tokenizers import parts_of
from convlens.errors import InputError

ROWS = {"<pad>": 0, "<unk>": 1, "it": 2, "runs": 3}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("v.json", json.dumps(ROWS)),
        ("v.json", json.dumps(list(ROWS))),
        ("v.txt", "\n".join(ROWS) + "\n"),
        ("v.csv", "".join(f"{word},{row}\n" for word, row in ROWS.items())),
        ("v.tsv", "".join(f"{word}\t{row}\n" for word, row in ROWS.items())),
        ("v.json", json.dumps({"class_name": "Tokenizer", "config": {"word_index": json.dumps(ROWS)}})),
    ],
)
def test_files_of_every_form(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert vocabulary_of(path) == Vocabulary(ROWS, 0, 1)


@pytest.mark.parametrize(
    "owner",
    [
        ROWS,
        list(ROWS),
        SimpleNamespace(get_stoi=lambda: ROWS),
        SimpleNamespace(stoi=ROWS),
        SimpleNamespace(get_vocabulary=lambda: list(ROWS)),
        SimpleNamespace(word_index=ROWS),
    ],
)
def test_objects_that_hold_one(owner):
    assert vocabulary_of(owner) == Vocabulary(ROWS, 0, 1)


def test_rows_of_padding_and_unknown_words_wherever_they_are_or_not_at_all():
    assert vocabulary_of({"it": 0, "[UNK]": 7, "[PAD]": 9}) == Vocabulary(
        {"it": 0, "[UNK]": 7, "[PAD]": 9}, 9, 7
    )
    assert vocabulary_of({"it": 1}) == Vocabulary({"it": 1}, 0, None)
    assert vocabulary_of({"it": 0}) == Vocabulary({"it": 0}, None, None)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (["it", "it"], "holds 'it' twice"),
        ({"it": -1}, "whole numbers from 0"),
        ({"it": True}, "True"),
        (3, "is no vocabulary"),
    ],
)
def test_what_is_no_vocabulary_is_refused(source, sentence):
    with pytest.raises(InputError, match=sentence):
        vocabulary_of(source)


def keras_words(text, filters, lower):
    """What Keras' `Tokenizer` does, by its documentation: fold, put blanks for filtered characters, cut at blanks."""
    text = text.lower() if lower else text
    return [word for word in "".join(" " if c in filters else c for c in text).split(" ") if word]


@pytest.mark.parametrize("lower", [True, False])
def test_keras_tokenizer_is_written_as_a_pattern(lower):
    filters = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
    text = "It's a [test], isn't it?\nRuns-fast\tand ^up^ \\ so\xa0on"
    words = {word: row for row, word in enumerate(dict.fromkeys(keras_words(text, filters, lower)), 2)}
    config = {"filters": filters, "lower": lower, "split": " ", "oov_token": "<OOV>", "num_words": None}
    settings = {
        "class_name": "Tokenizer",
        "config": config | {"word_index": json.dumps({"<OOV>": 1} | words)},
    }
    parts = parts_of(settings, None)
    assert (parts[2].padding, parts[2].unknown) == (0, 1)
    tokens = tokenizer_of(*parts).encode(text)
    assert [word.lower() if lower else word for word in tokens.words] == keras_words(text, filters, lower)
    assert 1 not in tokens.ids


def test_text_vectorization_is_written_as_settings():
    text = "It's FUN - isn't it?  Runs!"
    stripped = re.sub(r"[!\"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']", "", text.lower()).split()
    layer = SimpleNamespace(
        get_config=lambda: {
            "standardize": "lower_and_strip_punctuation",
            "split": "whitespace",
            "ngrams": None,
        },
        get_vocabulary=lambda: ["", "[UNK]", *dict.fromkeys(stripped)],
    )
    parts = parts_of(layer, None)
    tokenizer = tokenizer_of(*parts)
    ids = tokenizer.encode(text).ids.tolist()
    assert [tokenizer.word(i) for i in ids] == stripped
    with pytest.raises(InputError, match="ngrams"):
        parts_of({"standardize": "lower", "ngrams": 2, "vocabulary": ["", "[UNK]", "a"]}, None)


def test_a_fast_tokenizer_keeps_its_offsets():
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    model = tokenizers.models.WordPiece(
        {"[PAD]": 0, "[UNK]": 1, "run": 2, "##s": 3, "it": 4}, unk_token="[UNK]"
    )
    fast = tokenizers.Tokenizer(model)
    fast.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    fast.normalizer = tokenizers.normalizers.Lowercase()
    parts = parts_of(fast, None)
    assert (parts[2].padding, parts[2].unknown) == (0, 1)
    tokenizer = tokenizer_of(*parts)
    tokens = tokenizer.encode("It runs  far")
    assert tokens.words == ("It", "run", "s", "far")
    assert [tokenizer.word(i) for i in tokens.ids.tolist()][:3] == ["it", "run", "##s"]
    assert parts[0].function.startswith("tokenizers")
