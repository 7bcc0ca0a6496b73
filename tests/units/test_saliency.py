"""Saliency of places against finite differences, receptive fields against the words that move a place."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from tests.deep import WORDS, deep_models, documents

from convlens.models import Classifier, ConvLayer, DeepTextCNN, DeepTextCNNConfig, TextCNNConfig, build, pad
from convlens.text import TextConfig, Tokenizer
from convlens.units import Field, fields, saliency
from convlens.units.saliency import batch_saliency

LETTERS = tuple("abcdefghij")
CONFIGS = {
    "one layer": TextCNNConfig((1, 3), (4, 2), 3),
    "over time": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 3)), hidden=3, dim=3),
    "strides": DeepTextCNNConfig((ConvLayer(4, 3, stride=2), ConvLayer(3, 2, 2)), hidden=3, dim=3),
    "mean": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 3, stride=2)), over_time="mean", dim=3),
    "flat": DeepTextCNNConfig((ConvLayer(4, 3), ConvLayer(3, 2, 2)), length=6, sigmoid=True, dim=3),
}
TEXTS = ["a b c d e f g h i", "b a", "", "j", "c c d a i e"]


def random_classifier(config, *, positive=False) -> Classifier:
    """Random float64 numbers, all above zero if `positive`, so that no ReLU stops anything."""
    generator = torch.Generator().manual_seed(5)
    model = build(config, WORDS, 2).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            drawn = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.copy_(drawn.abs() + 0.1 if positive else drawn)
        model.embed.weight[0] = 0
    return Classifier(model, Tokenizer(TextConfig("whitespace", min_count=1), LETTERS), ("no", "yes"))


def slow_scores(model: DeepTextCNN, ids, target: int) -> list[torch.Tensor]:
    """For one document: the activations of each layer, moved one number at a time, and what the logit does."""

    def run(changed: int | None, value):  # the values of all layers, one of them replaced, and the logit
        x, found = model.extended(model.embed(ids))[0].T, []
        for number, (conv, layer) in enumerate(zip(model.convolutions, model.config.layers, strict=True)):
            x = F.relu(F.conv1d(x[None], conv.weight, conv.bias, layer.stride))[0]
            x = value if number == changed else x
            found.append(x)
            x = F.max_pool1d(x[None], layer.pool)[0] if layer.pool > 1 else x
        peaks = x.mean(1) if model.config.over_time == "mean" else x.max(1).values
        h = x.T.flatten() if model.config.length else peaks
        return found, model.decide(h[None])[0, target]

    step, scores = 1e-6, []
    for number, value in enumerate(run(None, None)[0]):
        slope = torch.zeros_like(value)
        for place in np.ndindex(*value.shape):
            up, down = value.clone(), value.clone()
            up[place] += step
            down[place] -= step
            slope[place] = (run(number, up)[1] - run(number, down)[1]) / (2 * step)
        scores.append((slope * value).sum(0))
    return scores


@pytest.mark.parametrize("config", ["over time", "strides", "mean", "flat"])
@pytest.mark.parametrize("target", [0, 1])
@torch.no_grad()
def test_deep_scores_are_those_of_finite_differences(config, target):
    classifier = random_classifier(CONFIGS[config])
    for text in TEXTS[:2]:
        ids = pad(classifier.tokenizer.ids([text]))
        [one] = saliency(classifier, [text], target=classifier.labels[target])
        for layer, expected in zip(one.layers, slow_scores(classifier.model, ids, target), strict=True):
            np.testing.assert_allclose(layer.scores, expected[: len(layer.scores)], atol=1e-6)


@torch.no_grad()
def test_windows_have_the_slope_of_the_max():
    """Score of a window: the head's weight times the value, for each filter whose first maximum is there."""
    classifier = random_classifier(CONFIGS["one layer"])
    model = classifier.model
    for text in TEXTS[:2]:
        [one] = saliency(classifier, [text], target="yes")
        weights = iter(model.head.weight[1].split([4, 2]))
        for layer, weight in zip(one.layers, weights, strict=True):
            for place, (score, values) in enumerate(zip(layer.scores, layer.activations, strict=True)):
                wins = layer.activations.argmax(0) == place
                assert score == pytest.approx(float((weight.numpy() * values)[wins].sum()))
        left = classifier.model.head.bias[1].item()
        total = sum(layer.scores.sum() for layer in one.layers)
        assert total + left == pytest.approx(float(one.logits[1]))


