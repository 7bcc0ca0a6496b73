"""Seconds an epoch of training takes, and the accuracy it comes to, beside other ways to train the same model.

    CONVLENS_DATA=FOLDER python -m benchmarks training [NAME...] [--documents 1000] [--epochs 3] [--dim 100]

Each way trains the same model (filters of 3, 4 and 5 words, 100 of each, random word vectors, Adam at 0.001, batches
of 64) on the same documents, tokenised beforehand, with the same seeds. They train in turn, an epoch of each, so that a
busy machine slows all. The ratios are what counts. Nothing is held out, and no way stops early. All of IMDb takes
hours, `imdb --documents 600` minutes.

- tutorial: a DataLoader over Python lists, padded to the longest document; Conv1d, max, dense torch.optim.Adam
- torch, conv1d and torch, conv2d: batches of like length from tensors, fused Adam; the faster depends on the lengths
- ConvLens: `convlens.models.training.run`, the loop of `fit`
- Keras: the usual functional model and its `fit` on an array padded to the longest document; needs `keras` and a backend
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from convlens.data import Corpus, load, split
from convlens.models import TextCNN, TextCNNConfig, by_length, pad
from convlens.models.batches import shuffled
from convlens.models.training import Examples, TrainConfig, run, start
from convlens.text import TextConfig, build_tokenizer

REGIONS, FILTERS, BATCH, RATE = (3, 4, 5), 100, 64, 1e-3


@dataclass(frozen=True)
class Task:
    """What every way is given."""

    train: Examples
    test: Examples
    words: int
    dim: int
    epochs: int
    seed: int

    @property
    def longest(self) -> int:
        return max(self.train.lengths)

    def model(self) -> TextCNN:
        """The model of all ways that run on torch alone, with the same weights in each."""
        torch.manual_seed(self.seed)
        model = TextCNN(TextCNNConfig(REGIONS, FILTERS, self.dim), self.words, 2)
        nn.init.uniform_(model.embed.weight, -0.25, 0.25)
        with torch.no_grad():
            model.embed.weight[0] = 0
        return model.train()


Way = Callable[
    [Task], Iterator[Callable[[], float]]
]  # trains an epoch at each step; yields the test accuracy, on call


def accuracy(model: TextCNN, logits: Callable[[Tensor], Tensor], examples: Examples) -> float:
    """Share of right answers without dropout; batches of like length, padded to room for a window."""
    model.eval()
    right = 0
    with torch.no_grad():
        for places in by_length(examples.lengths):
            ids = pad([*(examples.documents[i] for i in places), np.zeros(max(REGIONS), np.int64)])[:-1]
            right += int((logits(ids).argmax(1).numpy() == examples.classes[places]).sum())
    return right / len(examples.documents)


def tutorial(task: Task) -> Iterator[Callable[[], float]]:
    """As most tutorials write it."""
    model = task.model()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    rows = [(d.tolist(), int(c)) for d, c in zip(task.train.documents, task.train.classes, strict=True)]

    def collate(batch: list[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
        padded = [ids + [0] * (task.longest - len(ids)) for ids, _ in batch]
        return torch.tensor(padded), torch.tensor([c for _, c in batch])

    def logits(ids: Tensor) -> Tensor:
        x = model.embed(ids).transpose(1, 2)
        pooled = [F.relu(conv(x)).max(dim=2).values for conv in model.convolutions]
        return model.head(F.dropout(torch.cat(pooled, 1), 0.5, model.training))

    for _ in range(task.epochs):
        model.train()
        for ids, classes in DataLoader(rows, BATCH, shuffle=True, collate_fn=collate):
            optimizer.zero_grad()
            F.cross_entropy(logits(ids), classes).backward()
            optimizer.step()
        yield lambda: accuracy(model, logits, task.test)


def conv1d(x: Tensor, conv: nn.Conv1d) -> Tensor:
    """Convolve (B, T, d), with the words side by side in memory."""
    return F.conv1d(x.transpose(1, 2).contiguous(), conv.weight, conv.bias)


def conv2d(x: Tensor, conv: nn.Conv1d) -> Tensor:
    """Convolve (B, T, d), channels last, over a height of one."""
    return F.conv2d(x.transpose(1, 2)[:, :, None], conv.weight[:, :, None], conv.bias)[:, :, 0]


def best_torch(convolve: Callable[[Tensor, nn.Conv1d], Tensor], task: Task) -> Iterator[Callable[[], float]]:
    """What torch does fastest without kernels of one's own."""
    model = task.model()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    rng = np.random.default_rng(task.seed)
    documents = [torch.from_numpy(d) for d in task.train.documents]
    classes = torch.from_numpy(task.train.classes)

    def logits(ids: Tensor) -> Tensor:
        x = model.embed(F.pad(ids, (0, max(max(REGIONS) - ids.shape[1], 0))))
        pooled = F.relu(torch.cat([convolve(x, conv).max(2).values for conv in model.convolutions], 1))
        return model.head(F.dropout(pooled, 0.5, model.training))

    for _ in range(task.epochs):
        model.train()
        for places in shuffled(task.train.lengths, BATCH, rng):
            optimizer.zero_grad()
            ids = nn.utils.rnn.pad_sequence([documents[i] for i in places], batch_first=True)
            F.cross_entropy(logits(ids), classes[places]).backward()
            optimizer.step()
        yield lambda: accuracy(model, logits, task.test)


