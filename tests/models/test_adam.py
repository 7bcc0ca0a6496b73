"""Adam by rows leaves what torch's Adam over the whole matrix leaves."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convlens.models.adam import LazyAdam

CLOSE = {torch.float32: {"rtol": 1e-5, "atol": 2e-6}, torch.float64: {"rtol": 1e-9, "atol": 1e-9}}


def adam(weight, decay):
    return torch.optim.Adam([weight], lr=0.01, weight_decay=decay)


def train(epochs, rows, dim, dtype, decay):
    """The matrix and its moments after epochs of touched rows, by rows and by torch over all; both read as they go."""
    rng = np.random.default_rng(rows)
    start = torch.from_numpy(rng.normal(size=(rows, dim))).to(dtype)
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    optimizers = adam(ours, decay), adam(theirs, decay)
    for epoch in epochs:
        by_rows = LazyAdam(optimizers[0], ours, len(epoch))
        for touched in epoch:
            words = np.array(sorted(touched), dtype=np.int64)
            by_rows.sync(words)
            torch.testing.assert_close(ours[words], theirs[words], **CLOSE[dtype])
            gradient = torch.from_numpy(rng.normal(size=(len(words), dim))).to(dtype)
            by_rows.step(words, gradient)
            theirs.grad = torch.zeros_like(theirs)
            theirs.grad[words] = gradient
            optimizers[1].step()
        by_rows.flush()
    return [(weight.detach(), o.state[weight]) for weight, o in zip((ours, theirs), optimizers, strict=True)]


def check(found, dtype):
    (ours, state), (theirs, expected) = found
    torch.testing.assert_close(ours, theirs, **CLOSE[dtype])
    assert state["step"] == expected["step"]
    for name in ("exp_avg", "exp_avg_sq"):
        torch.testing.assert_close(state[name], expected[name], **CLOSE[dtype])


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.sets(st.integers(0, 6)), min_size=1, max_size=12), min_size=1, max_size=3),
    st.integers(1, 20),
    st.sampled_from(list(CLOSE)),
    st.sampled_from([0.0, 0.01]),
)
def test_any_rows_touched_in_any_order(epochs, dim, dtype, decay):
    check(train(epochs, 7, dim, dtype, decay), dtype)


@settings(max_examples=10)
@given(st.integers(0, 600), st.integers(0, 600), st.sampled_from([0.0, 0.01]))
def test_rows_that_come_back_when_their_momentum_has_died_out(first, second, decay):
    gaps = [[{0}, *[{1}] * first, {0, 1}, *[{1}] * second]]
    check(train(gaps, 3, 4, torch.float32, decay), torch.float32)


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_rows_that_no_batch_touches(decay):
    (ours, _), (theirs, _) = train([[{0}] * 30], 2, 3, torch.float64, decay)
    torch.testing.assert_close(ours, theirs)
    assert torch.equal(ours[1], theirs[1]) or decay
