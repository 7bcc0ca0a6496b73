from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.deep import DEEP
from tests.toys import TOY, toy_corpus

from convlens.data import from_lists
from convlens.errors import InputError
from convlens.models import (
    FitConfig,
    FitConstraints,
    Limits,
    TextCNNConfig,
    TrainConfig,
    Watch,
    fit,
    measure,
)
from convlens.text import WordVectors


class Killed(Exception):
    """Stands for a kill between two epochs."""


class Stop(Watch):
    """Raises `error` after `epoch` epochs; before the first batch if 0."""

    def __init__(self, epoch, error):
        self.epoch, self.error = epoch, error

    def on_start(self, tokenizer, vectors, epochs):
        if self.epoch == 0:
            raise self.error

    def on_step(self, step):
        if self.epoch == 0.5:
            raise self.error

    def on_epoch(self, number, epoch):
        if number == self.epoch:
            raise self.error


def weights(classifier):
    return {name: t.clone() for name, t in classifier.model.state_dict().items()}


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_a_toy_is_learned_and_recorded(classifier, corpus):
    metrics = measure(classifier, corpus)
    assert metrics.accuracy == 1
    assert metrics.baseline == 0.5
    record = classifier.record
    assert record.rows == {"train": 54, "validation": 6}
    assert record.best == 1 + int(np.argmin([e.validation_loss for e in record.epochs]))
    assert record.settings["train"]["seed"] == 0
    assert classifier.predict(["a superb film", "an awful film"]) == ["positive", "negative"]


def test_a_deep_model_learns_the_toy(deep_classifier, corpus):
    assert measure(deep_classifier, corpus).accuracy == 1
    assert (deep_classifier.model.embed.weight[0] == 0).all()


def test_the_same_seed_gives_the_same_bits_and_another_does_not(classifier, corpus):
    assert same(weights(classifier), weights(fit(corpus, TOY)))
    other = fit(corpus, replace(TOY, train=replace(TOY.train, seed=1)))
    assert not same(weights(classifier), weights(other))


def test_training_leaves_the_global_generator_alone(corpus):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    fit(corpus, replace(TOY, train=replace(TOY.train, epochs=1)))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(("settings", "epoch"), [(TOY, 1), (TOY, 3), (DEEP, 2)])
def test_a_killed_fit_goes_on_to_the_same_bits(
    classifier, deep_classifier, corpus, tmp_path, settings, epoch
):
    folder, whole = tmp_path / "state", classifier if settings is TOY else deep_classifier
    with pytest.raises(Killed):
        fit(corpus, settings, checkpoint=folder, watch=Stop(epoch, Killed()))
    resumed = fit(corpus, settings, checkpoint=folder)
    assert same(weights(whole), weights(resumed))
    assert len(resumed.record.epochs) == len(whole.record.epochs)


def test_a_checkpoint_of_another_run_is_refused(corpus, tmp_path):
    folder = tmp_path / "state"
    with pytest.raises(Killed):
        fit(corpus, TOY, checkpoint=folder, watch=Stop(1, Killed()))
    with pytest.raises(InputError, match="belongs to another run"):
        fit(toy_corpus(50), TOY, checkpoint=folder)
    (folder / "state.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match="cannot go on from"):
        fit(corpus, TOY, checkpoint=folder)


def test_ctrl_c_keeps_the_best_model_so_far(corpus):
    stopped = fit(corpus, TOY, watch=Stop(2, KeyboardInterrupt()))
    assert stopped.record.interrupted
    assert len(stopped.record.epochs) == 2
    with pytest.raises(KeyboardInterrupt):
        fit(corpus, TOY, watch=Stop(0.5, KeyboardInterrupt()))


def test_pretrained_vectors_are_taken_over_and_kept_when_frozen(corpus):
    vectors = WordVectors(("good", "bad"), np.array([[1, 0, 2], [0, 3, 0]], dtype=np.float32), "tiny")
    config = FitConfig(TOY.text, TOY.model, replace(TOY.train, tune_vectors=False, epochs=2))
    frozen = fit(corpus, config, vectors=vectors)
    place = frozen.tokenizer.encode("good bad").ids
    assert frozen.model.embed.weight[place].tolist() == vectors.matrix.tolist()
    assert "tiny, frozen" in frozen.record.vectors
    assert frozen.model.config.vector_dropout == 0.5
    tuned = fit(corpus, replace(config, train=replace(config.train, tune_vectors=True)), vectors=vectors)
    assert tuned.model.embed.weight[place].tolist() != vectors.matrix.tolist()


def test_padding_stays_zero(classifier):
    assert (classifier.model.embed.weight[0] == 0).all()


def test_class_weights_help_the_rare_class():
    common, rare = ["dull film"] * 95, ["dull film but fun"] * 5 + ["dull film"] * 20
    corpus = from_lists(common + rare, [0] * 95 + [1] * 25)
    plain = fit(corpus, TOY)
    weighted = fit(corpus, replace(TOY, train=replace(TOY.train, class_weights=True)))
    text = ["dull film"]
    assert weighted.predict_proba(text)[0, 1] > plain.predict_proba(text)[0, 1]


def test_any_shape_of_model_trains(corpus):
    config = TextCNNConfig((1, 4), (3, 2), 5, 0, None, False, False)
    odd = fit(corpus, FitConfig(model=config, train=TrainConfig(epochs=1)))
    assert odd.model.head.weight.shape == (2, 5)
    assert odd.model.head.bias is None


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (TrainConfig, {"epochs": 0}, "epochs must be at least 1"),
        (TrainConfig, {"lr": 0.0}, "lr must be positive"),
        (TrainConfig, {"validation": 1.0}, "validation must be a share"),
        (TextCNNConfig, {"regions": ()}, "regions must be"),
        (TextCNNConfig, {"regions": (2, 2)}, "regions must be"),
        (TextCNNConfig, {"filters": (1, 2)}, "one for each of the 3 regions"),
        (TextCNNConfig, {"dim": 0}, "dim must be"),
        (TextCNNConfig, {"dropout": 1.0}, "dropout must be in"),
        (TextCNNConfig, {"vector_dropout": -0.1}, "vector_dropout must be in"),
    ],
)
def test_settings_are_checked_at_birth(kind, values, message):
    with pytest.raises(InputError, match=message):
        kind(**values)


def test_limits_is_the_old_name_of_constraints_and_says_so():
    constraints = FitConstraints({"good", "bad"})
    new = fit(toy_corpus(), TOY, constraints=constraints)
    with pytest.warns(DeprecationWarning, match="fit: limits is now called constraints") as told:
        old = fit(toy_corpus(), TOY, limits=Limits({"good", "bad"}))
    assert [warning.filename for warning in told] == [__file__]
    assert old.tokenizer.words == new.tokenizer.words != ()
    assert all(torch.equal(value, weights(new)[name]) for name, value in weights(old).items())
    with pytest.raises(InputError, match="limits is the old name of constraints: give constraints alone"):
        fit(toy_corpus(), TOY, limits=constraints, constraints=constraints)
