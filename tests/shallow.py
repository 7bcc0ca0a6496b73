"""One-layer models drawn by Hypothesis, and documents for them."""

import numpy as np
import torch
from hypothesis import strategies as st

from convlens.models import TextCNN, TextCNNConfig

WORDS = 12


@st.composite
def models(draw: st.DrawFn, *, gated: bool = True) -> TextCNN:
    """A random float64 model; coarse weights make ties at the max common. With `gated` some have gates."""
    regions = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True))
    filters = tuple(draw(st.integers(1, 4)) for _ in regions)
    config = TextCNNConfig(
        tuple(regions), filters, draw(st.integers(1, 4)), 0.5, 0.5, draw(st.booleans()), draw(st.booleans())
    )
    model = TextCNN(config, WORDS, draw(st.integers(2, 20))).double().eval()
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**20)))
    coarse = draw(st.booleans())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
            if coarse:
                parameter.round_()
        model.embed.weight[0] = 0
    if gated and draw(st.booleans()):  # halves: no value of coarse weights is at its gate by round-off
        gates = torch.randint(0, 8, (len(config.widths),), generator=generator).double() / 2 + 0.25
        model.gates = gates.masked_fill(gates > 3.5, torch.inf)
    return model


def gates_of(model: TextCNN) -> np.ndarray:
    """The gates (k,) of a model, 0 where it has none: the ReLU."""
    return np.zeros(model.head.in_features) if model.gates is None else model.gates.numpy()


documents = st.lists(
    st.lists(st.integers(1, WORDS - 1), max_size=9).map(np.array), min_size=1, max_size=4
).map(lambda found: [d.astype(np.int64) for d in found])
