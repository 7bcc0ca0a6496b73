"""Comprehensiveness and sufficiency (DeYoung et al. 2020, ERASER): what the class loses with or without the best words."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from convlens.evaluate.bootstrap import interval
from convlens.evaluate.config import RANDOM, EvaluateConfig
from convlens.evaluate.documents import Numbers, ScoredDocument, ranked, shuffled
from convlens.evaluate.zeroing import logits_of_kept
from convlens.models import TextModel

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
KINDS = ("comprehensiveness", "sufficiency")


def erase(
    model: TextModel, document: ScoredDocument, methods: Sequence[str], config: EvaluateConfig
) -> Numbers:
    """`p(x) - p(x without r)` and `p(x) - p(r)` of the predicted class: (methods, 2).

    r are the words with the highest scores for that class: the mean over 1, 5, 10, 20 and 50 % of the words, at
    least one. Words are zeroed here, not cut out. `random` is the mean over its runs.
    """
    device, rng, length = model.embed.weight.device, document.rng(config.seed), len(document.ids)
    orders = ranked(document.for_predicted, rng)
    scored = len(orders)
    if RANDOM in methods:
        orders = np.concatenate([orders, shuffled(length, config.runs, rng)])
    kept = torch.from_numpy(_kept(orders)).to(device)
    logits = logits_of_kept(model, torch.from_numpy(document.ids).to(device), kept)
    sure = torch.softmax(logits.double(), 1)[:, document.predicted].cpu().numpy()
    lost = (sure[0] - sure[1:]).reshape(2, len(SHARES), len(orders)).mean(1).T  # (orders, 2)
    return lost if RANDOM not in methods else np.vstack([lost[:scored], lost[scored:].mean(0)])


def erasure(lost: Numbers, methods: Sequence[str], config: EvaluateConfig) -> pl.DataFrame:
    """Means over documents with their intervals, from `lost` (documents, methods, 2)."""
    columns: dict[str, object] = {"method": list(methods)}
    for kind, values in zip(KINDS, np.moveaxis(lost, 2, 0), strict=True):
        low, high = interval(values, config.resamples, np.random.default_rng(config.seed))
        columns |= {kind: values.mean(0), f"{kind}_low": low, f"{kind}_high": high}
    return pl.DataFrame(columns)


def _kept(orders: NDArray[np.int64]) -> NDArray[np.bool_]:
    """All words, then without the best of each order, then with nothing else: (1 + 2 shares orders, L)."""
    length = orders.shape[1]
    turn = np.empty_like(orders)  # the place of each word in the order
    np.put_along_axis(turn, orders, np.arange(length)[None], 1)
    best = [turn < max(np.ceil(share * length), 1) for share in SHARES]
    return np.concatenate([np.ones((1, length), dtype=bool), *(~b for b in best), *best])
