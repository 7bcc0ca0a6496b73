"""Matrices A and B of deep networks against shares pushed forward neuron by neuron in float64, and their invariants."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.deep import WORDS, deep_models, documents, in_stacks
from tests.padded import ask, trace
from tests.shallow import documents as shallow_documents
from tests.shallow import models

from convlens.errors import InputError
from convlens.explain import METHODS, explain, explain_all, find_method
from convlens.models import (
    Branch,
    ConvLayer,
    DeepTextCNN,
    DeepTextCNNConfig,
    TextCNNConfig,
    Trunk,
    build,
    pad,
)
from convlens.text import Documents

NEAR = 1e-9  # two values nearer than this may swap places by round-off


def shared(value: float, words: set[int], length: int) -> np.ndarray:
    """A bias (L + 2,): equal shares for the words that its place sees, or all of it for none of them, and its value."""
    inside = sorted(t for t in words if t < length) or [length]
    shares = np.zeros(length + 2)
    shares[inside], shares[-1] = value / len(inside), value
    return shares


def best(values: list[np.ndarray]) -> int:
    """The first of neurons (n,) with the greatest value, where round-off cannot choose one with other shares."""
    last = np.array([v[-1] for v in values])
    first = int(last.argmax())
    for i in np.flatnonzero(last > last[first] - NEAR):
        assume(last[i] == last[first] == round(last[i]) or np.allclose(values[i], values[first]))
    return first


def slow(model: DeepTextCNN, document: np.ndarray) -> dict[str, np.ndarray]:
    """Every neuron as the shares in it of all words and of none, and its value (L + 2,), pushed forward.

    `words` (C, L + 2), and where the network takes the max over time `ngrams` (C, F + 1) and their `places` (F,).
    """
    length = len(document)
    features, shares, there, owners = [], [], [], []
    for trunk in model.trunks:
        of_trunk, places, of_features = pushed(trunk, model, document)
        features.append(passed(of_trunk) * (length > 0 or trunk.config.length is not None))
        own = [i is not None for i in of_features]
        of_owners = [shared(1, places[i][1], length) for i in of_features if i is not None]
        if trunk.config.over_time != "max":  # every feature is of all places alike
            of_owners, own = [np.mean(of_owners, 0)] * len(of_trunk), [True] * len(of_trunk)
        shares += of_owners
        there += own
        owners += [
            (i or 0) * int(np.prod([n.pool * n.stride for n in trunk.config.layers])) for i in of_features
        ]
    features, even, there = np.concatenate(features), np.mean(shares, 0), np.array(there)
    values = features[:, -1]
    one_hot = np.column_stack([np.diag(values), values])  # each feature as the only owner of its value
    return {
        "words": through_head(model, features, even),
        "ngrams": through_head(model, one_hot, np.append(there / there.sum(), 1))
        if wins(model.config)
        else None,
        "places": np.array(owners),
    }


def wins(config: DeepTextCNNConfig) -> bool:
    """Whether an n-gram wins each feature."""
    return all(branch.length is None and branch.over_time == "max" for branch in config.branches)


def pushed(trunk: Trunk, model: DeepTextCNN, document: np.ndarray) -> tuple[np.ndarray, list, list]:
    """Of one stack: the shares of its features (F, L + 2), its places, and the place that owns each feature."""
    config, length = trunk.config, len(document)
    size = max(length, config.field) if config.length is None else config.length
    vectors = model.embed.weight.detach().numpy()
    places = []  # of each place its channels' shares (channels, L + 2), and the words it sees
    for t in range(size):
        shares = np.zeros((config.dim, length + 2))
        if t < length:
            shares[:, t] = shares[:, -1] = vectors[document[t]]
        places.append((shares, {t}))
    for number, (conv, layer) in enumerate(zip(trunk.convs, config.layers, strict=True)):
        places = [(passed(z), words) for z, words in places] if number else places
        weight, bias, sums = conv.weight.detach().numpy(), conv.bias.detach().numpy(), []
        for p in range(0, len(places) - layer.kernel + 1, layer.stride):
            words = set().union(*(places[p + j][1] for j in range(layer.kernel)))
            linear = sum(weight[:, :, j] @ places[p + j][0] for j in range(layer.kernel))
            sums.append((linear + np.array([shared(b, words, length) for b in bias]), words))
        places = []
        for i in range(0, len(sums) - layer.pool + 1, layer.pool):
            group = sums[i : i + layer.pool]
            won = [group[best([z[f] for z, _ in group])][0][f] for f in range(layer.filters)]
            places.append((np.array(won), set().union(*(words for _, words in group))))
    features, owners = gathered(config, places)
    return features, places, owners


def gathered(config: DeepTextCNNConfig, places: list) -> tuple[np.ndarray, list[int | None]]:
    """Features (F, L + 2) of the values at places, and places that own equal parts of them all (None: no such feature)."""
    if config.length is not None:
        owners = [place for place in range(len(places)) for _ in range(config.layers[-1].filters)]
        features = np.concatenate([z for z, _ in places])
    elif config.over_time != "max":
        parts, owners = len(places) if config.over_time == "mean" else 1, range(len(places))
        features = sum(passed(z) for z, _ in places) / parts
    else:
        owners, features = [], []
        for f in range(config.layers[-1].filters):
            left = list(range(len(places)))
            for _ in range(config.k):
                owners.append(left.pop(best([places[i][0][f] for i in left])) if left else None)
                features.append(places[owners[-1]][0][f] if owners[-1] is not None else 0 * places[0][0][f])
        features = np.array(features)
    return features, list(owners)


def passed(neurons: np.ndarray) -> np.ndarray:
    """The ReLU of neurons (N, n): those whose value, the last number, is above 0."""
    return np.where(neurons[:, -1:] > 0, neurons, 0)


def through_head(model: DeepTextCNN, features: np.ndarray, even: np.ndarray) -> np.ndarray:
    """From the features (F, n) to the logits (C, n), biases shared as `even` (n,) tells."""
    for layer in model.dense_layers:
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        features = passed(weight @ features + bias[:, None] * even)
    logits = model.head.weight.detach().numpy() @ features + model.head.bias.detach().numpy()[:, None] * even
    return np.concatenate([-logits, logits]) / 2 if model.config.sigmoid else logits


@given(deep_models(), documents, st.booleans())
def test_shares_are_those_pushed_forward_neuron_by_neuron(model, found, coarse):
    if coarse:  # numbers that add up without round-off, so that maxima tie
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.round_()
    ids = torch.nn.functional.pad(pad(found), (0, 2))
    words = ask("words", model, ids)
    torch.testing.assert_close(words.logits, model(ids))
    for row, document in enumerate(found):
        expected, length = slow(model, document), len(document)
        np.testing.assert_allclose(expected["words"][:, -1], words.logits[row], atol=1e-10)
        np.testing.assert_allclose(words.scores[row, :length], expected["words"][:, :length].T, atol=1e-10)
        np.testing.assert_allclose(words.bias[row], expected["words"][:, length], atol=1e-10)
        if wins(model.config) and length:
            ngrams = METHODS["ngrams"].of_model(model, Documents.of([document]))
            np.testing.assert_allclose(ngrams.scores, expected["ngrams"][:, :-1].T, atol=1e-10)
            np.testing.assert_array_equal(ngrams.positions[0], expected["places"])


@pytest.mark.parametrize("method", ["words", "ngrams"])
@given(data=st.data(), found=documents)
def test_scores_and_bias_sum_to_the_logits(method, data, found):
    model = data.draw(deep_models(winning=method == "ngrams"))
    ids = torch.nn.functional.pad(pad(found), (0, 3))
    for precision, bound in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        attribution = ask(method, model.to(precision), ids)
        total = attribution.scores.sum(1) + attribution.bias
        # Terms cancel on their way: vectors' parts and biases of every layer are the scale of round-off.
        scale = 1 + attribution.scores.abs().sum(1) + attribution.logits.abs() + attribution.bias.abs()
        assert ((total - attribution.logits).abs() <= bound * 100 * scale).all()
        assert attribution.scores.dtype == precision


@given(deep_models(), documents, st.randoms(use_true_random=False))
def test_batch_padding_and_order_change_nothing(model, found, random):
    order = list(range(len(found)))
    random.shuffle(order)
    ids = torch.nn.functional.pad(pad([found[i] for i in order]), (0, 3))
    together = ask("words", model, ids)
    assert (together.scores[ids == 0] == 0).all()
    for row, i in enumerate(order):
        alone, length = ask("words", model, pad([found[i]])), len(found[i])
        torch.testing.assert_close(together.scores[row, :length], alone.scores[0], rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(together.bias[row], alone.bias[0], rtol=1e-9, atol=1e-9)


@given(models(gated=False), shallow_documents)
def test_stacks_of_one_layer_have_the_matrices_of_a_textcnn(model, found):
    regions = TextCNNConfig(model.config.regions, model.config.counts, model.config.dim)
    shallow = build(regions, WORDS, model.classes).double().eval()
    with torch.no_grad():
        shallow.embed.weight.copy_(model.embed.weight)
        shallow.head.bias.copy_(torch.arange(-1, model.classes - 1))
        for conv, old in zip(shallow.convs, model.convs, strict=True):
            conv.weight.copy_(old.weight)
            conv.bias.copy_(torch.arange(-1, len(conv.bias) - 1))
    deep = in_stacks(shallow)
    ids = pad(found)
    two_best = trace(shallow, ids).positions, METHODS["ngrams"].of_model(deep, Documents.of(found)).positions
    filled = np.array([len(document) > 0 for document in found])
    assume(
        (two_best[0].numpy() == two_best[1])[filled].all()
    )  # no two windows of the same words swapped by round-off
    for method in ("words", "ngrams"):
        one, other = ask(method, shallow, ids), ask(method, deep, ids)
        torch.testing.assert_close(one.logits, other.logits, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(one.scores, other.scores, rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(one.bias, other.bias, rtol=1e-10, atol=1e-10)


CONFIGS = {
    "over time": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 2)), hidden=(3, 4), dim=3),
    "greatest": DeepTextCNNConfig((ConvLayer(4, 2), ConvLayer(3, 2, 2)), k=3, dim=3),
    "mean": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 3, stride=2)), over_time="mean", dim=3),
    "side by side": DeepTextCNNConfig(
        (ConvLayer(4, 2),),
        dim=3,
        beside=(Branch((ConvLayer(3, 3),), k=2), Branch((ConvLayer(3, 2), ConvLayer(2, 2)))),
    ),
    "flat": DeepTextCNNConfig((ConvLayer(4, 3), ConvLayer(3, 1, 2)), length=6, sigmoid=True, dim=3),
}


@pytest.fixture(params=CONFIGS)
def model(request) -> DeepTextCNN:
    torch.manual_seed(3)
    made = build(CONFIGS[request.param], WORDS, 2).double().eval()
    with torch.no_grad():
        made.embed.weight[0] = 0
    return made


def test_an_empty_document_leaves_all_to_the_bias(model):
    for method in (
        ("words", "ngrams") if model.config in (CONFIGS["over time"], CONFIGS["greatest"]) else ("words",)
    ):
        attribution = ask(method, model, pad([np.array([], np.int64), np.array([3, 4])]))
        assert (attribution.scores[0] == 0).all()
        torch.testing.assert_close(attribution.bias[0], model(pad([np.array([], np.int64)]))[0].detach())


def test_a_place_among_the_zeros_after_a_short_document_gives_its_bias_to_no_word():
    """One word of a field of four: of three places of the first layer two see no word."""
    model = build(DeepTextCNNConfig((ConvLayer(1, 1, 3), ConvLayer(1, 1)), dim=1), WORDS, 2).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(1)
        model.embed.weight[0], model.embed.weight[1], model.embed.weight[2] = 0, 3, -3
        model.head.bias.zero_()
    first, second = ask("words", model, pad([np.array([1])])), ask("words", model, pad([np.array([2])]))
    assert (first.scores[0, 0, 0], first.bias[0, 0]) == (5, 0)  # 3 and both biases: the word wins its pool
    assert (second.scores[0, 0, 0], second.bias[0, 0]) == (
        1,
        1,
    )  # a place of zeros wins: its bias sees no word


def test_words_after_the_fixed_length_are_not_read():
    torch.manual_seed(1)
    model = build(CONFIGS["flat"], WORDS, 2).double().eval()
    long, short = ask("words", model, pad([np.arange(1, 10)])), ask("words", model, pad([np.arange(1, 7)]))
    assert (long.scores[0, 6:] == 0).all()
    torch.testing.assert_close(long.scores[0, :6], short.scores[0])


def test_constants_are_shared_among_all_places_of_a_mean():
    """Kernel 2 over three words: the middle word is seen by both places, each of which has half of the head's bias."""
    config = DeepTextCNNConfig((ConvLayer(1, 2),), over_time="mean", dim=1)
    model = build(config, WORDS, 2).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.head.bias[:] = torch.tensor([8, -4])
    found = ask("words", model, pad([np.array([1, 2, 3])]))
    assert found.scores[0].T.tolist() == [[2, 4, 2], [-1, -2, -1]]


