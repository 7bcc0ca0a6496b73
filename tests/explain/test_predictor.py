"""Functions from texts to probabilities are explained by asking them, as a slow derivation says."""

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import convlens
from convlens import explain_predictor
from convlens.errors import InputError
from convlens.explain import PREDICTOR_METHODS

WEIGHTS = {"good": 2.0, "fine": 1.0, "bad": -3.0, "not": -0.5}


def linear(texts):
    """Logits that words add up to."""
    sums = [sum(WEIGHTS.get(word, 0.25) for word in text.split()) for text in texts]
    return np.array([[-z, z] for z in sums])


def crossed(texts):
    """Probabilities in which words act together."""
    values = [len(set(text.split()) & {"not", "bad"}) ** 2 + text.count("good") for text in texts]
    return 1 / (1 + np.exp(-np.array(values, float)))


def logs(texts):
    p = crossed(texts)
    return np.log(np.stack([1 - p, p], 1))


TEXT = "a  good film, not bad"
SPLIT = {"tokenizer": "split"}


def test_occlusion_is_the_fall_without_a_word():
    explanation = explain_predictor(crossed, [TEXT], **SPLIT)[0]
    assert explanation.tokens == ("a", "good", "film,", "not", "bad")
    without = [
        "good film, not bad",
        "a film, not bad",
        "a  good not bad",
        "a  good film, bad",
        "a  good film, not",
    ]
    np.testing.assert_allclose(explanation.scores, logs([TEXT]) - logs(without))
    np.testing.assert_allclose(explanation.probabilities[1], crossed([TEXT])[0])
    assert (explanation.sums, explanation.residual, explanation.labels) == ("none", None, ("0", "1"))


@pytest.mark.parametrize("method", ["occlusion", "shapley-sampling"])
def test_what_words_add_up_to_is_their_score(method):
    explanation = explain_predictor(linear, [TEXT], method=method, **SPLIT)[0]
    expected = [0.25, 2, 0.25, -0.5, -3]
    np.testing.assert_allclose(explanation.scores[:, 1], expected, atol=1e-5)
    np.testing.assert_allclose(explanation.scores[:, 0], -np.array(expected), atol=1e-5)


def test_shapley_values_of_few_words_are_the_mean_over_all_orders():
    text = "good not bad"
    explanation = explain_predictor(crossed, [text], method="shapley-sampling", **SPLIT)[0]
    words, totals = text.split(), np.zeros((3, 2))
    for order in permutations(range(3)):
        for i, place in enumerate(order):
            before, after = (" ".join(words[j] for j in sorted(order[: i + more])) for more in (0, 1))
            totals[place] += logs([after])[0] - logs([before])[0]
    np.testing.assert_allclose(explanation.scores, totals / math.factorial(3), atol=1e-5)
    np.testing.assert_allclose(explanation.convergence_delta, 0, atol=1e-5)
    np.testing.assert_allclose(explanation.bias, logs([""])[0], atol=1e-6)


def test_greedy_removes_the_best_word_first_for_each_class():
    explanation = explain_predictor(linear, ["fine good bad other"], method="greedy", **SPLIT)[0]
    np.testing.assert_allclose(explanation.scores[:, 1], [0.75, 1, 0.25, 0.5])
    np.testing.assert_allclose(explanation.scores[:, 0], [0.5, 0.25, 1, 0.75])


def test_greedy_of_a_long_text_ranks_the_rest_at_once():
    words = [f"w{i}" for i in range(60)]
    strength = {word: float(i) for i, word in enumerate(words)}

    def predict(texts):
        sums = np.array([sum(strength[word] for word in text.split()) for text in texts])
        return np.stack([-sums, sums], 1)

    explanation = explain_predictor(predict, [" ".join(words)], method="greedy", **SPLIT)[0]
    np.testing.assert_allclose(explanation.scores[:, 1], np.arange(1, 61) / 60)


