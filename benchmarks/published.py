"""A published model with its published numbers: Jacovi et al.'s, adopted from its weights, and what they printed of its filters.

    CONVLENS_DATA=FOLDER python -m benchmarks published [--clusters 40]

The folder holds `jacovi2018_published` (from their repository, alonjacovi/interpreting-cnn-for-text, under the MIT licence): weights, the
vocabulary, their split of MR, and for each filter the texts that pass, the threshold, the best n-gram and the sizes of its
clusters. Their rule for thresholds: the first 3,000 training lines, the predicted class, purity 0.6, scores without the filter's bias, and
of equal scores the last line first; the threshold is the first score that does not pass. Clusters are those of scikit-learn's `MeanShift()` on
the slots of the n-grams that pass, for so many filters: a minute or more each.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

import convlens
from convlens import Classifier, Trace
from convlens.text import UNKNOWN
from convlens.trace import trace

LINES, PURITY = 3000, 0.6
UNKNOWN_WORD = "@@UNK@@"  # as they call it


class Published(nn.Module):
    """The network that they describe: two words of padding on both sides, and filters of 2 and 3 words over flat vectors."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        words, size = weights["embedding.weight"].shape
        self.embedding = nn.Embedding(words, size)
        self.convs = nn.ModuleList(nn.Conv1d(1, 20, n * size, stride=size) for n in (2, 3))
        self.fc = nn.Linear(40, 2)
        self.load_state_dict(weights)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, 2) of word numbers (B, L)."""
        x = self.embedding(F.pad(ids, (2, 2))).flatten(1)[:, None]
        return self.fc(torch.cat([F.relu(conv(x)).amax(2) for conv in self.convs], 1))


class Numbers(NamedTuple):
    """What is printed of a filter, and the documents that pass, the highest score first."""

    passing: int
    threshold: float
    purity: float
    best_ngram: str
    best_score: float
    documents: NDArray[np.int64]


def adopted(folder: Path) -> Classifier:
    """Their model, proven on all their texts."""
    texts = [text for part in ("train", "test") for text in lines(folder, part)]
    network = Published(load_file(folder / "weights.safetensors"))
    return convlens.adopt(
        network,
        tokenizer="split",
        vocabulary=folder / "w2i.json",
        labels=("negative", "positive"),
        prove_on=texts,
    )


def lines(folder: Path, part: str) -> list[str]:
    """The texts of a part of their split."""
    return pl.read_parquet(folder / f"{part}.parquet")["text"].to_list()


def printed(folder: Path) -> list[dict[str, Any]]:
    """What they print of each filter, in the order of the filters."""
    filters = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    return sorted(filters, key=lambda row: [int(part[1:]) for part in row["filter"].split(".")])


def trace_of(classifier: Classifier, folder: Path) -> Trace:
    """The trace, with slots, of the lines that their numbers are of."""
    return trace(classifier.model, classifier.tokenizer.documents(lines(folder, "train")[:LINES]), slots=True)


def numbers(classifier: Classifier, texts: Trace, number: int) -> Numbers:
    """What their rule makes of a filter's trace."""
    weights = classifier.weights
    assert weights is not None
    scores = texts.peaks[:, number] - weights.filter_biases[number]
    order = np.argsort(scores, kind="stable")[::-1]
    agrees = texts.logits.argmax(1) == weights.head[:, number].argmax()
    purity = np.cumsum(agrees[order]) / np.arange(1, len(order) + 1)
    passing = int(np.flatnonzero(purity >= PURITY)[-1]) + 1
    best, n = int(order[0]), weights.config.widths[number]
    start = texts.documents.starts[best] + texts.positions[best, number]
    words = texts.documents.ids[start : start + n].tolist()
    names = [UNKNOWN_WORD if word == UNKNOWN else classifier.tokenizer.word(word) for word in words]
    score, threshold = float(scores[best]), float(scores[order[passing]])
    return Numbers(passing, threshold, float(purity[passing - 1]), " ".join(names), score, order[:passing])


def clusters(texts: Trace, number: int, width: int, documents: NDArray[np.int64]) -> list[int]:
    """Sizes of the clusters of the slots of the n-grams that pass, the largest first."""
    from sklearn.cluster import MeanShift

    assert texts.slots is not None
    labels = MeanShift().fit(texts.slots[documents, number, :width].astype(np.float64)).labels_
    return sorted(np.bincount(labels).tolist(), reverse=True)


def main() -> None:
    """Print what matches."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clusters", type=int, default=0, metavar="FILTERS")
    options = parser.parse_args()
    folder = Path(os.environ["CONVLENS_DATA"]) / "jacovi2018_published"
    start = time.perf_counter()
    classifier = adopted(folder)
    assert classifier.adoption is not None
    print(f"adopted in {time.perf_counter() - start:.1f} s: {classifier.adoption.told}\n")
    texts, rows = trace_of(classifier, folder), printed(folder)
    ours = [numbers(classifier, texts, number) for number in range(len(rows))]
    pairs = list(zip(ours, rows, strict=True))
    print("| of 40 filters | equal |\n| --- | --: |")
    print(f"| n-grams that pass | {sum(a.passing == b['passing'] for a, b in pairs)} |")
    print(f"| threshold, to 1e-4 | {sum(abs(a.threshold - b['threshold']) < 1e-4 for a, b in pairs)} |")
    print(f"| purity, to 1e-9 | {sum(abs(a.purity - b['purity']) < 1e-9 for a, b in pairs)} |")
    print(f"| best n-gram | {sum(a.best_ngram == b['best_ngram'] for a, b in pairs)} |")
    print(
        f"| its score, to 1e-4 | {sum(abs(a.best_score - b['best_score']) < 1e-4 for a, b in pairs)} |",
        flush=True,
    )
    equal = 0
    for number, (mine, theirs) in enumerate(pairs[: options.clusters], 1):
        width = int(theirs["filter"][1])
        sizes = clusters(texts, number - 1, width, mine.documents)
        equal += sizes == theirs["cluster_sizes"]
        print(f"| sizes of all clusters, of {number} filters | {equal} |", flush=True)


if __name__ == "__main__":
    main()