@pytest.mark.parametrize("config", CONFIGS)
def test_a_place_sees_its_words_and_no_others(config):
    """Make one word at a time huge and see which places move. All numbers are positive, so every max lets it through."""
    classifier = random_classifier(CONFIGS[config], positive=True)
    model = classifier.model
    for text in TEXTS:
        ids = pad(classifier.tokenizer.ids([text]))
        [one] = saliency(classifier, [text])
        x, words = model.embed(ids).detach(), len(one.tokens.ids)
        before = _values(model, x)
        moved = []
        for t in range(words):
            changed = x.clone()
            changed[0, t] *= 1000
            moved.append([(a != b).any(1) for a, b in zip(before, _values(model, changed), strict=True)])
        for number, layer in enumerate(one.layers):
            for place, (first, last) in enumerate(layer.words.tolist()):
                seen = [t for t in range(words) if moved[t][number][place]]
                assert seen == list(range(first, last + 1)), (text, number, place)
            beyond = [bool(m[number][len(layer.words) :].any()) for m in moved]
            assert not any(beyond), "a place that sees words is missing"


def _values(model, x):
    """The activations of every layer at every place of one document: (P, F) each."""
    if isinstance(model, DeepTextCNN):
        return [v.detach()[0, :, 0].T for v in model.activations(model.extended(x))]
    padded = [F.pad(x, (0, 0, 0, max(c.kernel_size[0] - x.shape[1], 0))) for c in model.convolutions]
    return [c(p.transpose(1, 2))[0].T.detach() for c, p in zip(model.convolutions, padded, strict=True)]


def test_fields_of_networks_that_are_known():
    yuan = DeepTextCNNConfig(tuple(ConvLayer(n, 5) for n in (128, 64, 32)))
    assert [(f.layer, f.width, f.stride) for f in fields(yuan)] == [(1, 5, 1), (2, 9, 1), (3, 13, 1)]
    imdb = DeepTextCNNConfig((ConvLayer(32, 5, 2), ConvLayer(16, 5, 2)), length=250)
    assert fields(imdb) == (Field(1, 5, 1), Field(2, 14, 2))
    keras = DeepTextCNNConfig((ConvLayer(128, 7, stride=3), ConvLayer(128, 7, stride=3)))
    assert fields(keras) == (Field(1, 7, 3), Field(2, 25, 9))
    assert fields(TextCNNConfig((3, 4))) == (Field(1, 3), Field(1, 4))


@pytest.mark.parametrize("config", CONFIGS)
def test_texts_beside_a_text_change_nothing_and_empty_ones_have_no_place(config):
    classifier = random_classifier(CONFIGS[config])
    together = saliency(classifier, TEXTS)
    for text, one in zip(TEXTS, together, strict=True):
        [alone] = saliency(classifier, [text])
        assert (one.tokens.text, one.target) == (text, alone.target)
        for a, b in zip(one.layers, alone.layers, strict=True):
            assert a.words.tolist() == b.words.tolist()
            np.testing.assert_allclose(a.scores, b.scores, atol=1e-12)
            np.testing.assert_allclose(a.activations, b.activations, atol=1e-12)
    assert all(len(layer.scores) == 0 for layer in together[2].layers)
    assert all(len(layer.scores) for layer in together[3].layers)


@given(deep_models(beside=0), documents, st.integers(0, 1))
def test_without_biases_the_scores_of_each_layer_sum_to_the_logit(model, found, target):
    """Between two kinks such a network is linear in each of its layers."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    _, logits, layers = batch_saliency(model, pad(found), target)
    for _, scores, _ in layers:
        np.testing.assert_allclose(scores.sum(1), logits[:, target], rtol=1e-9, atol=1e-9)
