"""Matrices A and B against the paper's sums, written as slow loops in float64, and their invariants."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.padded import ask, trace
from tests.shallow import WORDS, documents, gates_of, models
from torch import nn

from convlens.explain import METHODS
from convlens.models import TextCNN, TextCNNConfig, pad

EXACT = {name: method for name, method in METHODS.items() if method.sums == "exact"}


def slow(model: TextCNN, document: np.ndarray) -> dict[str, np.ndarray]:
    """Equations 1 to 11 of Xu & Du 2020 for one document, number by number."""
    length, classes = len(document), model.head.out_features
    x = model.embed.weight.detach().numpy()[document]
    head = model.head.weight.detach().numpy()
    b_y = np.zeros(classes) if model.head.bias is None else model.head.bias.detach().numpy()
    k = head.shape[1]
    a, b = np.zeros((k, classes)), np.zeros((length, classes))
    peaks, pooled, places, p, gates = np.zeros(k), np.zeros(k), np.full(k, -1), 0, gates_of(model)
    for conv in model.convs:
        weight, bias = conv.weight.detach().numpy(), conv.bias
        n = weight.shape[2]
        for f in range(weight.shape[0]):
            b_f = 0.0 if bias is None else bias[f].item()
            values = []
            for i in range(max(length - n + 1, min(length, 1))):
                m = min(n, length - i)
                values.append(sum(weight[f, :, j] @ x[i + j] for j in range(m)) + b_f)
            if values:
                places[p] = int(np.argmax(values))
                peaks[p] = values[places[p]]
                pooled[p] = peaks[p] if peaks[p] > 0 and peaks[p] >= gates[p] else 0
                m = min(n, length - places[p])
                for q in range(classes):
                    a[p, q] = head[q, p] * pooled[p] + b_y[q] / k
                    for j in range(m):
                        u = weight[f, :, j] @ x[places[p] + j] + b_f / m if pooled[p] > 0 else 0.0
                        b[places[p] + j, q] += head[q, p] * u + b_y[q] / (k * m)
            p += 1
    logits = head @ pooled + b_y
    return {"ngrams": a, "words": b, "peaks": peaks, "places": places, "logits": logits}


@given(models(), documents)
def test_trace_and_both_matrices_agree_with_the_papers_sums(model, found):
    traced = trace(model, pad(found))
    scores = {name: ask(name, model, pad(found)) for name in EXACT}
    for row, document in enumerate(found):
        expected = slow(model, document)
        np.testing.assert_allclose(traced.logits[row], expected["logits"], rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(traced.peaks[row], expected["peaks"], rtol=1e-10, atol=1e-10)
        gaps = traced.positions[row].numpy() != expected["places"]
        # Two windows whose values differ by less than round-off may swap places.
        if gaps.any():
            continue
        np.testing.assert_allclose(scores["ngrams"].scores[row], expected["ngrams"], atol=1e-10)
        np.testing.assert_allclose(
            scores["words"].scores[row, : len(document)], expected["words"], atol=1e-10
        )


def test_ties_go_to_the_first_place():
    model = TextCNN(TextCNNConfig((2,), 3, 2), WORDS, 2).double()
    document = np.array([3, 4, 3, 4, 3, 4, 3, 4])
    assert trace(model, pad([document])).positions.max() <= 1


@pytest.mark.parametrize("method", EXACT)
@given(model=models(), found=documents)
def test_scores_and_bias_sum_to_the_logits(method, model, found):
    for precision, bound in ((torch.float64, 1e-10), (torch.float32, 1e-5)):
        model.to(precision)
        attribution = ask(method, model, pad(found))
        total = attribution.scores.sum(1) + attribution.bias
        scale = 1 + attribution.scores.abs().sum(1)
        assert ((total - attribution.logits).abs() <= bound * scale).all()


@given(models(), documents, st.randoms(use_true_random=False))
def test_batch_padding_and_order_change_nothing(model, found, random):
    order = list(range(len(found)))
    random.shuffle(order)
    ids = torch.nn.functional.pad(pad([found[i] for i in order]), (0, 3))
    together = ask("words", model, ids)
    for row, i in enumerate(order):
        alone = ask("words", model, pad([found[i]]))
        length = len(found[i])
        torch.testing.assert_close(together.scores[row, :length], alone.scores[0], rtol=1e-12, atol=1e-12)
        assert (together.scores[row, length:] == 0).all()


@given(models(), documents)
def test_slots_and_bias_sum_to_the_peaks(model, found):
    traced = trace(model, pad(found))
    slots = traced.slots.sum(2)
    biases = torch.cat([c.weight.new_zeros(len(c.weight)) if c.bias is None else c.bias for c in model.convs])
    expected = torch.where(traced.positions < 0, 0, slots + biases)
    torch.testing.assert_close(expected, traced.peaks, rtol=1e-10, atol=1e-10)


@given(models(), documents)
def test_training_and_evaluation_pass_see_the_same(model, found):
    ids = pad(found)
    with torch.no_grad():
        quick = model(ids)
    torch.testing.assert_close(model(ids), quick, rtol=1e-10, atol=1e-10)


@given(models(), documents)
def test_gradient_through_the_winners_is_autograds(model, found):
    found = [d for d in found if len(d) >= max(model.config.regions)]
    if not found:
        return
    ids = pad(found)
    loss = model(ids).square().sum()
    ours = torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)
    theirs = torch.autograd.grad(
        plain(model, ids).square().sum(), list(model.parameters()), allow_unused=True
    )
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-8, atol=1e-8)


def plain(model: TextCNN, ids: torch.Tensor) -> torch.Tensor:
    """The textbook forward pass: convolve, mask what touches padding, max, ReLU, head."""
    x = model.embed(ids).transpose(1, 2)
    length = (ids != 0).sum(1)
    pooled = []
    for conv in model.convs:
        values = conv(x)
        place = torch.arange(values.shape[2])
        outside = place[None] > (length - conv.kernel_size[0])[:, None]
        # max, not amax: on ties the gradient goes to the first place only.
        pooled.append(values.masked_fill(outside[:, None], -torch.inf).max(2).values.relu())
    values = torch.cat(pooled, 1)
    return model.head(values * (values >= torch.from_numpy(gates_of(model))))


def test_captums_input_x_gradient_agrees_where_there_are_no_biases():
    captum = pytest.importorskip("captum.attr")
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((2, 3), 5, 4, filter_bias=False, head_bias=False), WORDS, 3).double().eval()
    nn.init.normal_(model.embed.weight)
    with torch.no_grad():
        model.embed.weight[0] = 0
    ids = pad([np.array([3, 4, 5, 6, 7, 2, 9]), np.array([5, 5, 8, 1])])
    lengths = (ids != 0).sum(1)
    method = captum.InputXGradient(lambda x: model.classify(x, lengths))
    ours = ask("words", model, ids)
    for target in range(3):
        theirs = method.attribute(model.embed(ids).detach().requires_grad_(), target=target).sum(2)
        torch.testing.assert_close(ours.scores[:, :, target], theirs.detach(), rtol=1e-10, atol=1e-10)


def test_a_document_of_many_chunks_is_like_one(monkeypatch):
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((1, 3), 6, 3), WORDS, 2).double()
    ids = torch.randint(1, WORDS, (2, 100))
    ids[1, 61:] = 0
    whole = trace(model, ids)
    monkeypatch.setattr("convlens.models.pooling.CHUNK", 7)
    pieces = trace(model, ids)
    assert torch.equal(whole.positions, pieces.positions)
    torch.testing.assert_close(whole.peaks, pieces.peaks, rtol=1e-12, atol=1e-12)


def test_an_empty_document_keeps_the_head_bias():
    model = TextCNN(TextCNNConfig((2,), 3, 2), WORDS, 2).eval()
    for method in ("words", "ngrams"):
        attribution = ask(method, model, pad([np.array([], dtype=np.int64)]))
        assert torch.equal(attribution.bias[0], model.head.bias)
        assert attribution.scores.abs().sum() == 0