def test_lime_finds_the_order_of_the_weights():
    explanation = explain_predictor(linear, [TEXT], method="lime", **SPLIT)[0]
    assert np.argsort(explanation.scores[:, 1]).tolist()[-1] == 1
    assert np.argsort(explanation.scores[:, 1]).tolist()[0] == 4


@pytest.mark.parametrize("method", PREDICTOR_METHODS)
def test_the_same_seed_gives_the_same_bits_in_any_company(method):
    alone = explain_predictor(crossed, [TEXT], method=method, seed=3)[0]
    beside = explain_predictor(crossed, ["other words", TEXT], method=method, seed=3)[1]
    np.testing.assert_array_equal(alone.scores, beside.scores)


@pytest.mark.parametrize("method", PREDICTOR_METHODS)
@pytest.mark.parametrize("text", ["", "   ", "word", "naïve 😀 text"])
def test_texts_of_any_kind(method, text):
    explanation = explain_predictor(crossed, [text], method=method)[0]
    assert len(explanation.scores) == len(explanation.tokens)
    assert explanation.to_json()


@given(st.lists(st.sampled_from(["good", "bad", "not", "film"]), max_size=6), st.data())
def test_no_text_is_asked_for_twice(words, data):
    asked = []

    def predict(texts):
        asked.extend(texts)
        return crossed(texts)

    explain_predictor(
        predict, [" ".join(words)], method=data.draw(st.sampled_from(["occlusion", "greedy"])), **SPLIT
    )
    assert len(asked) == len(set(asked))


def test_answers_in_all_usual_forms():
    several = explain_predictor(
        lambda texts: torch.from_numpy(logs(texts)).exp(), [TEXT], labels=("no", "yes")
    )[0]
    one = explain_predictor(lambda texts: crossed(texts).tolist(), [TEXT], labels=("no", "yes"))[0]
    np.testing.assert_allclose(several.scores, one.scores)
    assert one.predicted == "yes"
    assert explain_predictor(crossed, [TEXT], labels=("no", "yes"), target="no")[0].target == 0


def test_a_classifier_of_convlens_as_a_function(classifier, corpus):
    text = corpus.texts[0]
    explanation = explain_predictor(classifier.predict_proba, [text], labels=classifier.labels)[0]
    assert explanation.predicted == convlens.explain(classifier, text).predicted


@pytest.mark.parametrize(
    ("predict", "options", "reason"),
    [
        ("no function", {}, "predict must be a function from texts to probabilities"),
        (
            crossed,
            {"method": "words"},
            "explained by occlusion, greedy, lime, shapley-sampling; others read a model from within",
        ),
        (crossed, {"method": "ocklusion"}, "did you mean 'occlusion'"),
        (crossed, {"labels": ("a", "b", "c")}, "gives 2 classes, and 3 labels are named"),
        (crossed, {"labels": ("a", "b"), "target": "c"}, "unknown label 'c'"),
        (lambda texts: [3.0] * len(texts), {}, "one number a text, which is no probability"),
        (lambda texts: [[0.5, 0.5]], {}, None),
        (
            lambda texts: [[0.5, np.nan]] * len(texts),
            {},
            r"numbers of the shape \(1, 2\) for 1 texts, expected finite",
        ),
        (lambda texts: [[0.5, 0.5]] * 7, {}, r"numbers of the shape \(7, 2\) for 1 texts"),
        (lambda texts: ["pos"] * len(texts), {}, "gives .*not numbers"),
        (crossed, {"tokenizer": "nothing"}, "unknown tokeniser 'nothing'"),
    ],
)
def test_what_does_not_fit_is_said(predict, options, reason):
    if reason is None:
        with pytest.raises(InputError, match="for 5 texts"):
            explain_predictor(predict, [TEXT], **SPLIT)
        return
    with pytest.raises(InputError, match=reason):
        explain_predictor(predict, [TEXT], **options)
