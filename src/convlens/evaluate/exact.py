"""The order of deletion that asks anew after every word: what no ranking of the intact document can be sure to reach."""

from collections.abc import Sequence

import torch
from torch import Tensor

from convlens.evaluate.zeroing import headed, logits_of_kept, slot_products
from convlens.explain import peaks_without_each
from convlens.models import TextCNN, TextModel


@torch.no_grad()
def exact_order(model: TextModel, ids: Tensor, truth: int, sign: int, deletions: int) -> Tensor:
    """Word numbers (T,) -> places (min(deletions, T),), each word once.

    The next word is the one without which, and without those before it, the margin `y_truth - max_c y_c` over the
    other classes is least (`sign` 1), or greatest (-1); of equals the first.
    """
    products = slot_products(model, model.embed(ids), 1) if isinstance(model, TextCNN) and len(ids) else []
    left = torch.ones(len(ids), dtype=torch.bool, device=ids.device)
    order = torch.empty(min(deletions, len(ids)), dtype=torch.long, device=ids.device)
    for s in range(len(order)):
        margins = _margins(_logits_without_each(model, ids, left, products), truth)
        order[s] = chosen = (sign * margins).masked_fill(~left, torch.inf).argmin()
        left[chosen] = False
        for part, _ in products:
            part[chosen] = 0
    return order


def _logits_without_each(
    model: TextModel, ids: Tensor, left: Tensor, products: Sequence[tuple[Tensor, Tensor]]
) -> Tensor:
    """Logits (T, C) of what is `left` without each word in turn; the `products` of words that are gone are 0."""
    if isinstance(model, TextCNN) and products:
        return headed(model, [_without_each(part)[: len(ids)] + bias for part, bias in products])
    others = ~torch.eye(len(ids), dtype=torch.bool, device=ids.device)
    return logits_of_kept(model, ids, left & others)


def _margins(logits: Tensor, truth: int) -> Tensor:
    others = logits.clone()
    others[:, truth] = -torch.inf
    return logits[:, truth] - others.amax(1)


def _without_each(products: Tensor) -> Tensor:
    """Products (T', n, F) of words and slots -> the filters' peaks without each word in turn, biases apart: (T', F)."""
    words, n, _ = products.shape
    windows = words - n + 1
    sums = torch.stack([products[j : j + windows, j] for j in range(n)]).sum(0)
    return peaks_without_each(products[None], sums[None])[0]