def test_dropout_has_no_part_in_it(model):
    ids = pad([np.array([3, 9, 4, 1, 7])])
    expected = ask("words", model, ids).scores
    assert torch.equal(ask("words", model.train(), ids).scores, expected)


def test_ngrams_of_a_text_cover_the_field_and_carry_the_logit(deep_classifier, corpus):
    field = deep_classifier.model.config.field
    for text, found in zip(
        corpus.texts[:5], explain_all(deep_classifier, corpus.texts[:5], method="ngrams"), strict=True
    ):
        assert list(found.filters) == list(range(deep_classifier.model.config.features))
        assert found.residual < 1e-5
        assert not found.bias.any()
        words = deep_classifier.tokenizer.encode(text).words
        for ngram in found.tokens:
            covered = deep_classifier.tokenizer.encode(ngram).words
            assert len(covered) == min(field, len(words))
            assert any(words[i : i + field] == covered for i in range(len(words)))
    assert len(explain(deep_classifier, "", method="ngrams").tokens) == 0


def test_a_text_has_exact_words(deep_classifier):
    found = explain(deep_classifier, "A superb film, number 3")
    assert (found.method, found.sums) == ("words", "exact")
    assert found.residual < 1e-5
    assert abs(found.scores).max() > 0


def test_a_network_that_passes_all_values_on_has_no_ngrams(deep_classifier):
    flat = build(CONFIGS["flat"], deep_classifier.tokenizer.size, 2)
    message = (
        "the method 'ngrams' needs the n-gram that wins each filter's max over time, and this DeepTextCNN passes all "
        "values of 6 words on: ask words, which is exact too"
    )
    with pytest.raises(InputError, match=f"^{message}$"):
        find_method("ngrams", flat)
    mean = build(CONFIGS["mean"], deep_classifier.tokenizer.size, 2)
    with pytest.raises(
        InputError, match="this DeepTextCNN takes the mean over time: ask words, which is exact"
    ):
        find_method("ngrams", mean)
    assert find_method("words", flat) is METHODS["words"]
    with pytest.raises(InputError, match="choose one of words, lrp, gradient-x-input"):  # and not of ngrams
        find_method("loss-change", flat)
