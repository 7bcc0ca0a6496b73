import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlens.text import SPLITTERS

# Any code points at all, lone surrogates and NUL among them.
anything = st.text(st.characters(exclude_categories=[]) | st.sampled_from("ab'’<>\".,1 \u0301\ud800\0\u202e"))


def tokens(name: str, text: str) -> list[str]:
    return [text[a:b] for a, b in SPLITTERS[name](text)]


@pytest.mark.parametrize("name", SPLITTERS)
@given(anything)
def test_spans_are_in_order_and_leave_out_only_white_space(name, text):
    at = 0
    for start, end in SPLITTERS[name](text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()


def test_words_cut_contractions_numbers_and_tags():
    text = "I don't say it's 3.5 or 1,000<br />DON'T!"
    expected = ["I", "do", "n't", "say", "it", "'s", "3.5", "or", "1,000", "<br />", "DO", "N'T", "!"]
    assert tokens("words", text) == expected


def test_words_keep_their_marks_in_any_script():
    assert tokens("words", "हिन्दी भाषा, e\u0301te\u0301 👍🏽") == [
        "हिन्दी",
        "भाषा",
        ",",
        "e\u0301te\u0301",
        "👍🏽",
    ]
    assert tokens("characters", "日本 e\u0301") == ["日", "本", "e\u0301"]


def test_ascii_and_other_texts_are_cut_alike():
    text = "It isn't <b>so</b> (1.5 x): a_b \"c\" 'd' e's."
    assert tokens("words", text + " é") == [*tokens("words", text), "é"]


def test_treebank_finds_nltks_tokens_in_the_text():
    nltk = pytest.importorskip("nltk.tokenize")
    text = "He said \"it's fine\", ``well'' and cannot go: U.S. $3.50."
    theirs = nltk.NLTKWordTokenizer().tokenize(text)
    ours = tokens("treebank", text)
    assert [re.sub("``|''", '"', t) for t in theirs] == [re.sub("``|''", '"', t) for t in ours]


def test_long_texts_take_time_in_proportion():
    for piece in ("a", "'", "<a", "n't", "1,", "\u0301"):
        assert SPLITTERS["words"](piece * 200_000)[-1][1] == len(piece) * 200_000
