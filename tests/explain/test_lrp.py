"""LRP against the rule written out neuron by neuron in float64, against zennit, and its invariants."""

import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from tests.deep import deep_models, in_stacks
from tests.deep import documents as deep_documents
from tests.padded import ask, of_trace, trace
from tests.shallow import WORDS, documents, gates_of, models
from torch import nn

from convlens.explain import deep_lrp, lrp_elements
from convlens.explain.deep_gradients import gradient_x_input
from convlens.explain.deep_lrp import winners
from convlens.explain.relevance import STABILISER, lrp
from convlens.models import ConvLayer, DeepTextCNN, DeepTextCNNConfig, TextCNN, TextCNNConfig, build, pad

FOUND = [np.array(d, dtype=np.int64) for d in ([3, 9, 4, 1, 7, 2, 11, 5], [5, 8], [6], [])]


def back(x, weight, bias, relevance, inputs):
    """`R_{i<-j}` of dense neurons, one after the other: x (I,), weight (J, I); only `inputs` share bias and s."""
    found = np.zeros(len(x))
    for j, of_neuron in enumerate(relevance):
        z = weight[j] @ x + bias[j]
        s = STABILISER if z >= 0 else -STABILISER
        for i in inputs:
            part = x[i] * weight[j, i] + bias[j] / len(inputs)
            found[i] += (part + s / len(inputs)) / (z + s) * of_neuron
    return found


def slow(model: TextCNN, document: np.ndarray, peaks: torch.Tensor, places: torch.Tensor) -> np.ndarray:
    """The rule for one document that has words: (L, d, C)."""
    x = model.embed.weight.detach().numpy()[document]  # (L, d)
    head, pooled = model.head.weight.detach().numpy(), peaks.relu().numpy()
    pooled = pooled * (pooled >= gates_of(model))
    b_y = np.zeros(len(head)) if model.head.bias is None else model.head.bias.detach().numpy()
    logits, scores = head @ pooled + b_y, np.zeros((*x.shape, len(head)))
    for c in range(len(head)):
        of_filters = back(pooled, head[c : c + 1], b_y[c : c + 1], logits[c : c + 1], range(len(pooled)))
        p = 0
        for conv in model.convs:
            bias = np.zeros(len(conv.weight)) if conv.bias is None else conv.bias.detach().numpy()
            for f, weight in enumerate(conv.weight.detach().numpy()):  # (d, n)
                window = x[places[p] : places[p] + weight.shape[1]]  # (m, d)
                flat = weight.T[: len(window)].reshape(1, -1)
                every = range(window.size)
                parts = back(window.reshape(-1), flat, bias[f : f + 1], of_filters[p : p + 1], every)
                scores[places[p] : places[p] + len(window), :, c] += parts.reshape(window.shape)
                p += 1
    return scores


@given(models(), documents)
def test_scores_are_those_of_the_rule_neuron_by_neuron(model, found):
    traced = trace(model, pad(found))
    # Which side of 0 a value lies on decides the stabiliser's sign: round-off must not.
    assume((traced.peaks.abs() > 1e-9).all() or (traced.peaks == traced.peaks.round()).all())
    assume((traced.logits.abs() > 1e-9).all() or (traced.logits == traced.logits.round()).all())
    scores = ask("lrp", model, pad(found)).scores
    for row, document in enumerate(found):
        if len(document):
            expected = slow(model, document, traced.peaks[row], traced.positions[row])
            numbers = scores[row, : len(document)]
            np.testing.assert_allclose(numbers, expected.sum(1), rtol=1e-8, atol=1e-8)
            targets = np.full(len(found), int(traced.logits[row].argmax()))
            numbers = of_trace(lrp_elements, model, pad(found), targets=targets).scores[row]
            np.testing.assert_allclose(
                numbers[: len(document)], expected[:, :, targets[0]], rtol=1e-8, atol=1e-8
            )
            assert (numbers[len(document) :] == 0).all()


@settings(max_examples=20)
@given(deep_models(), deep_documents)
def test_relevance_is_conserved_at_any_depth(model, found):
    for precision, bound in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        ids = torch.nn.functional.pad(pad(found), (0, 3))
        attribution = deep_lrp(model.to(precision), ids)
        total = attribution.scores.sum(1) + attribution.bias
        # Relevance grows where a neuron is near 0: what cancels on its way is the scale of round-off.
        scale = 1 + attribution.scores.abs().sum(1) + attribution.bias.abs()
        if precision == torch.float64:
            assert ((total - attribution.logits).abs() <= bound * scale).all()
        assert (attribution.scores[ids == 0] == 0).all()
        torch.testing.assert_close(attribution.logits, model(ids))


