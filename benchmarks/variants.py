"""Explaining a corpus by models that people write otherwise than Kim: padded texts, dense layers, other activations.

    CONVLENS_DATA=FOLDER python -m benchmarks variants [--documents 4000] [--runs 5] [--corpus imdb]

Documents a second of the exact explanation (matrices A and B of every document), over the best plain forward pass of torch of
the same model on the documents as the model is served: cut and padded to its length, or sorted by length; ready batches of 64
to 256, through conv1d or channels-last conv2d, whichever is fastest. The table is built before. Weights are
random, 100 filters each of 3, 4 and 5 words over vectors of 300. Ways in turn; medians.
"""

import argparse
import statistics
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.peers import Convolve, batches, conv1d, conv2d, corpus, seconds
from convlens.explain import METHODS
from convlens.explain.texts import by_trace
from convlens.explain.xu_du import matrix_a
from convlens.models import Padding, TextCNN, TextCNNConfig
from convlens.text import Documents
from convlens.trace.table import SlotTable, words_of

BASE = TextCNNConfig(dim=300)
VARIANTS = {
    "Kim, not padded": BASE,
    "padded to 400": replace(BASE, padding=Padding(length=400)),
    "zeros of k - 1 in the convolution": replace(BASE, padding=Padding(zeros="full")),
    "a dense layer of 50": replace(BASE, hidden=(50,)),
    "tanh": replace(BASE, activation="tanh"),
}


def served(model: TextCNN, documents: Documents, batch: int) -> list[Tensor]:
    """Batches as the network is served: all of its length, where it has one."""
    length = model.config.padding.length
    if length is None:
        return batches(documents, batch)
    cut = Documents.of([documents[i][:length] for i in range(len(documents))])
    return [F.pad(ids, (0, length - ids.shape[1])) for ids in batches(cut, batch)]


@torch.no_grad()
def forward(model: TextCNN, made: list[Tensor], convolve: Convolve) -> None:
    """One pass over batches that are ready."""
    zeros = model.config.padding.of_regions(model.config.regions)
    for ids in made:
        x = model.embed(ids)
        peaks = [
            convolve(conv, F.pad(x, (0, 0, *sides)) if any(sides) else x).amax(2)
            for conv, sides in zip(model.convolutions, zeros, strict=True)
        ]
        model.decide(torch.cat(peaks, 1))


def fastest(model: TextCNN, documents: Documents) -> tuple[list[Tensor], Convolve]:
    """The fastest form of torch's forward pass on a part of the documents, for all of them."""
    part = Documents.of([documents[i] for i in range(0, len(documents), max(len(documents) // 250, 1))])
    forms = [(2**p, convolve) for p in (6, 7, 8) for convolve in (conv1d, conv2d)]

    def best_of(form: tuple[int, Convolve]) -> float:
        made = served(model, part, form[0])
        return seconds(lambda: forward(model, made, form[1]))

    batch, convolve = min(forms, key=best_of)
    return served(model, documents, batch), convolve


def explained(table: SlotTable, documents: Documents) -> None:
    """Matrices A and B of every document."""
    scored = by_trace(METHODS["words"], table, documents)
    assert scored.trace is not None
    matrix_a(table.weights, scored.trace)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--corpus", default="imdb")
    options = parser.parse_args()
    documents, words = corpus(options.corpus, options.documents)
    print(
        "| model | torch forward, documents/s | explanation, documents/s | times torch |\n| --- | --: | --: | --: |"
    )
    for name, config in VARIANTS.items():
        torch.manual_seed(0)
        model = TextCNN(config, words, 2).eval()
        made, convolve = fastest(model, documents)
        table = SlotTable(model, words_of(documents, words))
        runs = [
            (
                seconds(lambda made=made, convolve=convolve, model=model: forward(model, made, convolve)),
                seconds(lambda table=table: explained(table, documents)),
            )
            for _ in range(options.runs + 1)
        ][1:]
        by_torch, ours = (options.documents / statistics.median(run) for run in np.array(runs).T.tolist())
        print(f"| {name} | {by_torch:,.0f} | {ours:,.0f} | {ours / by_torch:.1f} |", flush=True)


if __name__ == "__main__":
    main()
