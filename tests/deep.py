"""Deep models drawn by Hypothesis, documents for them, and settings that learn the toy corpus."""

from dataclasses import replace

import numpy as np
import torch
from hypothesis import strategies as st
from tests.toys import TOY

from convlens.models import ConvLayer, DeepTextCNN, DeepTextCNNConfig

WORDS = 12
DEEP = replace(
    TOY,
    model=DeepTextCNNConfig((ConvLayer(8, 3, 2), ConvLayer(8, 2)), hidden=8, dim=8, dropout=0),
    train=replace(TOY.train, epochs=12, patience=12),
)
documents = st.lists(
    st.lists(st.integers(1, WORDS - 1), max_size=14).map(lambda d: np.array(d, dtype=np.int64)),
    min_size=1,
    max_size=4,
)
numbers = st.integers(1, 3)
layers = st.tuples(numbers, numbers, numbers, numbers).map(
    lambda n: ConvLayer(*n[:3], stride=min(n[1], n[3]))  # at most its kernel
)


@st.composite
def deep_models(draw: st.DrawFn) -> DeepTextCNN:
    """A random float64 model of up to three layers."""
    config = DeepTextCNNConfig(
        tuple(draw(st.lists(layers, min_size=1, max_size=3))),
        hidden=draw(st.none() | st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))),
        sigmoid=draw(st.booleans()),
        dim=draw(st.integers(1, 3)),
    )
    if draw(st.booleans()):
        config = replace(config, length=config.field + draw(st.integers(0, 5)))
    else:
        config = replace(config, over_time=draw(st.sampled_from(["max", "mean", "sum"])))
        config = replace(config, k=draw(st.integers(1, 3)) if config.over_time == "max" else 1)
    model = DeepTextCNN(config, WORDS, 2 if config.sigmoid else draw(st.integers(2, 4))).double().eval()
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**20)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        model.embed.weight[0] = 0
    return model