@settings(max_examples=20)
@given(deep_models(), deep_documents)
def test_batch_and_order_change_nothing(model, found):
    together = deep_lrp(model, pad(found))
    for row, document in enumerate(found):
        alone = deep_lrp(model, pad([document]))
        length = len(document)
        torch.testing.assert_close(together.scores[row, :length], alone.scores[0], rtol=1e-7, atol=1e-7)
        torch.testing.assert_close(together.bias[row], alone.bias[0], rtol=1e-7, atol=1e-7)


@settings(max_examples=20)
@given(models(), documents)
def test_closed_form_and_layer_by_layer_pass_are_equal(model, found):
    regions = TextCNNConfig(model.config.regions, model.config.counts, model.config.dim)
    shallow = build(regions, WORDS, model.classes).double().eval()
    with torch.no_grad():
        shallow.embed.weight.copy_(model.embed.weight)
        shallow.head.bias.copy_(torch.arange(-1, model.classes - 1))
        for conv, old in zip(shallow.convs, model.convs, strict=True):
            conv.weight.copy_(old.weight)
        # Every filter passes its ReLU: where one does not, the deep network's max has only zeros to choose from.
        ids = pad(found)
        lifted = 1 - trace(shallow, ids).peaks.min().clamp(max=0)
        for conv in shallow.convs:
            conv.bias += lifted
    deep = in_stacks(shallow)
    one, other = ask("lrp", shallow, ids), deep_lrp(deep, ids)
    torch.testing.assert_close(one.logits, other.logits)
    assume(((one.logits.abs() > 1e-9) | (one.logits == 0)).all())
    torch.testing.assert_close(one.scores, other.scores, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(one.bias, other.bias, rtol=1e-7, atol=1e-7)


def random_deep(config: DeepTextCNNConfig, *, biases: bool) -> DeepTextCNN:
    torch.manual_seed(5)
    model = build(config, WORDS, 3).double().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(
                torch.randn(parameter.shape, dtype=torch.float64) * (biases or "bias" not in name)
            )
        model.embed.weight[0] = 0
    return model


def unrolled(conv: nn.Conv1d, places: int) -> np.ndarray:
    """A convolution as one matrix: (places left x F, places x channels)."""
    weight = conv.weight.detach().numpy().transpose(0, 2, 1).reshape(conv.out_channels, -1)
    (stride,), step = conv.stride, conv.in_channels
    out = (places - conv.kernel_size[0]) // stride + 1
    dense = np.zeros((out, conv.out_channels, places * step))
    for i in range(out):
        dense[i, :, i * stride * step : i * stride * step + weight.shape[1]] = weight
    return dense.reshape(-1, places * step)


K = {"max": 1, "two": 2}


def back_over_time(x, over_time, relevance):
    """From features (F,) to places (P, F) whose values are x: to the first greatest (or the first two), or as through a dense layer."""
    if over_time in K:
        found = np.zeros_like(x)
        for f, of_filter in enumerate(relevance.reshape(x.shape[1], -1)):
            found[np.argsort(-x[:, f], kind="stable")[: K[over_time]], f] = of_filter
        return found
    weight, bias = np.full((1, len(x)), 1 / len(x) if over_time == "mean" else 1), [0]
    columns = [
        back(x[:, f], weight, bias, relevance[f : f + 1], range(len(x))) for f in range(len(relevance))
    ]
    return np.stack(columns, 1)


@pytest.mark.parametrize("pool_and_stride", [(2, 1), (1, 2)])
@pytest.mark.parametrize("over_time", ["max", "two", "mean", "sum"])
def test_a_deep_model_against_matrices_neuron_by_neuron(over_time, pool_and_stride):
    config = DeepTextCNNConfig((ConvLayer(3, 2, *pool_and_stride), ConvLayer(2, 2)), hidden=(3, 4), dim=2)
    config = replace(config, k=2) if over_time == "two" else replace(config, over_time=over_time)
    model, document = random_deep(config, biases=True), FOUND[0]
    x, steps = model.embed.weight.detach().numpy()[document], []
    for conv, layer in zip(model.convs, config.layers, strict=True):
        dense = unrolled(conv, len(x))
        bias = np.tile(conv.bias.detach().numpy(), len(dense) // layer.filters)
        h = np.maximum(dense @ x.reshape(-1) + bias, 0).reshape(-1, layer.filters)
        starts = range(0, len(h) - layer.pool + 1, layer.pool)
        kept = np.array([i + h[i : i + layer.pool].argmax(0) for i in starts])
        steps.append((x, dense, bias, kept, h.shape))
        x = np.take_along_axis(h, kept, 0)
    pooled = {
        "max": x.max(0),
        "two": np.sort(x, 0)[:-3:-1].T.reshape(-1),
        "mean": x.mean(0),
        "sum": x.sum(0),
    }[over_time]
    dense_layers = [
        [p.detach().numpy() for p in layer.parameters()] for layer in (*model.dense_layers, model.head)
    ]
    inputs = [pooled]
    for weight, bias in dense_layers[:-1]:
        inputs.append(np.maximum(weight @ inputs[-1] + bias, 0))
    found = deep_lrp(model, pad([document]))
    for c, logit in enumerate(dense_layers[-1][0] @ inputs[-1] + dense_layers[-1][1]):
        r = np.eye(3)[c] * logit
        for read, numbers in zip(inputs[::-1], dense_layers[::-1], strict=True):
            r = back(read, *numbers, r, range(len(read)))
        relevance = back_over_time(x, over_time, r)
        for below, dense, bias, kept, shape in reversed(steps):
            outputs = np.zeros(shape)
            np.put_along_axis(outputs, kept, relevance, 0)
            relevance = np.zeros(below.size)
            for j, of_neuron in enumerate(outputs.reshape(-1)):
                first = np.flatnonzero(dense[j])[0]
                window = range(first, first + 2 * below.shape[1])
                relevance += back(below.reshape(-1), dense[j : j + 1], bias[j : j + 1], [of_neuron], window)
            relevance = relevance.reshape(below.shape)
        np.testing.assert_allclose(found.scores[0, :, c], relevance.sum(1), rtol=1e-8, atol=1e-8)


@pytest.fixture
def zennit(monkeypatch):
    """Four of zennit's modules. It imports torchvision for networks that see, of which none is needed here."""
    for name, classes in (("resnet", ("Bottleneck", "BasicBlock", "ResNet")), ("vgg", ("VGG",))):
        module = ModuleType(f"torchvision.models.{name}")
        vars(module).update({one: type(one, (nn.Module,), {}) for one in classes})
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name in ("torchvision", "torchvision.models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    names = ("attribution", "composites", "rules", "types")
    return [pytest.importorskip(f"zennit.{name}") for name in names]


@pytest.mark.parametrize("hidden", [None, 4])
def test_zennit_agrees_where_there_are_no_biases(zennit, hidden):
    """Without biases and with a vanishing stabiliser the rule is LRP-epsilon."""
    attribution, composites, rules, types = zennit
    config = DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 2)), hidden=hidden, dim=3)
    model, tiny = random_deep(config, biases=False), 1e-13
    pooled = [nn.AdaptiveMaxPool1d(1), nn.Flatten()]
    dense = [] if hidden is None else [model.dense, nn.ReLU()]
    layers = [
        model.convs[0],
        nn.ReLU(),
        nn.MaxPool1d(2),
        model.convs[1],
        nn.ReLU(),
        *pooled,
        *dense,
        model.head,
    ]
    rule = composites.LayerMapComposite(
        [(types.Activation, rules.Pass()), (types.Linear, rules.Epsilon(epsilon=tiny))]
    )
    ids = pad(FOUND[:1])
    ours = deep_lrp(model, ids, stabiliser=tiny)
    with attribution.Gradient(nn.Sequential(*layers), rule) as attributor:
        for c in range(3):
            x = model.embed(ids).detach().transpose(1, 2).requires_grad_()
            _, theirs = attributor(x, lambda y, c=c: y * torch.eye(3, dtype=torch.float64)[c])
            torch.testing.assert_close(ours.scores[..., c], theirs.sum(1), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_one_convolution_without_head_bias_is_split_alike_by_three_methods(seed):
    torch.manual_seed(seed)
    model = build(TextCNNConfig((3,), 5, 4, head_bias=False), WORDS, 3).double().eval()
    ids = pad(FOUND)
    traced = trace(model, ids)
    exact = ask("words", model, ids).scores
    close = {"rtol": 1e-8, "atol": 1e-8}
    torch.testing.assert_close(of_trace(lrp, model, ids, stabiliser=1e-14).scores, exact, **close)
    product = gradient_x_input(model, ids).scores
    for row, document in enumerate(FOUND):
        held = min(3, len(document))
        for p in (traced.peaks[row] > 0).nonzero()[:, 0].tolist():
            window = slice(traced.positions[row, p], traced.positions[row, p] + held)
            product[row, window] += model.head.weight[:, p].detach() * model.convs[0].bias[p].item() / held
    torch.testing.assert_close(product, exact, rtol=1e-10, atol=1e-10)


def test_relevance_of_overlapping_pools_meets_in_their_winner():
    h = torch.tensor([[[1.0, 5.0, 2.0, 3.0]]])
    _, places = nn.functional.max_pool1d(h, 2, stride=1, return_indices=True)
    relevance = torch.tensor([[[1.0, 10.0, 100.0]]])
    assert winners(relevance, places, 4).tolist() == [[[0, 11, 0, 100]]]


def test_the_zeros_after_a_short_document_have_no_share():
    torch.manual_seed(2)
    model = build(TextCNNConfig((4,), 3, 2), WORDS, 2).double().eval()
    ids = torch.tensor([[5, 7, 0, 0]])
    found = ask("lrp", model, ids)
    assert (found.scores[0, 2:] == 0).all()
    torch.testing.assert_close(found.scores.sum(1), found.logits)
    assert trace(model, ids).slots.shape == (1, 3, 4)
