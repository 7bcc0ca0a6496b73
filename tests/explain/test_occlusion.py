"""Occlusion and greedy removal against running the model again, word by word."""

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from tests.deep import deep_models
from tests.deep import documents as deep_documents
from tests.padded import ask
from tests.shallow import WORDS, documents, models

from convlens.explain import deep_occlusion
from convlens.explain.occlusion import STEPS
from convlens.models import TextCNNConfig, build, pad

BOTH = ((torch.float64, 1e-10), (torch.float32, 1e-5))


@torch.no_grad()
def slow(model, document: np.ndarray) -> torch.Tensor:
    """One pass for each word, its vector zero: (L, C)."""
    if not len(document):
        return torch.zeros(0, model.classes, dtype=model.head.weight.dtype)
    x = model.embed(pad([document])).repeat(len(document) + 1, 1, 1)
    for t in range(len(document)):
        x[t + 1, t] = 0
    logits = model.classify(x, torch.full((len(x),), len(document)))
    return logits[:1] - logits[1:]


@settings(max_examples=20)
@given(models(), documents)
def test_the_closed_form_is_the_model_run_again(model, found):
    for precision, bound in BOTH:
        model.to(precision)
        ids = torch.nn.functional.pad(pad(found), (0, 2))
        scores = ask("occlusion", model, ids).scores
        scale = 1 + sum(conv.weight.abs().sum().item() for conv in model.convs)
        for row, document in enumerate(found):
            close = {"rtol": bound, "atol": bound * scale}
            torch.testing.assert_close(scores[row, : len(document)], slow(model, document), **close)
            assert (scores[row, len(document) :] == 0).all()


@settings(max_examples=20)
@given(deep_models(), deep_documents)
def test_deep_models_are_run_again(model, found):
    ids = torch.nn.functional.pad(pad(found), (0, 2))
    scores = deep_occlusion(model, ids).scores
    for row, document in enumerate(found):
        torch.testing.assert_close(
            scores[row, : len(document)], slow(model, document), rtol=1e-10, atol=1e-10
        )
        assert (scores[row, len(document) :] == 0).all()


def made(seed: int = 4):
    torch.manual_seed(seed)
    return build(TextCNNConfig((1, 3, 4), (3, 5, 2), 6), WORDS, 3).double().eval()


def test_memory_is_bounded_whatever_the_documents(monkeypatch):
    model = made()
    ids = torch.randint(1, WORDS, (5, 40))
    ids[1, 7:] = 0
    whole = ask("occlusion", model, ids).scores
    for numbers in (40 * 8 * 3, 1):  # some filters of one document; one filter
        monkeypatch.setattr(sys.modules["convlens.trace.without"], "NUMBERS", numbers)
        torch.testing.assert_close(ask("occlusion", model, ids).scores, whole, rtol=1e-12, atol=1e-12)


@torch.no_grad()
def slow_order(model, document: np.ndarray, target: int) -> list[int]:
    """The words in the order of removal, every remaining word tried at every step."""
    x, lengths = model.embed(pad([document])), torch.tensor([len(document)])
    order = []
    while len(order) < len(document):
        left = {}
        for t in set(range(len(document))) - set(order):
            without = x.clone()
            without[0, t] = 0
            left[t] = round(model.classify(without, lengths)[0, target].item(), 9)
        order.append(min(sorted(left), key=lambda t: left[t]))
        x[0, order[-1]] = 0
    return order


@settings(max_examples=20)
@given(models(), documents)
def test_greedy_removes_what_hurts_most_each_time(model, found):
    scores = ask("greedy", model, torch.nn.functional.pad(pad(found), (0, 2))).scores
    for row, document in enumerate(found):
        assert (scores[row, len(document) :] == 0).all()
        expected = slow_order(model, document, 1)
        places = (1 - scores[row, : len(document), 1]) * len(document)
        assert [round(p) for p in places[expected].tolist()] == list(range(len(document)))


@pytest.mark.parametrize("name", ["TextCNN", "DeepTextCNN"])
def test_both_families_are_thinned_out_alike(name, classifier, deep_classifier):
    model = classifier.model if name == "TextCNN" else deep_classifier.model
    document = torch.randint(2, 9, (7,), generator=torch.Generator().manual_seed(1)).numpy()
    scores = ask("greedy", model, pad([document])).scores[0]
    for target in range(2):
        order = slow_order(model.double(), document, target)
        model.float()
        found = scores[:, target].argsort(descending=True, stable=True).tolist()
        x, lengths = model.embed(pad([document])), torch.tensor([7])
        for a, b in zip(order, found, strict=True):  # another word only where both are worth the same
            one, other = x.clone(), x.clone()
            one[0, a], other[0, b] = 0, 0
            pair = model.classify(one, lengths)[0, target], model.classify(other, lengths)[0, target]
            torch.testing.assert_close(*pair, atol=1e-5, rtol=1e-5)
            x = other


def test_words_beyond_the_last_step_follow_by_their_effect(monkeypatch):
    model, document = made(), np.array([3, 9, 4, 1, 7, 2, 11, 5, 8])
    ids = pad([document])
    monkeypatch.setattr(sys.modules["convlens.explain.occlusion"], "STEPS", 0)
    scores = ask("greedy", model, ids).scores[0, :, 0]
    effect = ask("occlusion", model, ids).scores[0, :, 0]
    assert scores.argsort(descending=True).tolist() == effect.argsort(descending=True, stable=True).tolist()
    assert sorted(scores.tolist()) == pytest.approx([i / 9 for i in range(1, 10)])
    assert STEPS > 10
