"""The global view against eq. 13 of Xu & Du written in plain numbers."""

import math

import numpy as np
import torch
from hypothesis import given
from tests.shallow import documents, models
from torch.utils._python_dispatch import TorchDispatchMode

from convlens.explain import leave_one_out, words
from convlens.explain.leave_one_out import loss_changes
from convlens.models import pad
from convlens.trace import trace


def slow(row: list[float], logits: list[float], label: int) -> float:
    def loss(values: list[float]) -> float:
        return math.log1p(sum(math.exp(v - values[label]) for i, v in enumerate(values) if i != label))

    full = loss(logits)
    change = (loss([o - b for o, b in zip(logits, row, strict=True)]) - full) / full
    return min(max(change, -5), 5)


@given(models(), documents)
def test_scores_are_the_clipped_changes_of_the_loss(model, found):
    traced = trace(model, pad(found))
    scores, shares = leave_one_out(model, traced).scores, words(model, traced).scores
    for row, document in enumerate(found):
        logits = traced.logits[row].tolist()
        if max(logits) - min(logits) > 500:  # beyond the exponential of plain numbers
            continue
        for t in range(len(document)):
            expected = [slow(shares[row, t].tolist(), logits, y) for y in range(model.classes)]
            np.testing.assert_allclose(scores[row, t], expected, rtol=1e-9, atol=1e-9)
    assert (scores[pad(found) == 0] == 0).all()


def test_a_certain_prediction_gives_no_infinite_change():
    shares, logits = torch.tensor([[900.0, 0.0], [0.0, 0.0]]), torch.tensor([900.0, 0.0])
    expected = torch.tensor([[5.0, math.log(2) / 900 - 1], [0, 0]])
    torch.testing.assert_close(loss_changes(shares, logits), expected)


def test_thousands_of_classes_are_scored_in_one_go():
    """Each class of its own would look at millions of pairs for every word."""
    rng = np.random.default_rng(0)
    shares, logits = rng.normal(size=(40, 3000)), rng.normal(size=3000) * 9
    found = loss_changes(torch.from_numpy(shares), torch.from_numpy(logits))
    for row, label in ((0, 0), (7, 2999), (39, int(logits.argmax()))):
        expected = slow(shares[row].tolist(), logits.tolist(), label)
        np.testing.assert_allclose(found[row, label], expected, rtol=1e-9)
    counts = []
    for classes in (3, 3000):
        with Operations() as operations:
            loss_changes(torch.from_numpy(shares[:, :classes]), torch.from_numpy(logits[:classes]))
        counts.append(operations.count)
    assert counts[0] == counts[1]


class Operations(TorchDispatchMode):
    """Counts what torch is asked to do."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += 1
        return function(*args, **(kwargs or {}))
