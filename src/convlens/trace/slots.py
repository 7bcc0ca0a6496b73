"""Slot products `<E[v], W_f[:, j]>` of a filter or a region, and scores as sums of them."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from convlens.arrays import Floats, Ints
from convlens.models import Reading, TextCNN

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


@torch.no_grad()
def filter_column(model: TextCNN, number: int, table: "SlotTable | None" = None) -> Floats:
    """What every word of the vocabulary gives every slot of one filter, `T[v, j] = <E[v], w_j>`: (V, n).

    Read from a table of the whole vocabulary where one is kept, else multiplied in the model's number type.
    """
    region, lane = home(model, number)
    if table is not None and len(table.words) == model.embed.num_embeddings:
        from convlens.kernels.vectors import LANES

        for part, entries in table.kept.items():
            if part.region == region:
                block: Floats = entries[lane // LANES].reshape(-1, model.config.regions[region], LANES)
                return block[:, :, lane % LANES]
    weight = model.convolutions[region].weight[lane]  # (d, n)
    return (model.embed.weight @ weight).cpu().numpy()


@torch.no_grad()
def region_slots(model: TextCNN, region: int, words: Ints) -> Floats:
    """What each word, or zero vector of a convolution, gives each slot of a region's filters, `T[v, j, f]`: (words, n, F)."""
    vocabulary = model.embed.num_embeddings
    known = np.minimum(words, vocabulary - 1)
    vectors = model.embed.weight[torch.from_numpy(known).to(model.embed.weight.device)]
    weight = model.convolutions[region].weight  # (F, d, n)
    products = vectors @ weight.permute(1, 2, 0).flatten(1)
    slots: Floats = products.view(len(words), weight.shape[2], len(weight)).cpu().numpy()
    if (known < words).any():
        zeros = Reading(model.config.padding, model.config.regions, vocabulary).slots(region, 1)
        slots[known < words] = zeros[words[known < words] - vocabulary, :, None]
    return slots


def home(model: TextCNN, number: int) -> tuple[int, int]:
    """The place of a filter's region among the regions, and of the filter among those of its region."""
    for region, count in enumerate(model.config.counts):
        if number < count:
            return region, number
        number -= count
    raise IndexError(number)


def read_slots(column: Floats, words: Ints) -> Floats:
    """Slot activations of n-grams (M, n) under the filter of a column (V, n): (M, n)."""
    return column[words, np.arange(words.shape[1])]


def summed(slots: Floats, bias: float) -> Floats:
    """Scores of n-grams from their slot activations (M, n): (M,), added in the kernels' order, so to the same bits."""
    total = slots[:, 0]
    for j in range(1, slots.shape[1]):
        total = total + slots[:, j]
    return total + slots.dtype.type(bias)
