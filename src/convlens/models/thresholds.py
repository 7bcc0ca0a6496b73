"""From which value on a filter tells its class (Jacovi et al. 2018, section 4)."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.models.batches import by_length, pad
from convlens.models.textcnn import TextCNN
from convlens.text import PAD

PURITY = 0.75


@torch.no_grad()
def find_thresholds(
    model: TextCNN,
    documents: Sequence[NDArray[np.int64]],
    *,
    purity: float = PURITY,
    multilabel: bool = False,
) -> Tensor:
    """The lowest pooled value t of each filter at which `purity(t)` is reached: (k,), inf where it never is.

    `documents` are word numbers, such as those trained on. `purity(t)` is the share, among the documents on which the
    filter pools t or more, of those predicted to be of the filter's class, which has its greatest head weight; with
    `multilabel`, of those predicted to have it among their labels.
    Documents without words have no n-gram, and no part in it.
    """
    model.eval()
    device, pooled, logits = model.embed.weight.device, [], []
    filled = [document for document in documents if len(document)]
    for places in by_length([len(document) for document in filled]):
        ids = pad([filled[i] for i in places]).to(device)
        values = model.pool(model.peaks_of(ids, (ids != PAD).sum(1))[0])  # (B, k)
        pooled.append(values)
        logits.append(model.logits_of(values))
    if not filled:
        return torch.full((len(model.config.widths),), torch.inf, device=device)
    of_filters = model.filter_weights.argmax(0)  # (k,)
    if multilabel:
        agrees = torch.cat(logits)[:, of_filters] > 0  # (D, k)
    else:
        agrees = torch.cat(logits).argmax(1)[:, None] == of_filters
    return lowest_pure(torch.cat(pooled), agrees, purity)


def lowest_pure(values: Tensor, agrees: Tensor, purity: float) -> Tensor:
    """The lowest value of each column at which the share of `agrees`, among values as great, is `purity`.

    Both (D, k) with at least one row; (k,), inf where no value will do.
    """
    values, order = values.sort(0, descending=True)
    share = agrees.gather(0, order).double().cumsum(0)
    share /= torch.arange(1, len(values) + 1, device=values.device)[:, None]
    last = torch.ones_like(agrees)  # of its equals: all of them have come
    last[:-1] = values[1:] < values[:-1]
    return values.masked_fill(~(last & (share >= purity)), torch.inf).min(0).values
