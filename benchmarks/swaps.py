"""All swaps of one word of a document, exactly: ConvLens against torch, candidate by candidate, and against gradients.

    python -m benchmarks swaps [--words 50] [--vocabulary 20000] [--share 200] [--runs 5]
    CONVLENS_DATA=FOLDER python -m benchmarks swaps --model MODEL --data mr [--documents 100]

The model has 50 filters of each of the regions 3, 4, 5 (the 150 of Xu & Du 2020), vectors of 100, two classes, and random
weights. The units are one forward pass of the document as a batch of one, by the model and in torch's fastest form. Torch runs one candidate
in `--share` in batches, in its fastest form and batch size, and its time is multiplied by that. The table is made once for a model. With
--model, attacks of one word follow, by exact margins and by gradients (HotFlip), with any word and with the 10 nearest. Medians of CPU
time, so give both one thread (OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1): torch's threads burn it waiting. Prints Markdown tables, and
how far both differ.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.peers import Convolve, conv1d, conv2d, forward, unfold
from convlens.attack import AttackConfig, Swaps, attack
from convlens.data import load as load_data
from convlens.models import TextCNN, TextCNNConfig, load

FORMS = (conv1d, conv2d, unfold)


def swapped(ids: np.ndarray, vocabulary: int, share: int) -> Tensor:
    """One candidate in `share` of all: documents (B, L)."""
    every = np.arange(0, len(ids) * vocabulary, share)
    rows = np.tile(ids, (len(every), 1))
    rows[np.arange(len(every)), every // vocabulary] = every % vocabulary
    return torch.from_numpy(rows)


@torch.no_grad()
def in_batches(model: TextCNN, rows: Tensor, batch: int, convolve: Convolve) -> Tensor:
    """Logits of documents."""
    return torch.cat([forward(model, model.embed(some), convolve) for some in rows.split(batch)])


def fastest(model: TextCNN, rows: Tensor) -> tuple[int, Convolve]:
    """Batch size and form of the convolution with the least time on some of the rows."""
    forms = [(batch, convolve) for batch in (32, 64, 128, 256) for convolve in FORMS]
    return min(
        forms, key=lambda form: min(seconds(lambda: in_batches(model, rows[:512], *form)) for _ in "ab")
    )


def seconds(way: Callable[[], object], times: int = 1) -> float:
    """CPU time of one call, all threads together, so that what else runs on the machine does not count."""
    begin = time.process_time()
    for _ in range(times):
        way()
    return (time.process_time() - begin) / times


def middle(way: Callable[[], object], runs: int, times: int = 1) -> float:
    """The median of the runs after the first."""
    return statistics.median([seconds(way, times) for _ in range(runs + 1)][1:])


def speed(options: argparse.Namespace) -> None:
    """Print what all swaps cost."""
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig(dim=100, filters=50), options.vocabulary, 2).eval()
    ids = np.random.default_rng(0).integers(2, options.vocabulary, options.words)
    one, rows = torch.from_numpy(ids)[None], swapped(ids, options.vocabulary, options.share)
    with torch.no_grad():
        own = middle(lambda: model(one), options.runs, 100)
    single = min(middle(lambda c=c: in_batches(model, one, 1, c), options.runs, 100) for c in FORMS)
    form, every = fastest(model, rows), np.arange(options.vocabulary)[None]
    swaps = Swaps(model, backend="table")
    ways = {
        "torch in batches, a share scaled": middle(lambda: in_batches(model, rows, *form), options.runs)
        * options.share,
        "exact swaps": middle(lambda: swaps.logits(ids, every), options.runs),
        "the table, once for a model": middle(lambda: Swaps(model, backend="table"), options.runs),
    }
    count = len(ids) * options.vocabulary
    print(
        f"{date.today()}, {torch.get_num_threads()} of {os.cpu_count()} cores, {count:,} swaps, {len(rows):,} of them by torch "
        f"({form[1].__name__}, {form[0]}); one forward pass {1000 * own:.2f} ms by the model, {1000 * single:.2f} ms in the fastest form\n\n| way | CPU seconds | "
        "million swaps/s | forward passes | fastest ones | over torch |\n| --- | --: | --: | --: | --: | --: |"
    )
    base = ways["torch in batches, a share scaled"]
    for name, cost in ways.items():
        print(
            f"| {name} | {cost:.3f} | {count / cost / 1e6:.3g} | {cost / own:,.0f} | {cost / single:,.0f} | "
            f"{base / cost:,.1f} |"
        )
    exact = swaps.logits(ids, every).reshape(count, -1)[:: options.share]
    away = np.abs(exact - in_batches(model, rows, *form).numpy()).max()
    print(f"\nOn what torch saw, logits differ by {away:.1e} at most.", flush=True)


def success(options: argparse.Namespace) -> None:
    """Print how often one swap turns a decision, by exact margins and by gradients."""
    classifier, corpus = load(options.model), load_data(options.data).test
    print(
        f"\n{options.data}, one swap\n\n| candidates | order | turned | ms a document |\n| --- | --- | --: | --: |"
    )
    for nearest, name in ((None, "any word"), (10, "the 10 nearest")):
        config = AttackConfig("swap", edits=1, nearest=nearest, documents=options.documents)
        attack(classifier, corpus, AttackConfig("swap", edits=1, nearest=nearest, documents=3))  # compile
        for row in attack(classifier, corpus, config).totals.iter_rows(named=True):
            cost = row["milliseconds_per_document"]
            print(f"| {name} | {row['order']} | {row['success_rate']:.1%} | {cost:.1f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    numbers = (("words", 50), ("vocabulary", 20_000), ("share", 200), ("runs", 5), ("documents", 100))
    for name, value in numbers:
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--data", default="mr")
    options = parser.parse_args()
    speed(options)
    if options.model is not None:
        success(options)


if __name__ == "__main__":
    main()
