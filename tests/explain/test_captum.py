"""Captum's methods against Captum itself on networks written down again, against sums over all orders, and invariants."""

import itertools
import math
import sys

import captum.attr
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from captum._utils.models.linear_model import SkLearnRidge
from captum.attr._core.lime import get_exp_kernel_similarity_function
from hypothesis import given
from tests.deep import WORDS, deep_models, documents
from torch import nn

from convlens.errors import InputError
from convlens.explain import METHODS, Explanation, explain, find_method, single
from convlens.explain import by_captum as by
from convlens.explain.modules import as_modules
from convlens.explain.single import Single
from convlens.models import ConvLayer, DeepTextCNN, DeepTextCNNConfig, TextCNNConfig, build, pad

NAMES = ("integrated-gradients", "deeplift", "gradient-shap", "shapley-sampling", "lime")
FEW = {
    "integrated-gradients": lambda model, ids, **_: by.integrated_gradients(model, ids, steps=4),
    "deeplift": lambda model, ids, **_: by.deeplift(model, ids),
    "gradient-shap": lambda model, ids, seed=0: by.gradient_shap(model, ids, samples=4, seed=seed),
    "shapley-sampling": lambda model, ids, seed=0: by.shapley_sampling(model, ids, orders=3, seed=seed),
    "lime": lambda model, ids, seed=0: by.lime(model, ids, samples=12, seed=seed),
}
CHANCE = NAMES[2:]
DOCUMENTS = [np.array(d, dtype=np.int64) for d in ([3, 9, 4, 1, 7, 2, 11, 4], [5, 8], [6], [], [2, 7, 1, 10])]
CONFIGS = {
    "one layer": TextCNNConfig((1, 3), (4, 2), 3),
    "over time": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 2)), hidden=3, dim=3),
    "mean": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 2, stride=2)), over_time="mean", dim=3),
    "flat": DeepTextCNNConfig((ConvLayer(4, 3), ConvLayer(3, 1, 2)), length=6, sigmoid=True, dim=3),
}


def made(config):
    torch.manual_seed(5)
    model = build(config, WORDS, 2).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64))
        model.embed.weight[0] = 0
    return model


@pytest.fixture(params=CONFIGS)
def model(request):
    return made(CONFIGS[request.param])


