"""Tracing and explaining a corpus: ConvLens against torch, Captum, SHAP and LIME on the same models and documents.

    CONVLENS_DATA=FOLDER python -m benchmarks engine [--documents 20000] [--runs 5] [--shapes mr ag_news imdb]

Prints three Markdown tables: what the machine can do, the shapes, and how cost grows. The unit of the shapes is the
best plain forward pass of torch on the same model and documents: sorted by length, ready batches of 32 to 1,024, through
conv1d, channels-last conv2d, or unfold and a matrix product, whichever is fastest. Numbers are documents a second
over that. All ways of a row run in turn; medians of the runs. Weights are random: no way's time depends on them.
An explanation is matrices A and B of every document. Slow explainers see fewer documents, and run once.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

import numba
import numpy as np
import torch

from benchmarks.peers import (
    ablation,
    batches,
    corpus,
    fastest,
    input_x_gradient,
    integrated_gradients,
    is_there,
    lime,
    onnx_forward,
    onnx_session,
    partition,
    seconds,
    torch_forward,
)
from convlens.explain.xu_du import matrix_a, words_by_table
from convlens.models import TextCNN, TextCNNConfig
from convlens.text import Documents
from convlens.trace.table import SlotTable, words_of

SETTINGS = [(50, 50), (300, 100)]  # vector size, filters of each of the regions 3, 4, 5
# What each slow explainer is called, how many documents it sees, and what it is.
SLOW: list[tuple[str, int, Callable[[TextCNN, Documents], None]]] = [
    ("ONNX Runtime forward", 2000, onnx_forward),
    ("Captum input x gradient", 500, input_x_gradient),
    ("Captum integrated gradients", 32, integrated_gradients),
    ("word ablation", 16, ablation),
    ("SHAP partition", 2, partition),
    ("LIME", 2, lime),
]
GIGA = 1e9
LIMITS = [
    "documents",
    "size, filters",
    "product, GFLOP/s",
    "torch forward",
    "building a table",
    "copying, GB/s",
    "walk reads, GB/s",
    "walk, million words/s",
]
SHAPES = [
    "documents",
    "size, filters",
    "torch forward, documents/s",
    "table built, ms",
    "table forward",
    "table explanation",
    "with the table built, 10^4 documents",
    "10^5 documents",
]
GROWTH = [
    "growing",
    "documents",
    "filters",
    "vocabulary",
    "torch forward, ms",
    "table built, ms",
    "table forward, ms",
    "explanation, ms",
    "torch over table built and explanation",
]


class Costs(NamedTuple):
    """Seconds of one model on one corpus."""

    torch: float
    build: float
    forward: float
    explain: float


def model_of(size: int, filters: int, words: int) -> TextCNN:
    """A model with random weights."""
    torch.manual_seed(0)
    return TextCNN(TextCNNConfig(dim=size, filters=filters), words, 2).eval()


def costs(model: TextCNN, documents: Documents, runs: int) -> tuple[Costs, str]:
    """Median seconds of torch and the table, and torch's best form."""
    batch, convolve = fastest(model, documents)
    made = batches(documents, batch)
    words = words_of(documents, model.embed.num_embeddings)
    table = SlotTable(model, words)

    def explain() -> None:
        traced, _ = words_by_table(table, documents)
        matrix_a(model, traced)

    ways: list[Callable[[], object]] = [
        lambda: torch_forward(model, made, convolve),
        lambda: SlotTable(model, words),
        lambda: table.trace(documents),
        explain,
    ]
    found = [[seconds(way) for way in ways] for _ in range(runs + 1)][1:]  # the first one warms up
    middle = (statistics.median(run[i] for run in found) for i in range(len(ways)))
    return Costs(*middle), f"{convolve.__name__}, {batch}"


def shape(name: str, count: int, setting: tuple[int, int], runs: int) -> str:
    """One line of the table of shapes."""
    documents, words = corpus(name, count)
    model = model_of(*setting, words)
    cost, form = costs(model, documents, runs)
    each = cost.torch / count
    with_table = [each * n / (cost.build + cost.explain / count * n) for n in (10_000, 100_000)]
    ratios = [cost.torch / cost.forward, cost.torch / cost.explain, *with_table]
    if is_there(onnx_forward):
        onnx_session(model)
    slow = [
        each * n / seconds(lambda n=n, way=way: way(model, _spread(documents, n)))
        if is_there(way)
        else float("nan")
        for _, n, way in SLOW
    ]
    cells = " | ".join(f"{value:.3g}" for value in (*ratios, *slow))
    speed = f"{1 / each:,.0f} ({form})"
    return f"| {name}, {count:,} | {setting[0]}, {setting[1]} | {speed} | {cost.build * 1e3:.0f} | {cells} |"


