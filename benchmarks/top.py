"""The best n-grams of every filter among all windows of IMDb: ConvLens against torch in chunks.

    CONVLENS_DATA=FOLDER python -m benchmarks top [--tokens 5000000] [--share 10] [--top 7] [--runs 3]

The model has 100 filters of each of the regions 3, 4, 5 and vectors of 300, with random weights; IMDb's training
reviews are repeated where they are too few. Torch runs its fastest form of the convolution over documents of like
length, takes the highest windows of each filter in each batch that can still be among the best, four times as many as
asked for, and again with twice as many where fewer different n-grams came of them. It sees one document in `--share`, and its
time is multiplied by that. ConvLens sees all. The search alone gives what torch gives; the next row counts too, which torch does
not; the last one also builds the table. All run in turn; medians. On cores that others use, give both one thread
(OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1): torch's threads wait for each other. Prints a Markdown table, and how far the two
differ on what torch saw.
"""

import argparse
import os
import statistics
from datetime import date

import numpy as np
import polars as pl
import torch
from torch import Tensor

from benchmarks.engine import model_of
from benchmarks.peers import Convolve, batches, corpus, fastest, seconds
from convlens.models import TextCNN
from convlens.text import Documents
from convlens.trace import TopNgrams, best, table_of, top_ngrams, tracer
from convlens.trace.ngrams import ngram_rows
from convlens.trace.search import top_by_table

DEEPER = 4  # candidates of torch for each n-gram asked for


@torch.no_grad()
def chunked_torch(
    model: TextCNN, documents: Documents, k: int, form: tuple[int, Convolve], deeper: int = DEEPER
) -> pl.DataFrame:
    """The k best different n-grams of every filter, as `best` leaves them."""
    batch, convolve = form
    bars, kept = torch.full((len(model.config.widths),), -torch.inf), []
    for ids in batches(documents, batch):
        x, start = model.embed(ids), 0
        for conv, n in zip(model.convolutions, model.config.regions, strict=True):
            scores = convolve(conv, x)  # (B, F, windows)
            scores.masked_fill_((ids[:, n - 1 :] == 0)[:, None], -torch.inf)
            flat = scores.transpose(0, 1).flatten(1)
            some = bars[start : start + len(flat)]
            values, places = flat.topk(min(k * deeper, flat.shape[1]), 1)
            filters, ranks = ((values >= some[:, None]) & (values > -torch.inf)).nonzero(as_tuple=True)
            kept.append(_rows(ids, n, filters + start, values[filters, ranks], places[filters, ranks]))
            start += len(flat)
        if len(kept) > 30:
            kept = [best(pl.concat(kept, how="diagonal"), k)]
            full = kept[0].group_by("filter").agg(pl.len(), pl.col("score").min()).filter(pl.col("len") == k)
            bars[full["filter"].to_list()] = torch.tensor(full["score"].to_list())
    found = best(pl.concat(kept, how="diagonal"), k)
    whole = len(found) == k * len(model.config.widths)
    return found if whole else chunked_torch(model, documents, k, form, 2 * deeper)


def _rows(ids: Tensor, n: int, filters: Tensor, values: Tensor, places: Tensor) -> pl.DataFrame:
    """Candidates as rows, -1 beyond n of 5 words."""
    width = ids.shape[1] - n + 1
    at = (places // width * ids.shape[1] + places % width)[:, None] + torch.arange(n)
    words = np.pad(ids.flatten()[at].numpy(), ((0, 0), (0, 5 - n)), constant_values=-1)
    return ngram_rows(filters.numpy(), values.numpy(), words)


def difference(found: TopNgrams, rows: pl.DataFrame) -> str:
    """How many n-grams are the same, and how far scores are apart at most."""
    theirs = TopNgrams.of(rows.with_columns(count=1, documents=1), found.words.shape)
    same = (found.words == theirs.words).all(2).mean()
    return f"{same:.2%} of the n-grams are the same, scores differ by {abs(found.scores - theirs.scores).max():.1e}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, value in (("tokens", 5_000_000), ("share", 10), ("top", 7), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    some, words = corpus("imdb", 25_000)
    repeated = [some[i % len(some)] for i in range(options.tokens * len(some) // len(some.ids))]
    documents, model, k = Documents.of(repeated), model_of(300, 100, words), options.top
    part = Documents.of(repeated[:: options.share])
    form = fastest(model, part)
    table = table_of(tracer(model, documents, backend="table"))
    assert table is not None
    ways = {
        "torch in chunks": lambda: chunked_torch(model, part, k, form),
        "search of a table that is there": lambda: top_by_table(table, documents, k),
        "the same with counts": lambda: top_ngrams(model, documents, k, table=table),
        "all, table built too": lambda: top_ngrams(model, documents, k, backend="table"),
    }
    times = [[seconds(way) for way in ways.values()] for _ in range(options.runs + 1)][1:]
    middle = [statistics.median(run[i] for run in times) for i in range(len(ways))]
    middle[0] *= len(documents.ids) / len(part.ids)
    print(
        f"{date.today()}, {torch.get_num_threads()} of {os.cpu_count()} cores, {len(documents.ids):,} tokens, {len(part.ids):,} of them by torch "
        f"({form[1].__name__}, {form[0]})\n\n| way | seconds | million tokens/s | over torch |\n| --- | --: | --: | --: |"
    )
    for name, cost in zip(ways, middle, strict=True):
        speed = len(documents.ids) / cost / 1e6
        print(f"| {name} | {cost:.2f} | {speed:.3g} | {middle[0] / cost:.1f} |")
    found = top_ngrams(model, part, k, backend="table")
    print(f"\nOn what torch saw, {difference(found, chunked_torch(model, part, k, form))}.")


if __name__ == "__main__":
    main()
