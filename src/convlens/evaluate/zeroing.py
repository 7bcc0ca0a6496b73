"""What a model says of a document while the vectors of some of its words are zero.

A word that is zeroed keeps its place: no other word moves, and the document keeps its length (Arras et al. 2016).
"""

from typing import TypeGuard

import torch
from torch import Tensor, nn

from convlens.models import TextCNN, TextModel, all_convolutions

NUMBERS = 2**23  # values of windows, or of layers, held at once: bounds memory


@torch.no_grad()
def logits_of_kept(model: TextModel, ids: Tensor, kept: Tensor) -> Tensor:
    """Word numbers (T,) and rows of words that are kept (R, T) bool -> logits (R, C)."""
    x = model.embed(ids)  # (T, d)
    if _unpadded(model) and len(ids):
        return headed(model, [_peaks_of_kept(*part, kept) for part in slot_products(model, x, len(kept))])
    widest = max([x.shape[1], *(conv.out_channels for conv in all_convolutions(model))])
    rows = max(NUMBERS // (max(len(ids), 1) * widest), 1)
    lengths = torch.full((len(kept),), len(ids), device=x.device)
    whole = zip(torch.split(kept, rows), torch.split(lengths, rows), strict=True)
    return torch.cat([model.classify(x * part[..., None], length) for part, length in whole])


@torch.no_grad()
def logits_along(model: TextModel, ids: Tensor, orders: Tensor) -> Tensor:
    """Word numbers (T,) and orders (O, S) of places, each place once -> logits (O, S + 1, C).

    State s of an order has its first s words zeroed.
    """
    if _unpadded(model) and len(ids):
        parts = slot_products(model, model.embed(ids), len(orders))
        return headed(model, [_peaks_along(*part, orders) for part in parts])
    steps = torch.arange(orders.shape[1] + 1, device=ids.device)[:, None]
    states = []
    for order in orders:
        turn = torch.full((len(ids),), orders.shape[1], device=ids.device)  # when a word goes, if ever
        turn[order] = steps[:-1, 0]
        states.append(logits_of_kept(model, ids, turn >= steps))
    return torch.stack(states)


def _unpadded(model: TextModel) -> TypeGuard[TextCNN]:
    """Whether what windows of words give is all that the model reads: a slot product of each word will do."""
    return isinstance(model, TextCNN) and not model.config.padding.adds


def headed(model: TextCNN, peaks: list[Tensor]) -> Tensor:
    """Peaks of the filters in their order, each (..., F), to logits (..., C)."""
    return model.decide(torch.cat(peaks, -1))


def slot_products(model: TextCNN, x: Tensor, rows: int) -> list[tuple[Tensor, Tensor]]:
    """Products (T', n, F) of words and slots, T' = max(T, n), and biases (F,): some filters of one region at a time."""
    parts = []
    for conv in model.convolutions:
        n = conv.kernel_size[0]
        long = nn.functional.pad(x, (0, 0, 0, max(n - len(x), 0)))  # (T', d)
        size = max(NUMBERS // (len(long) * (n + min(rows, 16))), 1)
        biases = conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias
        for weight, bias in zip(torch.split(conv.weight, size), torch.split(biases, size), strict=True):
            parts.append((torch.einsum("td,fdn->tnf", long, weight), bias))
    return parts


def _peaks_of_kept(products: Tensor, bias: Tensor, kept: Tensor) -> Tensor:
    """Greatest `sum_j kept[r, i + j] products[i + j, j] + bias` over the windows i: (R, F)."""
    words, n, count = products.shape
    windows = words - n + 1
    slots = torch.stack([products[j : j + windows, j] for j in range(n)], 1)  # (W, n, F)
    kept = nn.functional.pad(kept, (0, words - kept.shape[1])).to(products.dtype)
    held = kept.unfold(1, n, 1).transpose(0, 1)  # (W, R, n)
    rows = max(NUMBERS // (windows * count), 1)
    return torch.cat([torch.bmm(part, slots).amax(0) for part in torch.split(held, rows, 1)]) + bias


def _peaks_along(products: Tensor, bias: Tensor, orders: Tensor) -> Tensor:
    """The same for the states of orders (O, S): (O, S + 1, F). A zeroed word moves only its own n windows."""
    words, n, count = products.shape
    windows = words - n + 1
    at_once = max(NUMBERS // (windows * count), 1)
    if len(orders) > at_once:
        return torch.cat([_peaks_along(products, bias, part) for part in torch.split(orders, at_once)])
    slot, row = torch.arange(n, device=orders.device), torch.arange(len(orders), device=orders.device)
    kept = products.new_ones(len(orders), words)
    intact = torch.stack([products[j : j + windows, j] for j in range(n)]).sum(0)  # (W, F)
    values = intact.repeat(len(orders), 1, 1)  # (O, W, F)
    peaks = [values.amax(1)]
    for gone in orders.T:  # (O,)
        kept[row, gone] = 0
        starts = (gone[:, None] - slot).clamp(0, windows - 1)  # (O, n); one beside them is only written again
        places = starts[..., None] + slot  # (O, n, n)
        held = kept[row[:, None, None], places][..., None]
        values[row[:, None], starts] = (held * products[places, slot]).sum(2)
        peaks.append(values.amax(1))
    return torch.stack(peaks, 1) + bias
