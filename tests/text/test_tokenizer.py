import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlens.errors import InputError
from convlens.text import PAD, UNKNOWN, TextConfig, Tokenizer, build_tokenizer

TEXTS = ["The film is good", "the Film was bad bad", "good good film"]


def test_vocabulary_holds_frequent_words_first_and_ties_by_name():
    assert build_tokenizer(TEXTS).words == ("film", "good", "bad", "the")
    assert build_tokenizer(TEXTS, TextConfig(min_count=1, max_words=5)).words[-1] == "is"
    assert build_tokenizer(TEXTS, TextConfig(lower=False, min_count=1)).words[:3] == ("good", "bad", "film")


def test_unknown_words_and_special_names_are_unknown():
    tokenizer = build_tokenizer(["<pad> <unk> word word"], TextConfig("whitespace", min_count=2))
    assert tokenizer.encode("<pad> <unk> new word").ids.tolist() == [UNKNOWN, UNKNOWN, UNKNOWN, 2]
    assert tokenizer.word(PAD) == "<pad>"
    assert tokenizer.word(2) == "word"
    assert tokenizer.size == 3


def test_words_come_back_as_written():
    tokens = build_tokenizer(TEXTS).encode("  GOOD film?")
    assert tokens.words == ("GOOD", "film", "?")
    assert tokens.ids.tolist() == [3, 2, UNKNOWN]


def test_only_the_first_tokens_are_read():
    tokenizer = build_tokenizer(TEXTS, TextConfig(max_tokens=2))
    assert tokenizer.encode("the film is good").words == ("the", "film")
    assert [len(ids) for ids in tokenizer.ids(TEXTS)] == [2, 2, 2]


@given(
    st.lists(st.text(st.characters(exclude_categories=[])), max_size=4),
    st.sampled_from(["words", "characters"]),
)
def test_ids_equal_encode_and_survive_json(texts, splitter):
    tokenizer = build_tokenizer(texts, TextConfig(splitter, min_count=1))
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again == tokenizer
    for text, ids in zip(texts, again.ids(texts), strict=True):
        assert np.array_equal(ids, tokenizer.encode(text).ids)
        assert (ids > UNKNOWN).all()


def test_counts_are_those_of_a_counter():
    counts = Counter(["a", "b", "a", "c", "a", "b"])
    tokenizer = build_tokenizer(["a b a", "c a b"], TextConfig("whitespace", min_count=1))
    assert list(tokenizer.words) == [w for w, _ in counts.most_common()]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: v | {"format": 9}, "format 9"),
        (lambda v: {k: x for k, x in v.items() if k != "lower"}, "missing or unknown entries .lower"),
        (lambda v: v | {"words": [1]}, "list of strings"),
        (lambda v: v | {"words": ["a", "a"]}, "a word twice"),
        (lambda v: v | {"splitter": "magic"}, "unknown tokeniser 'magic'"),
        (lambda v: v | {"min_count": 0}, "min_count must be at least 1"),
        (lambda v: [v], "JSON object"),
    ],
)
def test_an_edited_tokenizer_is_refused(change, message):
    values = json.loads(build_tokenizer(TEXTS).to_json())
    with pytest.raises(InputError, match=message):
        Tokenizer.from_json(json.dumps(change(values)))


def test_broken_json_is_refused():
    with pytest.raises(InputError, match="not JSON"):
        Tokenizer.from_json("{")
