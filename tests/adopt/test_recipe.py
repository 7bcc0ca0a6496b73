"""Networks of which only the weights are there, built again by the names of their layers."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.adopt.networks import ActivationLast, Dense, Flat, ImageLike, Rows
from tests.adopt.test_adopt import adopted, network, texts

from convlens import OneLayer
from convlens.errors import InputError

LAYERS = {"embedding": "embed", "convolutions": ["convs.0", "convs.1"], "head": "fc"}
THREE = {**LAYERS, "convolutions": ["convs.0", "convs.1", "convs.2"]}


def ids(longest=20):
    return torch.randint(2, 50, (3, longest), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("make", "recipe"),
    [
        (ImageLike, THREE),
        (lambda: ImageLike(pads=True), THREE | {"zeros": [2, 3, 4]}),
        (lambda: ImageLike(act=torch.tanh), THREE | {"activation": "tanh"}),
        (Rows, LAYERS),
        (lambda: Rows(same=True), LAYERS | {"zeros": [1, 2]}),
        (lambda: Rows(act=lambda x: x), LAYERS | {"activation": "none"}),
        (ActivationLast, LAYERS | {"convolutions": ["conv"], "activation": "tanh"}),
    ],
)
def test_it_answers_as_the_network_did(make, recipe):
    module = network(make)
    with torch.no_grad():
        torch.testing.assert_close(OneLayer(module.state_dict(), **recipe)(ids()), module(ids()))


def test_dense_layers_and_flat_filters():
    module = network(Dense, act=torch.relu)
    recipe = {"embedding": "embed", "convolutions": ["conv"], "hidden": ["hidden"], "head": "fc"}
    with torch.no_grad():
        logits = OneLayer(module.state_dict(), **recipe)(ids())
        torch.testing.assert_close(torch.sigmoid(logits)[:, 0], module(ids()))
        flat = network(Flat)
        padded = torch.nn.functional.pad(ids(), (2, 2))
        torch.testing.assert_close(OneLayer(flat.state_dict(), **LAYERS)(padded), flat(ids()))


def test_weights_are_taken_over(tmp_path):
    module = network()
    save_file(module.state_dict(), tmp_path / "weights.safetensors")
    classifier = adopted(OneLayer(tmp_path / "weights.safetensors", **THREE))
    np.testing.assert_array_equal(classifier.logits(texts()), adopted(module).logits(texts()))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"head": "f"}, r"there is no layer 'f'.*: did you mean 'fc'\?"),
        (
            {"convolutions": ["convs.1"]},
            "'fc' reads 18 numbers, and 6 stand before it: name all convolutions",
        ),
        (
            {"convolutions": ["fc"]},
            r"the weights of 'fc' have the shape \[3, 18\], expected 3 or 4 dimensions",
        ),
        ({"convolutions": "convs.0"}, "convolutions are the names of one layer or more"),
        (
            {"embedding": "fc"},
            r"the filters of 'convs.0' have the shape \[6, 1, 3, 8\], and vectors 18 numbers",
        ),
        ({"activation": "gelu"}, "activation must be one of relu, tanh, sigmoid, none, got 'gelu'"),
        ({"zeros": [1, 2]}, "zeros are one number, or one for each of the 3 convolutions"),
    ],
)
def test_names_that_do_not_fit(change, reason):
    with pytest.raises(InputError, match=reason):
        OneLayer(network().state_dict(), **(THREE | change))