def _spread(documents: Documents, count: int) -> Documents:
    """So many of the documents, from everywhere."""
    return Documents.of([documents[i] for i in np.linspace(0, len(documents) - 1, count).astype(int)])


def limits() -> tuple[float, float]:
    """What this machine does at most, of several tries: float32 operations and bytes copied, a second."""
    a, b = torch.randn(2048, 2048), torch.empty(2**26)
    source = torch.randn(2**26)
    product = min(seconds(lambda: a @ a) for _ in range(10))
    copy = min(seconds(lambda: b.copy_(source)) for _ in range(10))
    return 2 * 2048**3 / product, 2 * source.nbytes / copy


def near_limits(name: str, count: int, setting: tuple[int, int], runs: int) -> str:
    """How near torch's forward pass, the building of the table and the walk come to the machine's limits."""
    documents, words = corpus(name, count)
    model = model_of(*setting, words)
    cost, _ = costs(model, documents, runs)
    flops, bandwidth = limits()
    slots = sum(n * f for n, f in zip(model.config.regions, model.config.counts, strict=True))
    windows = sum(
        f * np.maximum(documents.lengths - n + 1, 1).sum() * 2 * n * setting[0]
        for n, f in zip(model.config.regions, model.config.counts, strict=True)
    )
    built = 2 * len(words_of(documents, words)) * setting[0] * slots
    read = 4 * slots * len(documents.ids)
    cells = [
        f"{flops / GIGA:.0f}",
        f"{windows / cost.torch / GIGA:.0f} ({windows / cost.torch / flops:.0%})",
        f"{built / cost.build / GIGA:.0f} ({built / cost.build / flops:.0%})",
        f"{bandwidth / GIGA:.1f}",
        f"{read / cost.forward / GIGA:.1f}",
        f"{len(documents.ids) / cost.forward / 1e6:.1f}",
    ]
    return f"| {name}, {count:,} | {setting[0]}, {setting[1]} | {' | '.join(cells)} |"


def growth(base: int, runs: int) -> list[str]:
    """Lines of the table of growth: one thing grows, the others stay, at AG's News lengths (40 words)."""
    rng = np.random.default_rng(0)
    cases = [("documents", base * n, 100, 20_000) for n in (1, 2, 4, 8)]
    cases += [("filters", base, 50 * n, 20_000) for n in (1, 2, 4)]
    cases += [("vocabulary", base, 100, n) for n in (5_000, 20_000, 100_000)]
    lines = []
    for what, count, filters, words in cases:
        documents = Documents.of(list(2 + rng.zipf(1.3, (count, 40)) % (words - 2)))
        cost, _ = costs(model_of(100, filters, words), documents, runs)
        cells = " | ".join(f"{value * 1e3:,.0f}" for value in cost)
        ratio = cost.torch / (cost.build + cost.explain)
        lines.append(f"| {what} | {count:,} | {filters} | {words:,} | {cells} | {ratio:.1f} |")
    return lines


def table(columns: Sequence[str]) -> None:
    """Print a head."""
    print(f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}", flush=True)


def main() -> None:
    """Print the tables and what they were measured with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shapes", nargs="+", default=["mr", "ag_news", "imdb"])
    options = parser.parse_args()
    versions = f"torch {torch.__version__}, Numba {numba.__version__}, NumPy {np.__version__}"
    print(f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, {versions}")
    table(LIMITS)
    for setting in SETTINGS:
        print(near_limits("ag_news", min(options.documents, 10_000), setting, 3), flush=True)
    table([*SHAPES, *(name for name, _, _ in SLOW)])
    for name in options.shapes:
        for setting in SETTINGS:
            print(shape(name, options.documents, setting, options.runs), flush=True)
    table(GROWTH)
    for line in growth(max(options.documents // 8, 1), min(options.runs, 3)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