class Textbook(nn.Module):
    """The same networks for one document, again: windows by `unfold`, each maximum and ReLU a module."""

    def __init__(self, model, words):
        super().__init__()
        self.model, self.config, self.deep = model, model.config, isinstance(model, DeepTextCNN)
        kernels = [n.kernel for n in self.config.layers] if self.deep else self.config.regions
        self.relus = nn.ModuleList(nn.ReLU() for _ in kernels)
        self.last = nn.ReLU()
        self.dense = nn.ModuleList(nn.ReLU() for _ in model.dense_layers) if self.deep else None
        self.room = max(words, self.config.field if self.deep else max(kernels))
        pools, places = [], self.config.length or self.room if self.deep else None
        for i, n in enumerate(kernels):
            if not self.deep:
                pools.append(nn.MaxPool1d(max(words - n + 1, 1)))
                continue
            pool = self.config.layers[i].pool
            places = ((places - n) // self.config.layers[i].stride + 1) // pool
            pools.append(nn.MaxPool1d(pool) if pool > 1 else nn.Identity())
        over_time = self.deep and self.config.length is None
        self.pools = nn.ModuleList(
            [
                *pools,
                (nn.MaxPool1d if self.config.over_time == "max" else nn.AvgPool1d)(places)
                if over_time
                else nn.Identity(),
            ]
        )

    @staticmethod
    def slide(conv, x):
        """(B, d, T) -> (B, F, T - n + 1), window by window."""
        windows = x.unfold(2, conv.kernel_size[0], conv.stride[0])  # (B, d, P, n)
        return torch.einsum("bdpn,fdn->bfp", windows, conv.weight) + conv.bias[:, None]

    def forward(self, x):
        words, x = x.shape[1], x.transpose(1, 2)
        model = self.model
        if not self.deep:
            peaks = []
            for conv, pool in zip(model.convs, self.pools, strict=False):
                needed = max(words, conv.kernel_size[0])
                peaks.append(pool(self.slide(conv, F.pad(x, (0, needed - words)))))
            return model.head(self.last(torch.cat(peaks, 1).flatten(1)))
        length = self.config.length or self.room
        x = F.pad(x, (0, max(length - words, 0)))[:, :, :length]
        for conv, relu, pool in zip(model.convs, self.relus, self.pools, strict=False):
            x = pool(relu(self.slide(conv, x)))
        h = self.pools[-1](x).permute(0, 2, 1).flatten(1)
        for layer, relu in zip(model.dense_layers, self.dense, strict=True):
            h = relu(layer(h))
        z = model.head(h)
        return torch.stack([-z[:, 0] / 2, z[:, 0] / 2], 1) if self.config.sigmoid else z


def directly(name, model, document, target):
    """Scores (T,) of one document and class by Captum, for the numbers of samples of `FEW`."""
    one = Single(model, torch.from_numpy(document))
    x, network = model.embed(one.ids)[None].detach(), Textbook(model, len(document))
    masks = torch.ones(1, len(document), dtype=torch.float64)

    def masked(kept):
        return network(x * kept[..., None]).detach()

    if name == "integrated-gradients":
        return captum.attr.IntegratedGradients(network).attribute(x, n_steps=4, target=target)[0].sum(1)
    if name == "deeplift":
        with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
            return (
                captum.attr.DeepLift(network).attribute(x.requires_grad_(), target=target)[0].sum(1).detach()
            )
    with one.chance(0):
        if name == "gradient-shap":
            noise = torch.randn(4, *x.shape[1:], dtype=torch.float64) * 0.1 * x.square().mean().sqrt()
            method = captum.attr.GradientShap(network)
            return method.attribute(x, baselines=noise, n_samples=4, target=target)[0].sum(1)
        if name == "shapley-sampling":
            return captum.attr.ShapleyValueSampling(masked).attribute(masks, n_samples=3, target=target)[0]
        kernel = get_exp_kernel_similarity_function("cosine", 0.25)
        method = captum.attr.Lime(masked, SkLearnRidge(alpha=1.0), kernel)
        return method.attribute(masks, target=target, n_samples=12)[0]


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_those_of_captum_on_the_network_written_again(model, name):
    for document in (DOCUMENTS[0], DOCUMENTS[4]):
        found = FEW[name](model, pad([document]))
        for target in range(2):
            expected = directly(name, model, document, target).double()
            torch.testing.assert_close(found.scores[0, :, target], expected, rtol=1e-5, atol=1e-5)


@given(deep_models(), documents)
def test_modules_have_the_logits_of_the_deep_model(model, found):
    for document in found:
        if len(document):
            ids = pad([document])
            network = as_modules(model, len(document))
            torch.testing.assert_close(network(model.embed(ids)), model(ids))


@pytest.mark.parametrize("words", [1, 2, 5, 14])
def test_modules_have_the_logits_of_the_one_layer_model(words):
    model, ids = made(TextCNNConfig((1, 2, 5), (3, 1, 2), 3)), torch.randint(1, WORDS, (4, words))
    torch.testing.assert_close(as_modules(model, words)(model.embed(ids)), model(ids))


def zeroed(model, lengths):
    """Logits of documents of zero vectors."""
    lengths = torch.tensor(lengths)
    return model.classify(torch.zeros(len(lengths), max(lengths), 3, dtype=torch.float64), lengths).detach()


def test_integrated_gradients_become_complete_with_more_steps(model):
    ids = pad(DOCUMENTS)
    few, many = (by.integrated_gradients(model, ids, steps=n) for n in (3, 200))
    off = [(f.scores.sum(1) + f.bias - f.logits).abs().max() for f in (few, many)]
    assert off[0] > 10 * off[1]
    assert off[1] < 0.05
    torch.testing.assert_close(few.bias, zeroed(model, [len(d) for d in DOCUMENTS]))


@pytest.mark.parametrize("name", ["deeplift", "shapley-sampling"])
def test_what_sums_by_construction_sums(model, name):
    found = FEW[name](model, pad(DOCUMENTS))
    torch.testing.assert_close(found.scores.sum(1) + found.bias, found.logits, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found.bias, zeroed(model, [len(d) for d in DOCUMENTS]))
    assert found.scores.abs().sum() > 1


def test_gradient_shap_nears_its_sum_and_its_bias_the_logits_of_its_baselines(model):
    found = by.gradient_shap(model, pad(DOCUMENTS), samples=4000)
    delta = found.scores.sum(1) + found.bias - found.logits
    assert delta.abs().max() < 0.05 * found.logits.abs().max()
    one = Single(model, torch.from_numpy(DOCUMENTS[0]))
    noise = 0.1 * one.vectors.square().mean().sqrt() * torch.randn(4000, *one.vectors.shape[1:]).double()
    torch.testing.assert_close(found.bias[0], one.logits(noise).mean(0).detach(), atol=0.05, rtol=0.02)


def shapley(model, document):
    """Shapley values (T, C) by their formula over all sets of other words."""
    words, one = len(document), Single(model, torch.from_numpy(document))
    scores = torch.zeros(words, 2, dtype=torch.float64)
    for t in range(words):
        others = [i for i in range(words) if i != t]
        for size in range(words):
            weight = math.factorial(size) * math.factorial(words - size - 1) / math.factorial(words)
            for chosen in itertools.combinations(others, size):
                masks = torch.zeros(2, words, dtype=torch.float64)
                masks[:, list(chosen)] = 1
                masks[0, t] = 1
                kept = one.kept(masks)
                scores[t] += weight * (kept[0] - kept[1])
    return scores


def test_shapley_values_of_few_words_are_exact_and_else_sampling_nears_them(model):
    document = DOCUMENTS[4]
    expected, ids = shapley(model, document), pad([document])
    torch.testing.assert_close(by.shapley_sampling(model, ids).scores[0], expected, rtol=1e-5, atol=1e-5)
    sampled = by.shapley_sampling(model, ids, orders=23).scores[0]
    assert (sampled - expected).abs().max() > 1e-3
    longer = DOCUMENTS[0][:5]
    found = by.shapley_sampling(model, pad([longer]), orders=100).scores[0]
    expected = shapley(model, longer)
    assert (found - expected).abs().max() < 0.25 * expected.abs().max()


def test_lime_finds_the_slopes_of_a_model_that_is_linear_in_its_words():
    """Over windows of one word whose filter is a copy of one word, no word hides another."""
    model = build(TextCNNConfig((1,), 4, 4), 5, 2).double().eval()
    with torch.no_grad():
        model.embed.weight[1:] = torch.eye(4)
        model.convs[0].weight.copy_(torch.eye(4)[..., None])
        model.convs[0].bias.zero_()
    found = by.lime(model, pad([np.array([2, 4, 1])]), samples=1000)
    expected = model.head.weight.T[[1, 3, 0]].detach()
    torch.testing.assert_close(found.scores[0], expected, atol=0.01, rtol=0.05)
    assert not found.bias.any()


@pytest.mark.parametrize("name", NAMES)
def test_batch_order_and_padding_change_no_bit(model, name):
    order = [3, 0, 4, 2, 1]
    ids = F.pad(pad([DOCUMENTS[i] for i in order]), (0, 3))
    together = FEW[name](model, ids)
    assert (together.scores[ids == 0] == 0).all()
    for row, i in enumerate(order):
        alone = FEW[name](model, pad([DOCUMENTS[i]]))
        assert torch.equal(together.scores[row, : len(DOCUMENTS[i])], alone.scores[0])
        assert torch.equal(together.bias[row], alone.bias[0])
        assert torch.equal(together.logits[row], alone.logits[0])
    assert together.scores.any()
    empty = order.index(3)
    assert torch.equal(together.bias[empty], together.logits[empty] * (name != "lime"))


@pytest.mark.parametrize("name", CHANCE)
def test_chance_is_the_seeds_and_is_put_back(model, name):
    ids = pad(DOCUMENTS)
    first = FEW[name](model, ids)
    torch.rand(1)
    np.random.rand()
    before = torch.get_rng_state(), np.random.get_state()
    assert torch.equal(FEW[name](model, ids).scores, first.scores)
    assert not torch.equal(FEW[name](model, ids, seed=1).scores, first.scores)
    after = torch.get_rng_state(), np.random.get_state()
    assert torch.equal(after[0], before[0])
    np.testing.assert_array_equal(after[1][1], before[1][1])
    assert after[1][2:] == before[1][2:]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "deeplift"])
