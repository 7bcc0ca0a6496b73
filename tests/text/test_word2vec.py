"""Word vectors trained on one's own texts."""

import sys

import numpy as np
import pytest

from convlens.errors import InputError
from convlens.text import TextConfig, build_tokenizer, train_word2vec

TEXTS = ["a good film", "a bad film", "good acting and a good plot"] * 5


def test_every_word_gets_a_vector_the_same_for_the_same_seed():
    pytest.importorskip("gensim", reason="gensim is not installed: pip install convlens[vectors]")
    tokenizer = build_tokenizer(TEXTS, TextConfig(min_count=1))
    found, again, other = (train_word2vec(tokenizer, TEXTS, dim=7, seed=seed) for seed in (0, 0, 1))
    assert set(found.words) == set(tokenizer.words)
    assert found.matrix.shape == (len(tokenizer.words), 7)
    np.testing.assert_array_equal(found.matrix, again.matrix)
    assert (found.matrix != other.matrix).any()
    with pytest.raises(InputError, match="there are none"):
        train_word2vec(tokenizer, [""], dim=7)


def test_without_gensim_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(InputError, match=r"pip install convlens\[vectors\]"):
        train_word2vec(build_tokenizer(TEXTS), TEXTS, dim=3)
