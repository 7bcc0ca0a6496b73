"""Training by kernels takes the steps of training by torch, and chance and kills change no bit of it."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.test_fitting import Killed, Stop, same, weights
from tests.shallow import REGIONS
from tests.toys import TOY
from torch.nn.functional import cross_entropy

from convlens.kernels import compiles
from convlens.models import FitConfig, Padding, TextCNN, TextCNNConfig, TrainConfig, fit, pad
from convlens.models.engines import TorchEngine, choose_engine
from convlens.models.kernel_engine import KernelEngine
from convlens.models.training import Examples, _gradients, start

NEVER = 1e-12  # a dropout that acts on its own path and drops nothing


@st.composite
def cases(draw):
    """A model without dropout, and documents with classes or sets of labels; some documents short or empty."""
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=3, unique=True))
    counts = tuple(draw(st.sampled_from([1, 3, 16, 17])) for _ in regions)
    config = TextCNNConfig(
        tuple(regions),
        counts,
        draw(st.sampled_from([1, 7, 16, 40])),
        dropout=0,
        vector_dropout=draw(st.sampled_from([None, NEVER])),
        filter_bias=draw(st.booleans()),
    )
    torch.manual_seed(draw(st.integers(0, 10**6)))
    model = TextCNN(config, 30, 3)
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    lengths = draw(st.lists(st.integers(0, 12), min_size=1, max_size=9))
    documents = [rng.integers(1, 30, length) for length in lengths]
    if draw(st.booleans()):
        return model, Examples(documents, rng.integers(0, 2, (len(documents), 3)).astype(np.float32))
    return model, Examples(documents, rng.integers(0, 3, len(documents)))


def textbook(model, examples, class_weights=None):
    """Loss and gradients in float64, one document at a time, all windows under autograd."""
    exact = TextCNN(model.config, 30, 3).double()
    exact.load_state_dict(model.state_dict())
    logits = []
    for document in examples.documents:
        pooled = [torch.zeros(1, count, dtype=torch.float64) for count in model.config.counts]
        if len(document):
            x = exact.embed(torch.from_numpy(document))[None].transpose(1, 2)
            long = [torch.nn.functional.pad(x, (0, max(n - x.shape[2], 0))) for n in model.config.regions]
            pairs = zip(exact.convolutions, long, strict=True)
            pooled = [conv(x).amax(2).relu() for conv, x in pairs]
        logits.append(exact.head(torch.cat(pooled, 1)))
    truth, z = torch.from_numpy(examples.truth), torch.cat(logits)
    if examples.multilabel:
        chance = torch.sigmoid(z)
        heavy = 1 if class_weights is None else class_weights
        loss = -(heavy * truth * chance.log() + (1 - truth) * (1 - chance).log()).mean()
    else:
        loss = cross_entropy(z, truth, weight=class_weights)
    loss.backward()
    zero = {name: torch.zeros_like(p) for name, p in exact.named_parameters()}
    return loss.item(), {n: zero[n] if p.grad is None else p.grad for n, p in exact.named_parameters()}


def gradients(model, engine):
    """Gradients by name; of the embedding those that the kernels keep by rows."""
    found = {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in model.named_parameters()}
    if isinstance(engine, KernelEngine):
        words, rows = engine._gradients()
        found["embed.weight"] = torch.zeros_like(model.embed.weight).index_add(
            0, torch.from_numpy(words), rows
        )
    return found


@pytest.mark.parametrize("kind", [KernelEngine, TorchEngine])
@settings(max_examples=20)
@given(case=cases(), part=st.sampled_from([2**16, 20, 1]), weighted=st.booleans())
def test_gradients_are_those_of_the_textbook(kind, case, part, weighted):
    model, examples = case
    engine = kind(model, start(model, TrainConfig()).optimizer)
    engine.begin(1)
    class_weights = torch.tensor([0.5, 2.0, 1.0]) if weighted else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convlens.models.training.PART", part)
        loss, right = _gradients(engine, examples, np.arange(len(examples.documents)), class_weights)
    exact, expected = textbook(model, examples, None if class_weights is None else class_weights.double())
    assert loss == pytest.approx(exact, rel=1e-5)
    with torch.no_grad():
        logits = model(pad(examples.documents)).numpy()
    if examples.multilabel:
        assert right == ((logits > 0) == examples.truth).all(1).sum()
    else:
        assert right == (logits.argmax(1) == examples.truth).sum()
    for name, ours in gradients(model, engine).items():
        torch.testing.assert_close(ours.double(), expected[name], rtol=1e-4, atol=1e-6, msg=name)


@pytest.fixture
def by_kernels(monkeypatch):
    monkeypatch.setattr("convlens.models.engines.WORTHWHILE", 0)


def test_fits_by_kernels_and_by_torch_agree(classifier, corpus, by_kernels):
    ours = fit(corpus, TOY)
    for a, b in zip(ours.record.epochs, classifier.record.epochs, strict=True):
        assert (a.loss, a.validation_loss) == pytest.approx((b.loss, b.validation_loss), rel=1e-3)
    for name, found in weights(ours).items():
        torch.testing.assert_close(found, weights(classifier)[name], rtol=1e-2, atol=1e-3)


def test_the_same_seed_gives_the_same_bits_and_kills_change_none(corpus, by_kernels, tmp_path):
    whole = fit(corpus, TOY)
    with pytest.raises(Killed):
        fit(corpus, TOY, checkpoint=tmp_path / "state", watch=Stop(2, Killed()))
    assert same(weights(whole), weights(fit(corpus, TOY, checkpoint=tmp_path / "state")))
    assert same(weights(whole), weights(fit(corpus, TOY)))


def test_frozen_vectors_stay(corpus, by_kernels):
    config = FitConfig(TOY.text, TOY.model, replace(TOY.train, tune_vectors=False, epochs=1))
    first, second = (fit(corpus, replace(config, train=replace(config.train, epochs=n))) for n in (1, 3))
    assert torch.equal(first.model.embed.weight, second.model.embed.weight)
    assert not torch.equal(first.model.head.weight, second.model.head.weight)


def test_the_way_is_chosen_by_size_number_type_and_compiler(monkeypatch):
    model = TextCNN(TextCNNConfig((2,), 3, 4), 9, 2)
    optimizer = start(model, TrainConfig()).optimizer
    assert compiles()
    assert isinstance(choose_engine(model, optimizer, 20_000), KernelEngine)
    assert isinstance(choose_engine(model, optimizer, 19_999), TorchEngine)
    monkeypatch.setattr("convlens.models.engines.compiles", lambda: False)
    assert isinstance(choose_engine(model, optimizer, 20_000), TorchEngine)
    monkeypatch.undo()
    assert isinstance(choose_engine(model.double(), optimizer, 20_000), TorchEngine)


WIDE = {
    "cut and padded": {"padding": Padding(length=6)},
    "in front, trained": {"padding": Padding(length=6, side="left", cut="left", trained=True)},
    "pads on both sides": {"padding": Padding(before=2, after=1)},
    "zeros of each region": {"padding": Padding(zeros=((0, 3), (2, 1)), before=1)},
    "dilated, dense": {"regions": (2, 5), "dilation": (1, 2), "hidden": (4,), "activation": "tanh"},
    "static channel": {"static_channel": True},
    "one logit": {"one_logit": True},
}


@pytest.mark.skipif(not compiles(), reason="no compiled kernels here")
@pytest.mark.parametrize("style", WIDE)
def test_kernels_train_wide_models_as_torch_does_and_leave_alone_what_is_fixed(style):
    config = TextCNNConfig(**{"regions": (2, 4), "filters": 3, "dim": 5, "dropout": 0.0, **WIDE[style]})
    torch.manual_seed(0)
    model = TextCNN(config, 20, 2).train()
    if config.padding.adds and not config.padding.trained:
        assert not model.embed.weight[0].any()
    rng = np.random.default_rng(0)
    documents = [rng.integers(1, 20, n) for n in (0, 1, 2, 3, 4, 5, 6, 7, 9, 30)]
    classes = torch.from_numpy(rng.integers(0, 2, len(documents)))
    trained = []
    for engine_of in (TorchEngine, KernelEngine):
        own = copy.deepcopy(model)
        engine = engine_of(own, torch.optim.Adam(own.parameters(), 1e-2))
        engine.begin(5)
        for _ in range(5):
            cross_entropy(engine.logits(documents), classes).backward()
            engine.step()
        engine.flush()
        trained.append(own)
    for name, tensor in trained[0].state_dict().items():
        torch.testing.assert_close(tensor, trained[1].state_dict()[name], rtol=0, atol=1e-5)
    own = trained[0]
    assert own.embed.weight[0].equal(model.embed.weight[0]) == (not config.padding.trained)
    assert not own.embed.weight[1:].equal(model.embed.weight[1:])
    if config.static_channel:
        assert own.embed.weight[:, 5:].equal(model.embed.weight[:, 5:])
    for conv, step in zip(own.convolutions, config.dilations, strict=True):
        assert not conv.weight[:, :, [j for j in range(conv.kernel_size[0]) if j % step]].any()