def test_memory_is_bounded_and_pieces_change_nothing_but_the_draws(model, name, monkeypatch):
    sizes, whole, seen = [], FEW[name](model, pad(DOCUMENTS)), type(model).classify
    monkeypatch.setattr(single, "TOKENS", 16)
    monkeypatch.setattr(
        type(model), "classify", lambda self, x, lengths: sizes.append(x.shape[:2]) or seen(self, x, lengths)
    )
    pieces = FEW[name](model, pad(DOCUMENTS))
    assert max(rows * words for rows, words in sizes) == 16
    if name != "gradient-shap":
        torch.testing.assert_close(pieces.scores, whole.scores, rtol=1e-5, atol=1e-5)


def test_both_outputs_of_one_sigmoid_see_the_same_samples():
    model = made(CONFIGS["flat"])
    for name in NAMES:
        scores = FEW[name](model, pad(DOCUMENTS)).scores
        torch.testing.assert_close(scores[..., 0], -scores[..., 1], rtol=1e-4, atol=1e-5)


def test_words_that_the_network_does_not_read_score_nothing():
    model, document = made(CONFIGS["flat"]), np.arange(1, 11)
    for name in NAMES[:4]:
        scores = FEW[name](model, pad([document])).scores[0]
        assert not scores[6:].any()
        assert scores[:6].any()


