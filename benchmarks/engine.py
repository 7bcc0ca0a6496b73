"""Tracing and explaining a corpus: ConvLens against torch and Captum on the same models and documents.

    CONVLENS_DATA=FOLDER python benchmarks/engine.py [--documents 20000] [--runs 5] [--shapes mr imdb]

Prints one Markdown table. The unit is the best plain forward pass of torch on the same model and documents:
batches of like length through conv1d, channels-last conv2d, or unfold and a matrix product, with 2^13 to 2^15
padded words in a batch, whichever is fastest. Numbers are documents a second over that. All ways of a row run in
turn, medians of the runs. Weights are random: no way's time depends on them. Slow explainers see fewer documents.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numba
import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import InputXGradient, LayerIntegratedGradients
from torch import Tensor, nn

from convlens.data import load
from convlens.explain.corpus import ngram_scores, word_shares
from convlens.models import TextCNN, TextCNNConfig, by_length, pad
from convlens.text import PAD, build_tokenizer
from convlens.trace import Documents, joined
from convlens.trace.table import SlotTable, words_of

SETTINGS = [(50, 50), (300, 100)]  # vector size, filters of each of the regions 3, 4, 5
FEW = {"Captum input x gradient": 2000, "Captum integrated gradients": 200, "word ablation": 50}


def conv1d(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """(B, T, d) -> (B, F, windows)."""
    return conv(x.transpose(1, 2))


def conv2d(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """The same with channels last."""
    return F.conv2d(x.transpose(1, 2)[:, :, None], conv.weight[:, :, None], conv.bias)[:, :, 0]


def unfold(conv: nn.Conv1d, x: Tensor) -> Tensor:
    """The same as one matrix product."""
    windows = x.unfold(1, conv.kernel_size[0], 1).flatten(2)  # (B, windows, d n)
    return F.linear(windows, conv.weight.flatten(1), conv.bias).transpose(1, 2)


def forward(model: TextCNN, x: Tensor, convolve: Callable[[nn.Conv1d, Tensor], Tensor] = conv1d) -> Tensor:
    """Logits (B, C) of embedded documents (B, T, d), none shorter than a region."""
    pooled = [convolve(conv, x).amax(2) for conv in model.convolutions]
    return model.head(F.relu(torch.cat(pooled, 1)))


def batches(documents: Documents, padded: int) -> Iterator[Tensor]:
    """Word numbers (B, T) of like length."""
    for places in by_length(documents.lengths.tolist(), padded):
        yield pad([documents[i] for i in places])


@torch.no_grad()
def torch_forward(model: TextCNN, documents: Documents, padded: int, convolve: Callable) -> None:
    """One pass over all documents."""
    for ids in batches(documents, padded):
        forward(model, model.embed(ids), convolve)


def input_x_gradient(model: TextCNN, documents: Documents) -> None:
    """Captum's closest relative of a word's share."""
    explainer = InputXGradient(lambda x: forward(model, x))
    for ids in batches(documents, 2**14):
        explainer.attribute(model.embed(ids).detach().requires_grad_(), target=0)


def integrated_gradients(model: TextCNN, documents: Documents) -> None:
    """Captum's layer integrated gradients, 50 steps."""
    explainer = LayerIntegratedGradients(lambda ids: forward(model, model.embed(ids)), model.embed)
    for ids in batches(documents, 2**12):
        explainer.attribute(ids, torch.full_like(ids, PAD), target=0, n_steps=50)


@torch.no_grad()
def ablation(model: TextCNN, documents: Documents) -> None:
    """One forward pass for each word, that word taken out."""
    for i in range(len(documents)):
        ids = torch.from_numpy(documents[i]).repeat(len(documents[i]), 1)
        forward(model, model.embed(ids.fill_diagonal_(PAD)), conv2d)


def ways(model: TextCNN, documents: Documents, best: tuple[int, Callable]) -> dict[str, tuple[Callable, int]]:
    """What a row compares, and how many documents each sees."""
    everything = len(documents)
    words = words_of(documents, model.embed.num_embeddings)
    table = SlotTable(model, words)

    def explained(table: SlotTable) -> None:
        traced, _ = word_shares(table, documents)
        ngram_scores(model, traced)

    found = {
        "torch forward": (lambda: torch_forward(model, documents, *best), everything),
        "table forward": (lambda: table.trace(documents), everything),
        "table explanation": (lambda: explained(table), everything),
        "with the table built": (lambda: explained(SlotTable(model, words)), everything),
    }
    slow = (input_x_gradient, integrated_gradients, ablation)
    for (name, count), way in zip(FEW.items(), slow, strict=True):
        part = documents.part(0, min(count, everything))
        found[name] = (lambda way=way, part=part: way(model, part), len(part))
    return found


def seconds(way: Callable[[], object]) -> float:
    """Wall time of one call."""
    begin = time.perf_counter()
    way()
    return time.perf_counter() - begin


def fastest(model: TextCNN, documents: Documents) -> tuple[int, Callable]:
    """The fastest form of torch's forward pass on a part of the documents: padded words in a batch, and how."""
    part = documents.part(0, min(2000, len(documents)))
    forms = [(2**p, convolve) for p in (13, 14, 15) for convolve in (conv1d, conv2d, unfold)]
    return min(
        forms, key=lambda form: min(seconds(lambda: torch_forward(model, part, *form)) for _ in range(2))
    )


def row(name: str, documents: Documents, words: int, setting: tuple[int, int], runs: int) -> str:
    """One line of the table."""
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig(dim=setting[0], filters=setting[1]), words, 2).eval()
    best = fastest(model, documents)
    compared = ways(model, documents, best)
    for way, _ in compared.values():
        way()
    speeds: dict[str, list[float]] = {key: [] for key in compared}
    for _ in range(runs):
        for key, (way, count) in compared.items():
            speeds[key].append(count / seconds(way))
    middle = {key: statistics.median(found) for key, found in speeds.items()}
    unit = middle["torch forward"]
    cells = [f"{value / unit:.3g}" for key, value in middle.items() if key != "torch forward"]
    form = f"{best[1].__name__}, {best[0] >> 10}k"
    return f"| {name}, {len(documents):,} | {setting[0]}, {setting[1]} | {unit:,.0f} ({form}) | {' | '.join(cells)} |"


def corpus(name: str, count: int) -> tuple[Documents, int]:
    """`count` documents of at least 5 words, the data set repeated where it is smaller, and its vocabulary."""
    texts: Sequence[str] = load(name).train.texts
    tokenizer = build_tokenizer(texts)
    found = [ids for ids in tokenizer.ids(texts) if len(ids) >= 5]
    return joined([found[i % len(found)] for i in range(count)]), tokenizer.size


def main() -> None:
    """Print the table and what it was measured with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shapes", nargs="+", default=["mr", "ag_news", "imdb"])
    options = parser.parse_args()
    others = ["table forward", "table explanation", "with the table built", *FEW]
    print(f"| documents | size, filters | torch forward, documents/s | {' | '.join(others)} |")
    print("| --- | --- | --: |" + " --: |" * len(others), flush=True)
    for name in options.shapes:
        documents, words = corpus(name, options.documents)
        for setting in SETTINGS:
            print(row(name, documents, words, setting, options.runs), flush=True)
    versions = f"torch {torch.__version__}, Numba {numba.__version__}, NumPy {np.__version__}"
    print(f"\n{date.today()}, {os.cpu_count()} cores, {platform.machine()}, {versions}")


if __name__ == "__main__":
    main()
