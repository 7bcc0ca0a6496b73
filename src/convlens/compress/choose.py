"""Thresholds of their own for each filter: as many n-grams dropped as the validation rows allow."""

import torch
from torch import Tensor

from convlens.compress.head_inputs import HeadInputs
from convlens.compress.purity import between
from convlens.models import gated

PRICES = tuple(10 ** (i / 2) for i in range(-9, -1))  # of a dropped n-gram, in mean losses of the model
PASSES = 2  # over all filters
FOLDS = 5


def choose_gates(validation: HeadInputs) -> Tensor:
    """Gates (k,) that drop many n-grams and keep the accuracy on validation rows.

    Each price that a dropped n-gram may cost gives gates (`priced_gates`). What a price does is measured on rows that
    its gates were not found on: they are found on four fifths of the rows and measured on the last, in turns. The
    highest price that keeps the accuracy there, as `HeadInputs.keeps` has it, finds the gates on all rows. Without any,
    nothing is dropped.
    """
    validation.check_linear()
    unit = validation.loss(validation.logits)
    if len(validation.pooled) < FOLDS:
        return torch.zeros_like(validation.pooled[0])
    for price in reversed(PRICES):
        if validation.keeps(_crossed(validation, price * unit)):
            return priced_gates(validation, price * unit)
    return torch.zeros_like(validation.pooled[0])


def _crossed(inputs: HeadInputs, price: float) -> Tensor:
    """Logits (D, C) of each fold of the rows with gates found on the others."""
    fold = torch.arange(len(inputs.pooled), device=inputs.pooled.device) % FOLDS
    logits = torch.empty_like(inputs.logits)
    for left_out in range(FOLDS):
        gates, other = priced_gates(inputs.take(fold != left_out), price), inputs.take(fold == left_out)
        logits[fold == left_out] = other.logits_of(gated(other.pooled, gates))
    return logits


@torch.no_grad()
def priced_gates(inputs: HeadInputs, price: float) -> Tensor:
    """Gates (k,) for which no filter by itself could lower `sum of losses - price x dropped n-grams` any further.

    Without a filter's value a document's loss changes by an amount that no other document has a part in. So the best
    gate of one filter is the end of the run of its values, in rising order, with the lowest sum of `change of the
    loss - price`: one cumulative sum. Filters take turns, `PASSES` times.
    """
    weight, pooled = inputs.model.head.weight.double().T, inputs.pooled.double()
    order = pooled.argsort(dim=0, stable=True)  # (D, k)
    gates, logits = torch.zeros_like(inputs.pooled[0]), inputs.logits.double()
    for _ in range(PASSES):
        before = gates.clone()
        for f in range(len(gates)):
            part = pooled[:, f, None] * weight[f]  # (D, C)
            without = logits - part * (pooled[:, f] >= gates[f])[:, None]
            change = (
                _losses(without, inputs.truth)
                - _losses(without + part, inputs.truth)
                - price * (pooled[:, f] > 0)
            )
            gates[f] = _best(inputs.pooled[:, f], change, order[:, f])
            logits = without + part * (inputs.pooled[:, f] >= gates[f])[:, None]
        if torch.equal(before, gates):
            break
    return gates


def _losses(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross entropy of each document: (D,)."""
    return torch.nn.functional.cross_entropy(logits, truth, reduction="none")


def _best(values: Tensor, change: Tensor, order: Tensor) -> Tensor:
    """The gate of one filter, between its values (D,): argmin over t of the summed loss change of documents with value < t."""
    ordered = values[order]
    last = torch.cat(
        [ordered[1:] > ordered[:-1], torch.ones_like(order[:1], dtype=torch.bool)]
    )  # of its equals
    sums = change[order].cumsum(0).masked_fill(~last, torch.inf)
    count = 0 if sums.min() >= 0 else int(sums.argmin()) + 1
    if count == 0:
        return values.new_zeros(())
    threshold = ordered[count] if count < len(ordered) else ordered.new_tensor(torch.inf)
    return between(values[:, None], threshold[None])[0]
