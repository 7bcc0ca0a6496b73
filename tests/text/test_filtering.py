"""Tokens that a text's settings leave out are gone before anything reads them."""

import json

import pytest

from convlens.errors import InputError
from convlens.text import LETTERS, NAMES, TextConfig, Tokenizer, build_tokenizer

TEXT = "It's NOT a <br /> re-made U.S. film, 3 of 10: qqq, superb!"


def read(config, words=("film", "superb", "a", "not")):
    tokens = Tokenizer(config, words).encode(TEXT)
    assert [tuple(ids) for ids in Tokenizer(config, words).ids([TEXT, ""])] == [tuple(tokens.ids), ()]
    return [*tokens.words], tokens.ids.tolist()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"splitter": "treebank", "only": NAMES}, "It 's NOT a br re-made U.S. film of qqq superb"),
        ({"only": LETTERS}, "It NOT a re made U S film of qqq superb"),
        ({"only": LETTERS, "keep_stop_words": False}, "U S film qqq superb"),
        ({"keep_unknown": False}, "NOT a film superb"),
        ({"keep_unknown": False, "max_tokens": 3}, "NOT a film"),
        ({"only": LETTERS, "max_tokens": 3}, "It NOT a"),
        ({"keep_unknown": False, "keep_stop_words": False}, "film superb"),
    ],
)
def test_what_is_read(settings, expected):
    words, ids = read(TextConfig(**settings))
    assert " ".join(words) == expected
    assert (1 in ids) == settings.get("keep_unknown", True)


def test_the_vocabulary_lacks_what_is_left_out():
    texts = ["The film 3 <b> film", "A superb film"]
    found = build_tokenizer(
        texts, TextConfig(min_count=1, only=LETTERS, keep_stop_words=False, keep_unknown=False)
    )
    assert sorted(found.words) == ["film", "superb"]
    short = TextConfig(min_count=1, max_tokens=1, keep_unknown=False)
    assert len(build_tokenizer(texts, short).words) > 2  # what is read is known only afterwards


def test_settings_travel_and_older_files_are_read():
    config = TextConfig(only=NAMES, keep_stop_words=False, keep_unknown=False)
    made = Tokenizer(config, ("film",))
    assert Tokenizer.from_json(made.to_json()) == made
    older = json.loads(Tokenizer(TextConfig(), ("film",)).to_json())
    for name in ("only", "keep_stop_words", "keep_unknown"):
        del older[name]
    assert Tokenizer.from_json(json.dumps(older)).config == TextConfig()


def test_a_bad_expression_is_refused():
    with pytest.raises(InputError, match="no regular expression for tokens"):
        TextConfig(only="(")
