"""The kernels give what the regular expression and a dictionary give, for every Latin-1 text, and leave others alone."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convlens.kernels import compiles
from convlens.text import (
    SPLITTERS,
    UNKNOWN,
    TextConfig,
    Tokenizer,
    build_tokenizer,
    compiled,
    different,
    together,
)
from convlens.text import tokenizer as tokenizer_module

NASTY = "<>/'.,09aAnNtTsSdDmMlLvVrReE _-\n"
PIECES = ["n't", "'LL", "'ve", "</b", "<br />", "1,000", ".5", "I'm", "a" * 99, "\x1c", "\x85", "é’s"]
latin_texts = st.text(NASTY, max_size=40) | st.text(st.characters(max_codepoint=255))
mixed_texts = latin_texts | st.lists(st.sampled_from(PIECES) | st.text(NASTY, max_size=2)).map("".join)


@pytest.fixture
def forced(monkeypatch):
    """Take the kernels however few the texts are."""
    monkeypatch.setattr(compiled, "WHEN_LOADED", 0)
    monkeypatch.setattr(compiled, "WORTHWHILE", 0)


def slow(tokenizer, texts):
    """(ids, spans) of each text by the definition."""
    split, most = SPLITTERS["words"], tokenizer.config.max_tokens
    numbers = {word: i for i, word in enumerate(tokenizer.words, 2)}
    fold = str.lower if tokenizer.config.lower else str
    spans = [split(text)[:most] for text in texts]
    cut = zip(texts, spans, strict=True)
    return [([numbers.get(fold(text[a:b]), UNKNOWN) for a, b in some], some) for text, some in cut]


def assert_same(tokenizer, texts):
    found = tokenizer.encode_all(texts)
    assert [(one.ids.tolist(), list(one.spans)) for one in found] == slow(tokenizer, texts)
    assert [one.text for one in found] == list(texts)
    assert [ids.tolist() for ids in tokenizer.ids(texts)] == [ids for ids, _ in slow(tokenizer, texts)]


@settings(max_examples=100)
@given(
    st.lists(mixed_texts, max_size=6), st.lists(mixed_texts, max_size=4), st.booleans(), st.integers(1, 30)
)
def test_any_texts_are_cut_and_looked_up_alike(texts, known, lower, most):
    words = {text[a:b] for text in [*texts[:1], *known] for a, b in SPLITTERS["words"](text)}
    words |= {word.lower() for word in words} | {"", "ééé", "\udc80", "Nasty"}
    tokenizer = Tokenizer(TextConfig(lower=lower, max_tokens=most if most < 20 else None), tuple(words))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer_module, "pays", lambda texts: True)
        assert_same(tokenizer, texts)


@pytest.mark.parametrize(
    ("signs", "length"),
    [
        ("<>/'.,0anT sLe_\x1c-", 3),
        ("'sSrREelLvdma ", 4),
        ("'ntT.0 ", 5),
        ("<>/aA\x7f", 5),
        ("éÉªß²½ÿ\xa0\x85\xad'.,1n<", 3),
    ],
)
def test_every_short_text_is_cut_alike(forced, signs, length):
    texts = ["".join(text) for text in product(signs, repeat=length)]
    found = Tokenizer(TextConfig(), ()).encode_all(texts)
    spans = [SPLITTERS["words"](text) for text in texts]
    assert np.diff(found.starts).tolist() == [len(some) for some in spans]
    assert found.spans.tolist() == [list(span) for some in spans for span in some]


@pytest.mark.parametrize("inside", [0, 98, 99, 100, 101])
def test_a_tag_holds_a_hundred_characters(forced, inside):
    text = "<b{}> </b{}> <b{}<".format("x" * inside, " " * inside, "\n" * inside)
    assert_same(build_tokenizer([text]), [text, text[:-1], text.upper()])


def test_words_of_a_full_table_are_never_mixed_up(forced):
    rng = np.random.default_rng(0)
    letters = rng.choice(list("abAB"), (40_000, 8))
    words = sorted({"".join(row[: 3 + i % 6]) for i, row in enumerate(letters.tolist())})
    for lower in (True, False):
        assert_same(Tokenizer(TextConfig(lower=lower), tuple(words[::2])), [" ".join(words)])


def test_texts_of_any_script_keep_their_order(forced):
    texts = ["", "Ünder", "a film", "the film", "", "İstanbul K\u212a", "’s", "it's", ""]
    tokenizer = build_tokenizer(texts, TextConfig(min_count=1))
    for some in (texts, texts[::-1], texts[2:4], texts[:2], [], [""]):
        assert_same(tokenizer, some)


def test_long_input_is_cut_in_portions(forced, monkeypatch):
    monkeypatch.setattr(compiled, "AT_ONCE", 10)
    texts = ["good film", "a" * 30, "", "é", "it's", "so", "b " * 20]
    assert [text for some in compiled.portions(texts) for text in some] == texts
    assert max(sum(map(len, some)) for some in compiled.portions(texts) if len(some) > 1) <= 10
    assert_same(build_tokenizer(texts, TextConfig(min_count=1)), texts)


@pytest.mark.parametrize("lower", [True, False])
def test_vocabularies_are_counted_alike(forced, monkeypatch, lower):
    texts = ["The film, the FILM", "Été été it's", "\x1c b\x1cb it's", ""] * 3
    config = TextConfig(lower=lower, min_count=6)
    fast = build_tokenizer(texts, config)
    monkeypatch.setattr(compiled, "compiles", lambda: False)
    assert fast == build_tokenizer(texts, config)
    assert fast.words == (("'s", "b", "film", "it", "the", "été") if lower else ("'s", "b", "it"))


@given(st.lists(mixed_texts, max_size=5), st.data(), st.booleans())
def test_different_strings_are_those_at_the_spans(texts, data, fast):
    places = [(i, a, b) for i, text in enumerate(texts) for a in range(len(text)) for b in (a + 1, a + 3)]
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=30)) if places else []
    owners, *spans = np.array(chosen, np.int64).reshape(-1, 3).T
    spans = np.minimum(np.stack(spans, 1), np.array([len(t) for t in texts], np.int64)[owners, None])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "pays", lambda texts: fast)
        words, codes = different(texts, owners, spans)
    assert len(set(words)) == len(words) == len(set(codes.tolist()))
    assert [words[code] for code in codes] == [
        texts[i][a:b] for i, (a, b) in zip(owners, spans.tolist(), strict=True)
    ]


def test_few_texts_and_machines_without_kernels_take_the_regular_expression(monkeypatch):
    assert compiles()
    few, many = ["good film"], ["good film"] * (compiled.WORTHWHILE // 9 + 1)
    assert not compiled.pays(few)
    assert compiled.pays(many)
    monkeypatch.setattr(compiled.sys, "modules", {})
    assert compiled.pays(many)
    assert not compiled.pays(many[:-1])
    monkeypatch.setattr(compiled, "compiles", lambda: False)
    assert not compiled.pays(many)


def test_other_splitters_are_not_the_kernels(forced):
    tokenizer = Tokenizer(TextConfig("whitespace"), ("it's",))
    assert tokenizer.encode_all(["it's it's"]).ids.tolist() == [2, 2]


def test_many_tokens_are_those_of_each_text():
    tokenizer = build_tokenizer(["good film", "bad film"], TextConfig(min_count=1))
    texts = ["good", "", "bad film"]
    many = together([tokenizer.encode(text) for text in texts])
    assert together(many) is many
    assert (len(many), many.owners.tolist(), many.starts.tolist()) == (3, [0, 2, 2], [0, 1, 1, 3])
    assert many[-1].words == ("bad", "film")
    assert many[1].spans == ()
    with pytest.raises(IndexError):
        many[3]
    assert len(together([])) == 0


@pytest.mark.corpora
@pytest.mark.parametrize("name", ["mr", "imdb_test", "ag_news_test", "twenty_newsgroups_test"])
def test_corpora_are_cut_alike(corpora, forced, name):
    texts = (
        pl.read_parquet(corpora / f"{name}.parquet", columns=["text"])["text"].drop_nulls()[::97].to_list()
    )
    assert_same(build_tokenizer(texts), texts)
