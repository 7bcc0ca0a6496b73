"""Stacked convolutions against loops in float64, and what padding and batches must not change."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.deep import WORDS, deep_models, documents

from convlens.errors import InputError
from convlens.models import (
    ConvLayer,
    DeepTextCNN,
    DeepTextCNNConfig,
    TextCNNConfig,
    Trunk,
    build,
    one_layer,
    pad,
)
from convlens.models.presets import PRESETS


def slow(model: DeepTextCNN, document: np.ndarray) -> np.ndarray:
    """The logits of one document, place by place and number by number."""
    h = np.concatenate([of_trunk(trunk, model, document) for trunk in model.trunks])
    for layer in model.dense_layers:
        h = np.maximum(layer.weight.detach().numpy() @ h + layer.bias.detach().numpy(), 0)
    y = model.head.weight.detach().numpy() @ h + model.head.bias.detach().numpy()
    return np.array([-y[0] / 2, y[0] / 2]) if model.config.sigmoid else y


def of_trunk(trunk: Trunk, model: DeepTextCNN, document: np.ndarray) -> np.ndarray:
    """The features of one stack for one document, place by place and number by number."""
    config = trunk.config
    rows = list(document[: config.length])
    rows += [0] * ((config.field if config.length is None else config.length) - len(rows))
    x = model.embed.weight.detach().numpy()[rows]  # (T, d)
    for conv, layer in zip(trunk.convs, config.layers, strict=True):
        weight, bias = conv.weight.detach().numpy(), conv.bias.detach().numpy()
        windows = [x[i : i + layer.kernel] for i in range(0, len(x) - layer.kernel + 1, layer.stride)]
        x = np.array(
            [[max((w * weight[f].T).sum() + bias[f], 0) for f in range(layer.filters)] for w in windows]
        )
        x = np.array([x[i : i + layer.pool].max(0) for i in range(0, len(x) - layer.pool + 1, layer.pool)])
    greatest = np.concatenate([np.sort(x, 0)[::-1], np.zeros((config.k, x.shape[1]))])[: config.k].T.reshape(
        -1
    )
    over_time = {"max": greatest, "mean": sum(x) / len(x), "sum": sum(x)}[config.over_time] * (
        len(document) > 0
    )
    return over_time if config.length is None else x.reshape(-1)


@given(deep_models(), documents)
def test_logits_are_those_of_the_slow_network(model, found):
    with torch.no_grad():
        logits = model(pad(found))
    for row, document in zip(logits, found, strict=True):
        np.testing.assert_allclose(row, slow(model, document), rtol=1e-10, atol=1e-10)


@given(deep_models(), documents, st.randoms(use_true_random=False))
def test_batch_padding_and_order_change_nothing(model, found, random):
    order = list(range(len(found)))
    random.shuffle(order)
    with torch.no_grad():
        together = model(torch.nn.functional.pad(pad([found[i] for i in order]), (0, 5)))
        for row, i in enumerate(order):
            torch.testing.assert_close(together[row], model(pad([found[i]]))[0], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    "layers",
    [
        [ConvLayer(1, 2)],
        [ConvLayer(1, 3, 2)],
        [ConvLayer(1, 2, 2), ConvLayer(1, 2)],
        [ConvLayer(1, 2, 1, 2), ConvLayer(1, 3, 2, 2)],
    ],
)
@pytest.mark.parametrize("words", range(1, 12))
def test_no_place_beyond_the_end_wins(layers, words):
    """Every word lowers what the first layer gives, so that any place that sees padding gives more."""
    model = DeepTextCNN(DeepTextCNNConfig(tuple(layers), dim=1), WORDS, 2).eval()
    with torch.no_grad():
        model.embed.weight[1:] = 1
        for number, conv in enumerate(model.convolutions):
            conv.weight.fill_(1 if number else -1)
            conv.bias.fill_(0 if number else 5)
        document = torch.full((1, words), 3)
        for padding in range(1, 6):
            padded = torch.nn.functional.pad(document, (0, padding))
            assert torch.equal(model(padded), model(document))


@given(deep_models())
def test_the_field_is_the_least_that_gives_a_place(model):
    config = model.config
    assert config.places(config.field) == 1
    assert config.places(config.field - 1) == 0


def test_an_empty_document_has_no_features_where_padding_is_none():
    model = DeepTextCNN(DeepTextCNNConfig((ConvLayer(3, 2),), dim=2), WORDS, 2).eval()
    empty = pad([np.array([], dtype=np.int64)])
    torch.testing.assert_close(model(empty)[0], model.head.bias)


def test_a_mean_and_a_sum_are_over_the_places_of_the_document_alone():
    config = DeepTextCNNConfig((ConvLayer(1, 2),), over_time="mean", dim=1)
    mean = DeepTextCNN(config, WORDS, 2).eval()
    total = DeepTextCNN(replace(config, over_time="sum"), WORDS, 2).eval()
    with torch.no_grad():
        mean.embed.weight[1:, 0] = torch.arange(1, WORDS)
        mean.convs[0].weight.fill_(1)
        mean.convs[0].bias.fill_(-4)
    total.load_state_dict(mean.state_dict())
    ids = pad([np.array([1, 2, 3, 4]), np.array([3, 2]), np.array([5]), np.array([], np.int64)])
    lengths = (ids > 0).sum(1)
    # The sums less 4 are -1, 1 and 3 of the first document, 1 of the others, of which one has a single word.
    for model, expected in ((mean, [4 / 3, 1, 1, 0]), (total, [4, 1, 1, 0])):
        torch.testing.assert_close(
            model.features(model.embed(ids), lengths)[:, 0], torch.tensor(expected).float()
        )


def test_one_sigmoid_output_gives_the_probability_of_the_second_class():
    config = DeepTextCNNConfig((ConvLayer(3, 2),), sigmoid=True, dim=2)
    model = DeepTextCNN(config, WORDS, 2).eval()
    ids = pad([np.array([2, 3, 4])])
    z = model.head(model.features(model.embed(ids), torch.tensor([3])))
    torch.testing.assert_close(torch.softmax(model(ids), 1)[:, 1:], torch.sigmoid(z))
    with pytest.raises(InputError, match="one sigmoid output tells two classes apart, the data have 3"):
        DeepTextCNN(config, WORDS, 3)


# Filters x (channels x kernel) + biases of each layer, and the dense layers, by hand from the papers' tables.
COUNTS = {
    # Table 1 of the IMDb paper has 2,476,097: one embedding row more than words. Ours has two, one each for
    # padding and unknown words.
    "imdb-filters": (23_363, 2, 2_476_097 + 100),
    "yuan-mr": (18_160, 2, 18_162 * 300 + 128 * 1500 + 64 * 640 + 32 * 320 + 224 + 32 * 2 + 2),
    "yuan-ag-news": (
        84_252,
        4,
        84_254 * 300 + 512 * 1500 + 256 * 2560 + 128 * 1280 + 64 * 640 + 960 + 64 * 4 + 4,
    ),
    "xu-du": (100, 2, 102 * 100 + 50 * (300 + 400 + 500) + 150 + 150 * 2 + 2),
    "jacovi": (100, 2, 102 * 50 + 50 * (100 + 150 + 200) + 150 + 150 * 2),
    "arras": (100, 20, 102 * 300 + 800 * 600 + 800 + 800 * 20 + 20),
    "kim": (100, 2, 102 * 300 + 100 * (900 + 1200 + 1500) + 300 + 300 * 2 + 2),
}


@pytest.mark.parametrize("name", PRESETS)
def test_presets_have_the_papers_numbers_of_parameters(name):
    words, classes, expected = COUNTS[name]
    with torch.device("meta"):
        model = build(PRESETS[name].config.model, words + 2, classes)
    assert sum(p.numel() for p in model.parameters()) == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"layers": ()}, "needs at least one layer"),
        (
            {"length": 12},
            "length must be at least 13, the words that one place of the last layer sees, got 12",
        ),
        ({"hidden": 0}, "hidden must be at least 1"),
        (
            {"length": 20, "over_time": "mean"},
            "a network of 20 words passes all values on and takes no mean over time: leave out length, or over_time",
        ),
        (
            {"k": 0},
            "k must be from 1 to 100,000, and above 1 only with the max over time, without length, got 0",
        ),
        ({"k": 2, "over_time": "sum"}, "above 1 only with the max over time"),
        ({"k": 2, "length": 20}, "above 1 only with the max over time, without length"),
        ({"over_time": "median"}, "over_time must be one of 'max', 'mean', 'sum', got str 'median'"),
        ({"hidden": (3, 0)}, r"or at most 100 such widths, got \(3, 0\)"),
        ({"dim": 0}, "dim must be at least 1"),
        ({"dropout": 1.0}, r"dropout must be in \[0, 1\)"),
    ],
)
def test_settings_are_checked_at_birth(values, message):
    with pytest.raises(InputError, match=message):
        DeepTextCNNConfig(**values)
    with pytest.raises(InputError, match="kernel of a layer must be at least 1, got 0"):
        ConvLayer(3, 0)
    with pytest.raises(
        InputError, match="stride of a layer must be at most its kernel of 2, got 3: no place"
    ):
        ConvLayer(3, 2, stride=3)


def test_one_layer_models_are_told_from_deep_ones():
    model = build(TextCNNConfig(dim=2), WORDS, 2)
    assert one_layer(model, "a trace") is model
    with pytest.raises(
        InputError, match=r"a trace needs .* one-layer TextCNN, and this DeepTextCNN of 3 layers"
    ):
        one_layer(build(DeepTextCNNConfig(dim=2), WORDS, 2), "a trace")