def test_the_table_names_them_for_all_families():
    assert tuple(name for name, method in METHODS.items() if method.extra == "captum") == NAMES
    for name in NAMES:
        foreign = () if name == "deeplift" else ("Foreign",)
        assert METHODS[name].families == ("TextCNN", "DeepTextCNN", *foreign)
        assert METHODS[name].sums == ("none" if name == "lime" else "approximate")


def test_without_captum_it_says_what_to_install(monkeypatch):
    for name in [m for m in sys.modules if m == "captum" or m.startswith("captum.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "convlens.explain.by_captum")
    with pytest.raises(InputError, match=r'Captum is not here \(.*\): pip install "convlens\[captum\]"$'):
        find_method("lime")
    assert find_method("words")


def test_the_convergence_delta_is_in_every_form(classifier, deep_classifier):
    for trained in (classifier, deep_classifier):
        one = explain(trained, "A superb film, twice", method="integrated-gradients")
        assert isinstance(one, Explanation)
        delta = one.convergence_delta
        np.testing.assert_allclose(one.scores.sum(0) + one.bias - one.logits, delta, atol=1e-6)
        assert one.residual is None
        assert one.to_dict()["convergence_delta"] == delta.tolist()
        assert f"convergence delta {delta[one.target]:+.1e}" in one.to_html()
    assert explain(classifier, "film", method="lime").convergence_delta is None
    assert explain(classifier, "film").to_dict()["convergence_delta"] is None
