"""Deep models drawn by Hypothesis, documents for them, and settings that learn the toy corpus."""

from dataclasses import replace

import numpy as np
import torch
from hypothesis import strategies as st
from tests.toys import TOY

from convlens.models import Branch, ConvLayer, DeepTextCNN, DeepTextCNNConfig, TextCNN

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
def branches(draw: st.DrawFn, kinds: list[str]) -> Branch:
    """A stack beside the first."""
    over_time = draw(st.sampled_from(kinds))
    stack = tuple(draw(st.lists(layers, min_size=1, max_size=2)))
    return Branch(stack, over_time, draw(st.integers(1, 3)) if over_time == "max" else 1)


@st.composite
def deep_models(draw: st.DrawFn, *, beside: int = 2, winning: bool = False) -> DeepTextCNN:
    """A random float64 model of up to three layers, and up to so many stacks beside them; `winning`: all take the max over time."""
    config = DeepTextCNNConfig(
        tuple(draw(st.lists(layers, min_size=1, max_size=3))),
        hidden=draw(st.none() | st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))),
        sigmoid=draw(st.booleans()),
        dim=draw(st.integers(1, 3)),
    )
    kinds = ["max"] if winning else ["max", "mean", "sum"]
    if not winning and draw(st.booleans()):
        config = replace(config, length=config.field + draw(st.integers(0, 5)))
    else:
        config = replace(config, over_time=draw(st.sampled_from(kinds)))
        config = replace(config, k=draw(st.integers(1, 3)) if config.over_time == "max" else 1)
        config = replace(config, beside=tuple(draw(st.lists(branches(kinds), max_size=beside))))
    model = DeepTextCNN(config, WORDS, 2 if config.sigmoid else draw(st.integers(2, 4))).double().eval()
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**20)))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        model.embed.weight[0] = 0
    return model


def in_stacks(model: TextCNN) -> DeepTextCNN:
    """The same network with a stack of one layer for each region size."""
    first, *others = [
        (ConvLayer(count, n),) for count, n in zip(model.config.counts, model.config.regions, strict=True)
    ]
    config = DeepTextCNNConfig(first, dim=model.config.dim, beside=tuple(Branch(one) for one in others))
    deep = DeepTextCNN(config, model.embed.num_embeddings, model.classes).double().eval()
    names = {f"convs.{i}.": f"beside.{i - 1}.convs.0." for i in range(1, len(others) + 1)}
    weights = model.state_dict()
    for old, new in names.items():
        weights = {name.replace(old, new) if name.startswith(old) else name: w for name, w in weights.items()}
    deep.load_state_dict(weights)
    return deep
