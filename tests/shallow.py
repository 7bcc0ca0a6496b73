"""One-layer models drawn by Hypothesis, and documents for them."""

from dataclasses import replace

import numpy as np
import torch
from hypothesis import strategies as st

from convlens.errors import InputError
from convlens.models import ACTIVATIONS, Padding, TextCNN, TextCNNConfig

WORDS = 12
REGIONS = (1, 2, 3, 5)  # few sizes: kernels are compiled for each


@st.composite
def paddings(draw: st.DrawFn, regions: tuple[int, ...]) -> Padding:
    """Padding that fits region sizes; often none."""
    if draw(st.booleans()):
        return Padding()
    side, few = st.sampled_from(["left", "right"]), st.integers(0, 3)
    length = draw(st.none() | st.integers(1, 8))
    zeros = draw(
        st.sampled_from(["none", "same", "full"]) | st.tuples(*(st.tuples(few, few) for _ in regions))
    )
    least, before, after = 0 if length else draw(st.integers(0, 8)), draw(few), draw(few)
    trained = bool(length or least or before or after) and draw(st.booleans())
    padding = Padding(length, least, before, after, draw(side), draw(side), zeros, trained)
    try:
        padding.check(regions)
    except InputError:
        return replace(padding, length=None, least=max(regions))
    return padding


@st.composite
def models(draw: st.DrawFn, *, gated: bool = True, padded: bool = False, wide: bool = False) -> TextCNN:
    """A random float64 model; coarse weights make ties at the max common. With `gated` some have gates, with `padded` padding,
    with `wide` other activations, dense layers or one logit."""
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=1, max_size=4, unique=True))
    filters = tuple(draw(st.integers(1, 4)) for _ in regions)
    config = TextCNNConfig(
        tuple(regions), filters, draw(st.integers(1, 4)), 0.5, 0.5, draw(st.booleans()), draw(st.booleans())
    )
    if padded:
        config = replace(config, padding=draw(paddings(config.regions)))
    classes = draw(st.integers(2, 20))
    if wide:
        activation = draw(st.sampled_from(list(ACTIVATIONS)))
        hidden = tuple(draw(st.lists(st.integers(1, 5), max_size=2)))
        one_logit = draw(st.booleans())
        config = replace(config, activation=activation, hidden=hidden, one_logit=one_logit)
        if draw(st.booleans()):
            config = replace(config, dilation=tuple(n - 1 if n > 2 else 1 for n in config.regions))
        gated, classes = gated and activation == "relu", 2 if one_logit else classes
    model = TextCNN(config, WORDS, classes).double().eval()
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**20)))
    coarse = draw(st.booleans())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
            if coarse:
                parameter.round_()
        if not config.padding.trained:
            model.embed.weight[0] = 0
        for conv, step in zip(model.convolutions, config.dilations, strict=True):
            conv.weight[:, :, [slot for slot in range(conv.kernel_size[0]) if slot % step]] = 0
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
