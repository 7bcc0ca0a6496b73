"""Thresholds of filters by purity (Jacovi et al. 2018, section 4): from which value on a filter tells its class."""

from collections.abc import Sequence

import polars as pl
import torch
from torch import Tensor

from convlens.compress.head_inputs import HeadInputs
from convlens.errors import InputError
from convlens.filters import filter_classes
from convlens.models import PURITY, TextCNN, gated, lowest_pure


def identities(model: TextCNN) -> tuple[Tensor, Tensor]:
    """The class of each filter, which has its greatest head weight, and by how much it is greater than the next: (k,)."""
    classes, _, above = filter_classes(model)
    device = model.head.weight.device
    return torch.from_numpy(classes).to(device), torch.from_numpy(above).to(device)


def purity_curve(inputs: HeadInputs, filter: int) -> pl.DataFrame:
    """`threshold`, `purity` and `coverage` of one filter, for each value that it pools on a document with words.

    Purity is the share, among the documents on which it pools as much or more, of those predicted to be of its
    class; coverage the share of these documents among all that have words. As on cards, a pooled value of 0 is what the ReLU
    stopped: it passes no threshold, and the threshold 0 covers what pools more.
    """
    values, agrees = _pairs(inputs)
    ordered = values[:, filter].sort(descending=True)
    share = agrees[ordered.indices, filter].double().cumsum(0) / torch.arange(1, len(values) + 1)
    frame = pl.DataFrame({"threshold": ordered.values.numpy(), "purity": share.numpy()})
    passing = pl.min_horizontal(pl.int_range(1, pl.len() + 1), (pl.col("threshold") > 0).sum())
    frame = frame.with_columns(coverage=passing / max(len(values), 1))
    return frame.group_by("threshold").last().sort("threshold")


def gates_of_purity(inputs: HeadInputs, purity: float) -> Tensor:
    """For each filter a gate (k,) that lets its values pass from the lowest threshold of such purity on; else inf."""
    if not 0 <= purity <= 1:
        raise InputError(f"purity is a share from 0 to 1, got {purity:g}: Jacovi et al. use 0.75")
    inputs.check_linear()
    values, agrees = _pairs(inputs)
    if not len(values):
        return torch.full((inputs.pooled.shape[1],), torch.inf, device=inputs.pooled.device)
    return between(values, lowest_pure(values, agrees, purity))


def renew_thresholds(inputs: HeadInputs) -> None:
    """Find the thresholds of the filters of `inputs.model` anew, which its predictions on these documents decide."""
    values, agrees = _pairs(inputs)
    none = torch.full((inputs.pooled.shape[1],), torch.inf).to(inputs.pooled)
    inputs.model.thresholds = lowest_pure(values, agrees, PURITY) if len(values) else none


def between(values: Tensor, thresholds: Tensor) -> Tensor:
    """Gates half way from the next lower value of (D, k) to the thresholds (k,), 0 where nothing is lower.

    So the same values pass, and another backend's round-off turns none of them away.
    """
    lower = values.masked_fill(values >= thresholds, -torch.inf).max(0).values
    gates = torch.where(lower.isinf(), torch.zeros_like(lower), (lower + thresholds) / 2)
    return gates.masked_fill(thresholds.isinf(), torch.inf)


def sweep(train: HeadInputs, test: HeadInputs, purities: Sequence[float]) -> pl.DataFrame:
    """Figure 1: one row for the ReLU (`purity` null) and one for each purity, with thresholds found on `train`."""
    none = torch.zeros_like(train.pooled[0])
    rows = [{"purity": None, **measured(train, test, none)}]
    rows += [{"purity": p, **measured(train, test, gates_of_purity(train, p))} for p in purities]
    return pl.DataFrame(rows, schema_overrides={"purity": pl.Float64})


def measured(train: HeadInputs, test: HeadInputs, gates: Tensor) -> dict[str, float | int]:
    """What gates do: loss in training, test accuracy, mean coverage, and the n-grams dropped that passed before.

    `coverage` is the share of all pooled values of the test documents that pass, `dropped` the share of those that
    the model as it is lets pass and the gates do not, `off` the filters that nothing passes any more.
    """
    passing = gated(test.pooled, gates) > 0
    before = (test.pooled > 0).sum().item()
    logits = test.logits_of(gated(test.pooled, gates))
    return {
        "train_loss": train.loss(train.logits_of(gated(train.pooled, gates))),
        "test_accuracy": test.accuracy(logits),
        "coverage": passing[test.filled].double().mean().item() if test.filled.any() else 0.0,
        "dropped": 1 - passing.sum().item() / before if before else 0.0,
        "off": int((gates == torch.inf).sum()),
    }


def _pairs(inputs: HeadInputs) -> tuple[Tensor, Tensor]:
    """The threshold data sets: pooled values, and whether the prediction is the filter's class, both (D', k)."""
    agrees = inputs.logits.argmax(1)[:, None] == identities(inputs.model)[0]
    return inputs.pooled[inputs.filled], agrees[inputs.filled]
