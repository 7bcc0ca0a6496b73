"""What each method costs, measured in passes of torch over the same model and documents.

    CONVLENS_DATA=FOLDER python -m benchmarks methods [--documents 2000] [--runs 3] [--shapes mr imdb]

Prints one Markdown table for each shape. The unit is the best plain forward pass of torch (see `engine`). Methods of
ConvLens answer for every class at once, those of others for one. All ways of a shape run in turn, after a run to warm
up; medians of the runs. Where a method takes many documents from a slot table, building the table is part of its time.
Ways that take longer see fewer documents, and their cost is counted for each document. Weights are random.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from datetime import date

import torch

from benchmarks.peers import (
    ablation,
    batches,
    captum_lrp,
    corpus,
    fastest,
    input_x_gradient,
    integrated_gradients,
    is_there,
    lime,
    seconds,
    torch_forward,
)
from convlens.explain import METHODS, Method
from convlens.explain.texts import by_trace
from convlens.models import TextCNN, TextCNNConfig, find_thresholds
from convlens.text import Documents
from convlens.trace import TorchTracer
from convlens.trace.table import SlotTable, words_of

FEW = {  # methods of ConvLens that take longer
    "greedy": 16,
    "integrated-gradients": 64,
    "deeplift": 256,
    "gradient-shap": 64,
    "shapley-sampling": 4,
    "lime": 16,
}
OTHERS: dict[str, tuple[int, Callable[[TextCNN, Documents], None]]] = {
    "Captum input x gradient, one class": (400, input_x_gradient),
    "Captum LRP, one class": (400, captum_lrp),
    "Captum integrated gradients, 50 steps, one class": (16, integrated_gradients),
    "word ablation by passes": (16, ablation),
    "LIME, 5,000 samples": (1, lime),
}


def by_torch(method: Method, model: TextCNN, documents: Documents) -> None:
    """A method by torch's traces, or by asking the model."""
    if method.of_trace is not None:
        by_trace(method, TorchTracer(model), documents)
    elif method.of_model is not None:
        method.of_model(model, documents)


def by_table(method: Method, model: TextCNN, documents: Documents) -> None:
    """A method for all documents at once, the table made for them."""
    by_trace(method, SlotTable(model, words_of(documents, model.embed.num_embeddings)), documents)


Way = tuple[str, int, Callable[[Documents], None]]


def ways(model: TextCNN, count: int) -> list[Way]:
    """All that is measured: its name, how many documents it sees, and what it does with them."""
    found: list[Way] = []
    for name, method in METHODS.items():
        some = FEW.get(name, count)
        if method.of_trace is not None:
            found.append((f"`{name}`", some, lambda d, m=method: by_table(m, model, d)))
        found.append((f"`{name}`, by torch", some, lambda d, m=method: by_torch(m, model, d)))
    found += [
        (name, some, lambda d, way=way: way(model, d))
        for name, (some, way) in OTHERS.items()
        if is_there(way)
    ]
    return found


def measure(name: str, count: int, runs: int, size: int = 100, filters: int = 50) -> None:
    """One table."""
    documents, vocabulary = corpus(name, count)
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((3, 4, 5), filters, size), vocabulary, 2).eval()
    model.thresholds = find_thresholds(model, [documents[i] for i in range(min(count, 100))])
    batch, convolve = fastest(model, documents)
    ready = batches(documents, batch)
    every = ways(model, count)
    parts = {
        some: Documents.of([documents[i * (count // some)] for i in range(some)]) for _, some, _ in every
    }
    times: dict[str, list[float]] = {way[0]: [] for way in every}
    ratios: dict[str, list[float]] = {way[0]: [] for way in every}
    for run in range(runs + 1):
        for way, some, do in every:
            unit = seconds(lambda: torch_forward(model, ready, convolve)) / count
            taken = seconds(lambda do=do, some=some: do(parts[some]))
            if run:  # the first compiles and fills caches
                times[way].append(taken / some)
                ratios[way].append(taken / some / unit)
    words = documents.lengths.mean()
    print(f"\n{name}: {words:.0f} words a document, regions 3, 4, 5 of {filters}, vectors of {size}\n")
    print("| way | documents | milliseconds a document | torch forward passes |\n| --- | --: | --: | --: |")
    for way, some, _ in every:
        cost = statistics.median(ratios[way])
        print(f"| {way} | {some:,} | {1000 * statistics.median(times[way]):.3g} | {cost:.3g} |")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--shapes", nargs="+", default=["mr", "imdb"])
    options = parser.parse_args(arguments)
    print(f"Measured on {date.today()}, torch {torch.__version__}, {torch.get_num_threads()} threads.")
    for name in options.shapes:
        measure(name, options.documents, options.runs)


if __name__ == "__main__":
    main()