def convlens(task: Task) -> Iterator[Callable[[], float]]:
    """The loop of `fit`; one document to validate on, so that next to nothing but training is timed."""
    model = task.model()
    config = TrainConfig(task.epochs, task.epochs, BATCH, RATE, seed=task.seed)
    one = Examples(task.train.documents[:1], task.train.classes[:1])
    for _ in run(start(model, config), task.train, one, config):
        yield lambda: accuracy(model, model, task.test)


def keras(task: Task) -> Iterator[Callable[[], float]]:
    """The usual Keras model, on the backend that KERAS_BACKEND names."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(task.seed)
    words = layers.Input((None,), dtype="int32")
    x = layers.Embedding(task.words, task.dim, "uniform")(words)
    pooled = [layers.GlobalMaxPooling1D()(layers.Conv1D(FILTERS, n, activation="relu")(x)) for n in REGIONS]
    out = layers.Dense(2)(layers.Dropout(0.5)(layers.Concatenate()(pooled)))
    model = keras.Model(words, out)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss)

    def padded(examples: Examples, width: int) -> np.ndarray:
        return keras.utils.pad_sequences(examples.documents, width, padding="post", truncating="post")

    train = padded(task.train, task.longest)
    for _ in range(task.epochs):
        model.fit(train, task.train.classes, BATCH, verbose=0)
        yield lambda: float(
            np.mean(model.predict(padded(task.test, task.longest), verbose=0).argmax(1) == task.test.classes)
        )


WAYS: dict[str, Way] = {
    "tutorial": tutorial,
    "torch, conv1d": partial(best_torch, conv1d),
    "torch, conv2d": partial(best_torch, conv2d),
    "ConvLens": convlens,
    "Keras": keras,
}


def measure(ways: dict[str, Way], task: Task) -> dict[str, tuple[list[tuple[float, float]], float]]:
    """Seconds and processor seconds of every epoch, and the test accuracy after the last, by way."""
    running = {name: way(task) for name, way in ways.items()}
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    tests: dict[str, Callable[[], float]] = {}
    for _ in range(task.epochs):
        for name, epochs in running.items():
            begin, processor = time.perf_counter(), time.process_time()
            tests[name] = next(epochs)
            seconds[name].append((time.perf_counter() - begin, time.process_time() - processor))
    return {name: (seconds[name], tests[name]()) for name in ways}


def report(name: str, ways: dict[str, Way], tasks: list[Task]) -> None:
    """One Markdown table: medians over all epochs but the first of the first seed, which compiles and warms up."""
    task = tasks[0]
    print(
        f"\n{name}: {len(task.train.documents):,} documents, {task.words:,} words, the longest document has"
        f" {task.longest:,}, the mean {np.mean(task.train.lengths):.0f}; vectors of {task.dim}; {task.epochs} epochs,"
        f" {len(task.test.documents):,} documents to test,"
        f" {len(tasks)} seeds\n"
    )
    runs = [measure(ways, task) for task in tasks]
    all_seconds = {way: [s for run in runs for s in run[way][0]] for way in ways}
    found = {way: _medians(seconds[1:] or seconds) for way, seconds in all_seconds.items()}
    ours = found["ConvLens"]
    print("| way | seconds an epoch | ConvLens | processor seconds | ConvLens | test accuracy | from - to |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for way, (wall, processor) in found.items():
        right = [run[way][1] for run in runs]
        print(
            f"| {way} | {wall:.2f} | {wall / ours[0]:.1f}x | {processor:.2f} | {processor / ours[1]:.1f}x"
            f" | {statistics.mean(right):.1%} | {min(right):.1%} - {max(right):.1%} |",
            flush=True,
        )


def _medians(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    first, second = zip(*pairs, strict=True)
    return statistics.median(first), statistics.median(second)


def tasks(name: str, options: argparse.Namespace) -> list[Task]:
    """The same documents once for every seed."""
    parts = load(name)
    train, test = (_some(corpus, options.documents) for corpus in (parts.train, parts.test))
    tokenizer = build_tokenizer(train.texts, TextConfig())
    both = [Examples(tokenizer.ids(c.texts), np.asarray(c.labels, dtype=np.int64)) for c in (train, test)]
    return [Task(*both, tokenizer.size, options.dim, options.epochs, seed) for seed in range(options.seeds)]


def _some(corpus: Corpus, documents: int) -> Corpus:
    """So many documents of a corpus, drawn by class; all if 0."""
    fewer = 0 < documents < len(corpus)
    return split(corpus, share=documents / len(corpus), seed=0).test if fewer else corpus


def main() -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", default=["mr", "imdb"], help="data sets of two classes")
    parser.add_argument(
        "--documents", type=int, default=0, help="train on so many, test on at most so many; by default all"
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--dim", type=int, default=100, help="numbers of a word vector")
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    ways = dict(WAYS)
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if not all(find_spec(name) for name in ("keras", os.environ["KERAS_BACKEND"])):
        print("Keras is left out: `keras` or its backend is not installed")
        del ways["Keras"]
    else:
        ways[f"Keras on {os.environ['KERAS_BACKEND']}"] = ways.pop("Keras")
    for name in options.names:
        report(name, ways, tasks(name, options))


if __name__ == "__main__":
    main()
