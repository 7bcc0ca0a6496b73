"""The best n-grams of every filter among all windows of a corpus: from a slot table, or by torch."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import torch
from torch import Tensor

from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.models import TextCNN
from convlens.text import Documents
from convlens.trace.ngrams import TopNgrams, best, ngram_rows
from convlens.trace.occurrences import PIECE, counted, window_places
from convlens.trace.trace import table_of, tracer

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable

LISTS = 8  # for each thread: who is done with a short one takes the next
AT_ONCE = 2**13  # windows in a product of torch


def top_ngrams(
    model: TextCNN,
    documents: Documents,
    k: int = 7,
    *,
    backend: str = "auto",
    table: "SlotTable | None" = None,
) -> TopNgrams:
    """The k best different n-grams of every filter among all windows, also those that won no document's max.

    `backend` of `BACKENDS`, as in `trace`, unless a `table` is given, with its words in order.
    """
    if k < 1:
        raise InputError(f"{k} n-grams of each filter cannot be found: ask for 1 or more")
    table = table or table_of(tracer(model, documents, backend=backend))
    rows = top_by_torch(model, documents, k) if table is None else top_by_table(table, documents, k)
    widths = model.config.widths
    return TopNgrams.of(counted(best(rows, k), documents), (len(widths), k, max(widths)))


def top_by_table(table: "SlotTable", documents: Documents, k: int) -> pl.DataFrame:
    """Rows of n-grams, the k best of each filter among them."""
    from numba import get_num_threads

    from convlens.kernels.top import top
    from convlens.kernels.vectors import LANES

    widths = np.array(table.weights.config.widths)
    lists = LISTS * get_num_threads()
    scores = np.empty((lists, len(widths), k), np.float32)
    places = np.empty(scores.shape, np.int64)
    room = np.empty((lists, 2, LANES), np.float32)
    for arguments in table.over(documents):
        top(*arguments, table.biases, (scores, places, room))
    one, filters, ranks = np.nonzero(places >= 0)
    held = np.arange(max(widths)) < widths[filters, None]
    words = np.full(held.shape, -1, np.int64)
    words[held] = documents.ids[(places[one, filters, ranks][:, None] + np.arange(max(widths)))[held]]
    return ngram_rows(filters, scores[one, filters, ranks], words)


@torch.no_grad()
def top_by_torch(model: TextCNN, documents: Documents, k: int) -> pl.DataFrame:
    """The same by products of torch on the model's device, in its number type: each n-gram once in every piece."""
    documents.check(model.embed.num_embeddings)
    config, biases = model.config, model.filter_biases
    none = np.zeros(0, np.int64)
    top = ngram_rows(none, none.astype(float), np.zeros((0, max(config.regions)), np.int64))
    for piece in documents.pieces(PIECE):
        start = 0
        for conv, n, count in zip(model.convolutions, config.regions, config.counts, strict=True):
            for words in _windows(piece, n):
                x = model.embed(torch.from_numpy(words).to(biases.device)).transpose(1, 2).flatten(1)
                scores = x @ conv.weight.flatten(1).T + biases[start : start + count]  # (W, F)
                which = _highest(scores, k)  # (k, F)
                padded = np.pad(words, ((0, 0), (0, max(config.regions) - n)), constant_values=-1)
                filters = np.tile(np.arange(start, start + count), len(which))
                values, places = scores.gather(0, which).flatten(), which.flatten()
                rows = ngram_rows(filters, values.cpu().numpy(), padded[places.cpu().numpy()])
                top = best(pl.concat([top, rows]), k)
            start += count
    return top


def _windows(documents: Documents, n: int) -> Iterator[Ints]:
    """The different n-grams (W, n) of documents, in the order of their words."""
    places = window_places(documents, n)
    words = pl.DataFrame({f"word:{j}": documents.ids[places + j] for j in range(n)})
    different = words.unique().sort(words.columns).to_numpy()
    for first in range(0, len(different), AT_ONCE):
        yield np.array(different[first : first + AT_ONCE], order="C")  # Polars' own may not be written to


def _highest(scores: Tensor, k: int) -> Tensor:
    """Rows of the k highest values of each column (W, F), the first of equals: (k, F), or (W, F) for fewer."""
    k = min(k, len(scores))
    values, which = scores.topk(k, 0)
    tied = (scores >= values[-1]).sum(0) > k  # `topk` takes any of them
    if tied.any():
        which[:, tied] = scores[:, tied].sort(stable=True, dim=0, descending=True).indices[:k]
    return which
