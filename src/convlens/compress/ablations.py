"""What the values and the order of the first convolution are worth (IMDb filter paper, section 4.1 and table 2)."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from convlens.compress.vocabulary import Trained, settings_of
from convlens.data import Splits
from convlens.filters import first_convolutions
from convlens.models import Classifier, FitConstraints, TextModel, Watch, fit, layered, measure
from convlens.text import WordVectors

ABLATIONS = ("kept", "within", "across", "random")


def ablate(
    classifier: Classifier,
    data: Splits,
    *,
    vectors: WordVectors | None = None,
    seed: int = 0,
    watch: Watch | None = None,
) -> Iterator[Trained]:
    """A model of each kind of `ABLATIONS`: its first convolution set and frozen, the rest trained anew.

    `kept` has the classifier's own first convolution, `within` the same with the columns of each filter (its slots) in
    another order, `across` with the columns of all filters exchanged, `random` a new one. The settings are the
    classifier's, but without batch normalisation, which would scale what is frozen; `vectors` are those it began with.
    """
    for kind in ABLATIONS:
        prepare = partial(_set_first, weights=first_layer(classifier.model), kind=kind, seed=seed)
        ablated = fit(
            data.train,
            replace(settings_of(classifier), model=layered(classifier.model, "an ablation").config),
            vectors=vectors,
            constraints=FitConstraints(prepare=prepare),
            watch=watch,
        )
        yield Trained(kind, 100.0, ablated, measure(ablated, data.test).accuracy)


def first_layer(model: TextModel) -> list[tuple[Tensor, Tensor | None]]:
    """Weights (F, d, n) and biases (F,) of the convolutions that read word vectors."""
    return [
        (conv.weight.detach().clone(), None if conv.bias is None else conv.bias.detach().clone())
        for conv in first_convolutions(model)
    ]


def reordered(weight: Tensor, kind: str, generator: torch.Generator) -> Tensor:
    """Weights (F, d, n) with their columns (d,) in the order that `kind` says."""
    columns = weight.transpose(1, 2)  # (F, n, d)
    filters, n, d = columns.shape
    if kind == "within":
        orders = torch.rand(filters, n, generator=generator).argsort(1)
        columns = columns.gather(1, orders[..., None].expand(-1, -1, d))
    elif kind == "across":
        columns = columns.reshape(filters * n, d)[torch.randperm(filters * n, generator=generator)]
    return columns.reshape(filters, n, d).transpose(1, 2).contiguous()


@torch.no_grad()
def _set_first(
    model: TextModel, *, weights: list[tuple[Tensor, Tensor | None]], kind: str, seed: int
) -> None:
    """Give the first convolutions their weights, unless they stay random, and freeze them."""
    generator = torch.Generator().manual_seed(seed)
    for conv, (weight, bias) in zip(first_convolutions(model), weights, strict=True):
        if kind != "random":
            conv.weight.copy_(reordered(weight, kind, generator))
            if conv.bias is not None and bias is not None:
                conv.bias.copy_(bias)
        conv.requires_grad_(False)
