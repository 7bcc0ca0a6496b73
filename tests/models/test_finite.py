"""A fit stops with a sentence before it keeps a number that is not finite, and before vectors that say nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.toys import toy_corpus

from convlens.data import from_lists
from convlens.errors import InputError
from convlens.models import FitConfig, TextCNNConfig, TrainConfig, Watch, fit
from convlens.models.training import run, start
from convlens.text import TextConfig, WordVectors

SMALL = TextCNNConfig((2,), 4, dim=4)


class Heard(Watch):
    def __init__(self):
        self.notices = []

    def on_notice(self, notice):
        self.notices.append(notice)


def settings(**train):
    return FitConfig(model=SMALL, train=TrainConfig(**{"epochs": 2, **train}))


@pytest.mark.parametrize("lr", [1e20, 1e38])
def test_a_step_that_is_far_too_large_ends_in_a_sentence(lr, tmp_path):
    with pytest.raises(InputError, match=r"training broke: .* not? .*|training broke: the loss is") as caught:
        fit(toy_corpus(), settings(lr=lr), checkpoint=tmp_path / "c")
    assert "smaller --lr" in str(caught.value)
    assert not (tmp_path / "c").exists()


def test_vectors_that_overflow_the_network_are_named_and_not_the_step():
    corpus = toy_corpus()
    words = fit(corpus, settings(epochs=1)).tokenizer.words
    vectors = WordVectors(words, np.full((len(words), 4), 3e38), "huge.txt")
    with pytest.raises(InputError, match=r"before any weight has changed: .* word vectors are too large"):
        fit(corpus, settings(), vectors=vectors)


@pytest.mark.parametrize(
    "values", [{"lr": math.inf}, {"lr": math.nan}, {"weight_decay": math.nan}, {"weight_decay": -1}]
)
def test_settings_that_are_no_finite_numbers_are_refused(values):
    with pytest.raises(InputError, match="must be"):
        TrainConfig(**values)


def test_a_run_does_not_go_on_from_weights_that_are_not_finite():
    classifier = fit(toy_corpus(), settings(epochs=1))
    config = TrainConfig()
    state = start(classifier.model, config)
    with torch.no_grad():
        state.model.head.weight[0, 0] = math.nan
    with pytest.raises(InputError, match=r"weights of head.weight are not finite"):
        next(run(state, None, None, config))


def test_vectors_of_none_of_the_words_are_refused_and_of_few_are_told(tmp_path):
    corpus = toy_corpus()
    with pytest.raises(InputError, match=r"odd.txt has none of the \d+ words of the vocabulary \('"):
        fit(
            corpus,
            settings(),
            vectors=WordVectors(("qqq",), [[1, 2, 3, 4]], "odd.txt"),
            checkpoint=tmp_path / "c",
        )
    assert not (tmp_path / "c").exists()
    words = tuple(f"w{i}" for i in range(40))
    texts = [f"{' '.join(words)} {label}" for label in ("good", "bad")] * 10
    corpus = from_lists(texts, ["good", "bad"] * 10)
    heard = Heard()
    fit(corpus, settings(), vectors=WordVectors(("good",), [[1, 2, 3, 4]], "few.txt"), watch=heard)
    assert len(heard.notices) == 1
    assert heard.notices[0].startswith("few.txt covers only 2.4% of the 42 words")


def test_texts_without_spaces_are_fitted_by_characters_and_told():
    texts = ["这部电影非常好看", "这部电影太难看了"] * 10
    corpus = from_lists(texts, ["good", "bad"] * 10)
    heard = Heard()
    classifier = fit(corpus, settings(), watch=heard)
    assert (
        classifier.tokenizer.config.splitter == classifier.record.settings["text"]["splitter"] == "characters"
    )
    assert "each character is a token" in heard.notices[0]
    heard = Heard()
    config = replace(settings(), text=TextConfig("words"))
    assert fit(corpus, config, watch=heard).tokenizer.config.splitter == "words"
    assert "--tokenizer characters is likely better" in heard.notices[0]


def test_a_vocabulary_without_words_is_refused():
    corpus = from_lists([f"a{i} b{i}" for i in range(20)], ["good", "bad"] * 10)
    with pytest.raises(InputError, match=r"vocabulary is empty: .* --min-count, or --tokenizer characters"):
        fit(corpus, settings())
