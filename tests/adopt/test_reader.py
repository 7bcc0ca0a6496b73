"""Networks are read from their graphs and answer the same in float64, or are refused for the right reason."""

import numpy as np
import pytest
import torch
from tests.adopt.networks import LENGTH, READ, REFUSED, WORDS
from tests.adopt.public_networks import PUBLIC_READ, PUBLIC_REFUSED

from convlens.adopt import CannotRead, Vocabulary
from convlens.adopt.conversion import rows_of, weights_of
from convlens.adopt.graph import graph_of
from convlens.adopt.reader import read
from convlens.models import Padding
from convlens.text import Documents, starts

VOCABULARY = Vocabulary({f"w{row}": row for row in range(2, WORDS)}, padding=0, unknown=1)


def example() -> torch.Tensor:
    return torch.randint(2, WORDS, (1, LENGTH), generator=torch.Generator().manual_seed(0))


def squashed(logits: np.ndarray, squash: str) -> np.ndarray:
    if squash == "sigmoid":
        return 1 / (1 + np.exp(logits[:, :1] - logits[:, 1:]))
    if squash == "log_softmax":
        return logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return logits


@pytest.mark.parametrize("name", READ | PUBLIC_READ)
def test_a_network_is_read_and_answers_the_same_in_float64(name):
    torch.manual_seed(0)
    module = (READ | PUBLIC_READ)[name]().eval()
    network = read(graph_of(module, example()))
    rows = rows_of(VOCABULARY)
    classes = max(2, len(network.layers[-1][1]))
    weights = weights_of(network, rows, Padding(least=7), classes)
    assert weights.vectors.dtype == np.float64
    generator = np.random.default_rng(0)
    documents = [generator.integers(0, len(rows), size) for size in (1, 2, 3, 6, 7, 8, 12, 30)]
    ids = np.concatenate(documents)
    logits = weights.logits(Documents(ids, starts([len(one) for one in documents])))
    module = module.double()
    with torch.no_grad():
        padded = [torch.from_numpy(np.pad(rows[one], (0, max(7 - len(one), 0)))) for one in documents]
        expected = np.concatenate([module(one[None]).reshape(1, -1).numpy() for one in padded])
    if expected.shape[1] == 1 and not network.squash:
        logits = logits[:, 1:] - logits[:, :1]
    np.testing.assert_allclose(squashed(logits, network.squash), expected, atol=1e-9)


@pytest.mark.parametrize("name", REFUSED | PUBLIC_REFUSED)
def test_what_is_no_such_network_is_refused_for_its_reason(name):
    torch.manual_seed(0)
    make, reason = (REFUSED | PUBLIC_REFUSED)[name]
    with pytest.raises(CannotRead, match=reason):
        weights_of(read(graph_of(make().eval(), example())), rows_of(VOCABULARY), Padding(), 3)


def test_a_refusal_names_the_line_of_the_code(capfd):
    with pytest.raises(CannotRead, match=r"`topk` \(line \d+ of networks\.py\)"):
        read(graph_of(REFUSED["k greatest"][0](), example()))
    with pytest.raises(CannotRead):
        read(graph_of(REFUSED["of data"][0](), example()))
    assert capfd.readouterr() == ("", "")


def test_reading_changes_nothing_of_the_network():
    module = READ["batch norm"]().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    read(graph_of(module, example()))
    assert module.training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert torch.get_default_dtype() == torch.float32


def test_what_was_folded_is_told():
    assert read(graph_of(READ["two channels"](), example())).folded == ("2 embeddings side by side as one",)
    assert read(graph_of(READ["batch norm"](), example())).folded == ("batch normalisation into the weights",)
    assert (
        "scales after the activation into the head"
        in read(graph_of(READ["batch norm after the ReLU"](), example())).folded
    )
