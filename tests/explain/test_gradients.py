"""Gradient methods against Captum, finite differences and the network's biases, for both model families."""

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, Saliency
from hypothesis import given
from hypothesis import strategies as st
from tests.deep import WORDS, deep_models, documents
from tests.padded import ask, of_trace
from tests.shallow import documents as found_documents
from tests.shallow import models

from convlens.explain import METHODS, gradients, slots
from convlens.explain.deep_gradients import gradient_x_input, sensitivity, sensitivity_l2
from convlens.models import FAMILIES, ConvLayer, DeepTextCNNConfig, TextCNNConfig, build, pad

CLOSED = {
    gradient_x_input: "gradient-x-input",
    sensitivity: "sensitivity",
    sensitivity_l2: "sensitivity-l2",
}
FUNCTIONS = tuple(CLOSED)
DOCUMENTS = [np.array(d, dtype=np.int64) for d in ([3, 9, 4, 1, 7, 2, 11], [5, 8], [6], [])]
CONFIGS = {
    "one layer": TextCNNConfig((1, 3), (4, 2), 3),
    "over time": DeepTextCNNConfig((ConvLayer(4, 2, 2), ConvLayer(3, 2)), hidden=3, dim=3),
    "flat": DeepTextCNNConfig((ConvLayer(4, 3), ConvLayer(3, 1, 2)), length=6, sigmoid=True, dim=3),
}


@pytest.fixture(params=CONFIGS)
def model(request):
    torch.manual_seed(3)
    made = build(CONFIGS[request.param], WORDS, 2).double().eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, dtype=torch.float64))
        made.embed.weight[0] = 0
    return made


def test_scores_are_those_of_captum(model):
    ids = pad(DOCUMENTS)
    x, lengths = model.embed(ids).detach(), (ids != 0).sum(1)
    for target in range(2):
        given = {"inputs": x.clone().requires_grad_(), "target": target, "additional_forward_args": lengths}
        product = InputXGradient(model.classify).attribute(**given).sum(2)
        slopes = Saliency(model.classify).attribute(**given, abs=False).masked_fill((ids == 0)[..., None], 0)
        torch.testing.assert_close(gradient_x_input(model, ids).scores[..., target], product)
        torch.testing.assert_close(sensitivity(model, ids).scores[..., target], slopes.square().sum(2))
        torch.testing.assert_close(sensitivity_l2(model, ids).scores[..., target], slopes.norm(dim=2))


@torch.no_grad()
def test_scores_are_those_of_finite_differences(model):
    """No word stands twice, so that no two windows tie and the logits are straight around the document."""
    step = 1e-5
    for document in DOCUMENTS[:3]:
        ids = pad([document])
        x, lengths = model.embed(ids), torch.tensor([len(document)])
        slopes = torch.zeros(*x.shape[1:], 2, dtype=torch.float64)
        for t in range(x.shape[1]):
            for d in range(x.shape[2]):
                up, down = x.clone(), x.clone()
                up[0, t, d] += step
                down[0, t, d] -= step
                slopes[t, d] = (model.classify(up, lengths) - model.classify(down, lengths))[0] / (2 * step)
        product = (slopes * x[0, :, :, None]).sum(1)
        torch.testing.assert_close(gradient_x_input(model, ids).scores[0], product, atol=1e-7, rtol=1e-7)
        torch.testing.assert_close(
            sensitivity(model, ids).scores[0], slopes.square().sum(1), rtol=1e-6, atol=1e-7
        )


@given(deep_models(), documents)
def test_what_the_words_leave_is_what_the_biases_contribute(model, found):
    for document in found:
        attribution = gradient_x_input(model, pad([document]))
        biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
        for c, logit in enumerate(model(pad([document]))[0]):
            slopes = torch.autograd.grad(logit, biases, retain_graph=True)
            expected = sum((slope * b).sum() for slope, b in zip(slopes, biases, strict=True))
            torch.testing.assert_close(attribution.bias[0, c], expected.detach(), rtol=1e-9, atol=1e-9)


@given(models(), found_documents)
def test_closed_forms_are_equal_to_the_backward_pass(model, found):
    ids = torch.nn.functional.pad(pad(found), (0, 2))
    for function in FUNCTIONS:
        closed = ask(CLOSED[function], model, ids)
        generic = function(model, ids)
        for ours, theirs in zip(vars(closed).values(), generic[:3], strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_thousands_of_classes_take_few_products(monkeypatch):
    torch.manual_seed(1)
    model = build(TextCNNConfig((2, 3), 4, 3), WORDS, 2000).eval()
    calls, squared = [], np.square
    monkeypatch.setattr(np, "square", lambda *given, **more: calls.append(1) or squared(*given, **more))
    whole = ask("sensitivity", model, pad(DOCUMENTS)).scores
    assert len(calls) == 1
    monkeypatch.setattr(gradients, "NUMBERS", 20_000)
    torch.testing.assert_close(ask("sensitivity", model, pad(DOCUMENTS)).scores, whole)
    assert 1 < len(calls) - 1 < 1000


@given(models(), found_documents, st.booleans())
def test_kernels_give_words_the_same_as_arrays(model, found, single):
    model = model.float() if single else model
    ids, close = pad(found), {"rtol": 1e-4, "atol": 1e-4} if single else {"rtol": 1e-10, "atol": 1e-10}
    for name in ("sensitivity", "gradient-x-input", "lrp", "words"):
        plain = ask(name, model, ids).scores
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(slots, "FEW", 0)
            torch.testing.assert_close(ask(name, model, ids).scores, plain, **close)
    targets = np.zeros(len(found), np.int64)
    plain = of_trace(gradients.slopes, model, ids, targets=targets).scores
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slots, "FEW", 0)
        torch.testing.assert_close(
            of_trace(gradients.slopes, model, ids, targets=targets).scores, plain, **close
        )


def test_without_biases_one_layer_is_split_as_by_matrix_b():
    torch.manual_seed(1)
    config = TextCNNConfig((2, 3), 4, 3, filter_bias=False, head_bias=False)
    model = build(config, WORDS, 3).double().eval()
    ids = pad(DOCUMENTS)
    torch.testing.assert_close(gradient_x_input(model, ids).scores, ask("words", model, ids).scores)
    torch.testing.assert_close(gradient_x_input(model, ids).bias, torch.zeros(4, 3, dtype=torch.float64))


@pytest.mark.parametrize("method", FUNCTIONS)
@given(model=deep_models(), found=documents, random=st.randoms(use_true_random=False))
def test_batch_and_order_change_nothing_and_padding_has_no_score(method, model, found, random):
    order = list(range(len(found)))
    random.shuffle(order)
    ids = torch.nn.functional.pad(pad([found[i] for i in order]), (0, 3))
    together = method(model, ids)
    assert (together.scores[ids == 0] == 0).all()
    for row, i in enumerate(order):
        alone = method(model, pad([found[i]]))
        length = len(found[i])
        torch.testing.assert_close(together.scores[row, :length], alone.scores[0], rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(together.bias[row], alone.bias[0], rtol=1e-9, atol=1e-9)


def test_dropout_has_no_part_in_it(model):
    ids, expected = pad(DOCUMENTS), gradient_x_input(model, pad(DOCUMENTS))
    assert torch.equal(gradient_x_input(model.train(), ids).scores, expected.scores)


def test_the_method_of_a_family_answers_for_it():
    for name, family in FAMILIES.items():
        assert name in METHODS[family.method].families
