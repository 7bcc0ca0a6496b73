"""Texts cut by patterns, and by functions of the caller's: places are found, checked, never made up."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlens.errors import InputError
from convlens.text import FUNCTION, PATTERN, TextConfig, Tokenizer, align, cutter_of


def tokenizer(words=("it", "runs", "dont"), cutter=None, **settings):
    return Tokenizer(TextConfig(min_count=1, **settings), tuple(words), cutter=cutter)


def test_what_matches_a_pattern_is_a_token():
    tokens = tokenizer(splitter=PATTERN, pattern=r"[^ ,]+").encode("It,runs  it")
    assert tokens.words == ("It", "runs", "it")
    assert tokens.ids.tolist() == [2, 3, 2]


def test_what_is_deleted_is_deleted_for_the_look_up_alone():
    tokens = tokenizer(splitter="whitespace", delete=r"[']+|[.]").encode("It don't . runs.")
    assert tokens.words == ("It", "don't", "runs.")
    assert tokens.ids.tolist() == [2, 4, 3]


def test_a_pattern_is_saved_and_other_tokenizers_are_saved_as_before():
    pattern = tokenizer(splitter=PATTERN, pattern="[a-z]+", delete="x")
    assert Tokenizer.from_json(pattern.to_json()) == pattern
    assert "pattern" not in tokenizer(splitter="words").to_json()


@pytest.mark.parametrize(
    "settings",
    [{"splitter": PATTERN}, {"splitter": "words", "pattern": "a"}, {"splitter": PATTERN, "pattern": "("}],
)
def test_a_pattern_without_a_splitter_of_patterns_is_refused(settings):
    with pytest.raises(InputError):
        TextConfig(**settings)


@pytest.mark.timeout(60)
def test_a_pattern_that_takes_too_long_is_an_error():
    slow = tokenizer(splitter=PATTERN, pattern=r"(a+)+$")
    with pytest.raises(InputError, match="takes too long"):
        slow.encode("a" * 5000 + "b")


def test_a_function_gives_tokens_with_places_or_tokens_alone():
    placed = tokenizer(splitter=FUNCTION, cutter=lambda text: [("it", 0, 2), ("runs", 3, 7)])
    assert placed.encode("It runs").words == ("It", "runs")
    alone = tokenizer(splitter=FUNCTION, cutter=str.split)
    assert alone.encode(" It  runs ").spans == ((1, 3), (5, 9))


def test_a_word_is_looked_up_as_the_function_gives_it():
    pieces = tokenizer(("run", "##s"), splitter=FUNCTION, cutter=lambda text: [("run", 0, 3), ("##s", 3, 4)])
    assert pieces.encode("runs").ids.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("tokens", "text", "spans"),
    [
        (["``", "hi", "''"], '"hi"', [(0, 1), (1, 3), (3, 4)]),
        (["-LRB-", "a", "-RRB-"], "(a)", [(0, 1), (1, 2), (2, 3)]),
        (["play", "##ing"], "Playing", [(0, 4), (4, 7)]),
        (["▁It", "▁runs"], "It runs", [(0, 2), (3, 7)]),
        ([r"\(", "a", r"\)"], "(a)", [(0, 1), (1, 2), (2, 3)]),
        (["a", "a"], "a b a", [(0, 1), (4, 5)]),
    ],
)
def test_tokens_are_searched_for_in_the_text(tokens, text, spans):
    assert [(start, end) for _, start, end in align(text, tokens)] == spans


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Zs", "Cc", "Zl", "Zp"]), min_size=1),
        max_size=8,
    )
)
def test_words_between_blanks_are_found_where_they_stand(words):
    text = "  ".join(words)
    tokens = list(align(text, words))
    assert [text[start:end] for _, start, end in tokens] == words
    assert tokens == sorted(tokens, key=lambda token: token[1])


@pytest.mark.parametrize(
    ("cutter", "sentence"),
    [
        (lambda text: ["nowhere"], "the token 'nowhere' stands nowhere in"),
        (lambda text: [""], "stands nowhere"),
        (lambda text: [("it", 0, 99)], "places must rise within the text"),
        (lambda text: [("it", 3, 4), ("runs", 0, 2)], "places must rise"),
        (lambda text: [3], "a tokeniser gave int 3"),
        (lambda text: [("it", "0", 2)], "expected strings, or tuples"),
    ],
)
def test_a_function_that_gives_no_tokens_of_the_text_is_an_error(cutter, sentence):
    with pytest.raises(InputError, match=sentence):
        tokenizer(splitter=FUNCTION, cutter=cutter).encode("it runs")


def test_a_function_is_named_and_must_be_given_again():
    saved = tokenizer(splitter=FUNCTION, function="nltk.word_tokenize", cutter=str.split).to_json()
    with pytest.raises(InputError, match=r"by a function \(nltk.word_tokenize\), which is not saved"):
        Tokenizer.from_json(saved).encode("it runs")
    with pytest.raises(InputError, match="a tokeniser is a function"):
        cutter_of(3)


def test_a_tokenizer_travels_after_it_was_used():
    used = tokenizer(splitter=PATTERN, pattern="[a-z]+", only="[a-z]+", keep_stop_words=False)
    used.encode("it runs")
    assert pickle.loads(pickle.dumps(used)) == used  # noqa: S301  our own bytes
