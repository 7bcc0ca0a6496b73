"""Batch normalisation: its statistics, that padding has no part in them, and that folding changes no answer."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.deep import DEEP, WORDS, deep_models, documents
from tests.models.test_fitting import Killed, Stop, same, weights

from convlens.compress.vocabulary import settings_of
from convlens.errors import InputError
from convlens.explain import explain
from convlens.models import Classifier, DeepTextCNN, fit, load, pad, save
from convlens.models.batch_norm import BatchNorm
from convlens.models.families import folded

NORMED = replace(DEEP, model=replace(DEEP.model, batch_norm=True), train=replace(DEEP.train, epochs=4))


def normed(model: DeepTextCNN, seed: int) -> DeepTextCNN:
    """The network with batch normalisation, its numbers by chance."""
    other = DeepTextCNN(replace(model.config, batch_norm=True), WORDS, model.classes).double()
    other.load_state_dict({**other.state_dict(), **model.state_dict()})
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in other.state_dict().items():
            if "norms" in name:
                tensor.copy_(torch.rand(tensor.shape, generator=generator, dtype=torch.float64) + 0.1)
    return other


@given(deep_models(), documents, st.integers(0, 99))
def test_folding_changes_no_logit(model, texts, seed):
    network = normed(model, seed).eval()
    ids = torch.nn.functional.pad(pad(texts), (0, 2))
    with torch.no_grad():
        expected = network(ids)
        plain = folded(network).eval()
        torch.testing.assert_close(plain(ids), expected, rtol=1e-9, atol=1e-9)
    assert not plain.config.batch_norm


@settings(max_examples=30)
@given(deep_models(), documents)
def test_padding_has_no_part_in_training(model, texts):
    ids = pad(texts)
    narrow, wide = normed(model, 1).train(), normed(model, 1).train()
    for network in (narrow, wide):
        network.config = replace(network.config, dropout=0.0)
    torch.testing.assert_close(narrow(ids), wide(torch.nn.functional.pad(ids, (0, 5))), rtol=1e-9, atol=1e-9)
    for name, tensor in narrow.state_dict().items():
        torch.testing.assert_close(tensor, wide.state_dict()[name], rtol=1e-9, atol=1e-12)


def test_the_statistics_are_those_of_pytorch():
    ours, theirs = BatchNorm(3), torch.nn.BatchNorm1d(3)
    z = torch.randn(4, 3, 7, generator=torch.Generator().manual_seed(0))
    for _ in range(3):
        expected = theirs(z)
        torch.testing.assert_close(ours(z[:, :, None], torch.ones(4, 7, dtype=torch.bool))[:, :, 0], expected)
    torch.testing.assert_close(ours.mean, theirs.running_mean)
    torch.testing.assert_close(ours.var, theirs.running_var)
    conv = torch.nn.Conv1d(2, 3, 2)
    x = torch.randn(4, 2, 8)
    theirs.eval()
    with torch.no_grad():
        expected = theirs(conv(x))
        ours.fold(conv)
        torch.testing.assert_close(conv(x), expected)


def test_a_fit_has_it_in_its_weights_and_goes_on_after_a_kill(corpus, tmp_path):
    whole = fit(corpus, NORMED)
    assert not whole.model.config.batch_norm
    assert whole.record.settings["model"]["batch_norm"]
    assert settings_of(whole).model == NORMED.model  # for a training anew
    assert abs(explain(whole, corpus.texts[0], method="words").residual) < 1e-4
    with pytest.raises(Killed):
        fit(corpus, NORMED, checkpoint=tmp_path / "c", watch=Stop(2, Killed()))
    assert same(weights(whole), weights(fit(corpus, NORMED, checkpoint=tmp_path / "c")))
    save(whole, tmp_path / "m")
    assert (load(tmp_path / "m").logits(corpus.texts[:5]) == whole.logits(corpus.texts[:5])).all()


def test_a_network_in_training_is_no_classifier(corpus, deep_classifier, tmp_path):
    network = DeepTextCNN(NORMED.model, deep_classifier.tokenizer.size, 2)
    with pytest.raises(InputError, match="batch normalisation, as in training"):
        Classifier(network, deep_classifier.tokenizer, deep_classifier.labels)
    save(deep_classifier, tmp_path / "m")
    config = tmp_path / "m" / "config.json"
    config.write_text(config.read_text().replace('"sigmoid"', '"batch_norm": true, "sigmoid"'))
    with pytest.raises(InputError, match="no trained model has"):
        load(tmp_path / "m")


def test_a_batch_of_empty_documents_trains(corpus):
    network = normed(DeepTextCNN(replace(NORMED.model, batch_norm=False), WORDS, 2).double(), 1).train()
    assert np.isfinite(network(torch.zeros(3, 0, dtype=torch.int64)).detach().numpy()).all()
