"""What it takes to adopt a network of real size, and to prove it.

    python -m benchmarks adoption [--words 20000] [--size 300] [--filters 100] [--length 400] [--texts 1000]

The network is Kim's in PyTorch with random weights, filters of 3, 4 and 5 words, texts padded to one length: made-up texts of 20 to twice the
length words. Memory is the most that the process ever had, the network and torch among it.
"""

import argparse
import resource
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import convlens

MEBIBYTES = 2**10  # kilobytes


class Network(nn.Module):
    """Convolutions over an image of word vectors."""

    def __init__(self, words: int, size: int, filters: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, size, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv2d(1, filters, (n, size)) for n in (3, 4, 5))
        self.fc = nn.Linear(3 * filters, 2)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (B, 2) of word numbers (B, L)."""
        x = self.embed(ids).unsqueeze(1)
        maps = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        return self.fc(torch.cat([F.max_pool1d(m, m.size(2)).squeeze(2) for m in maps], 1))


def main() -> None:
    """Adopt once, and print seconds and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, value in (("words", 20_000), ("size", 300), ("filters", 100), ("length", 400), ("texts", 1000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    torch.manual_seed(0)
    network = Network(options.words, options.size, options.filters).eval()
    generator = np.random.default_rng(0)
    lengths = generator.integers(20, 2 * options.length, options.texts)
    texts = [" ".join(f"w{i}" for i in generator.integers(2, options.words, length)) for length in lengths]
    vocabulary = {"<pad>": 0, "<unk>": 1} | {f"w{i}": i for i in range(2, options.words)}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTES
    start, busy = time.perf_counter(), time.process_time()
    classifier = convlens.adopt(
        network,
        tokenizer="split",
        vocabulary=vocabulary,
        labels=("a", "b"),
        prove_on=texts,
        padding=convlens.Padding(length=options.length),
    )
    seconds, processor = time.perf_counter() - start, time.process_time() - busy
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTES
    assert classifier.adoption is not None
    print(f"{classifier.adoption.network}\n{classifier.adoption.told}")
    print(f"{seconds:.1f} s, {processor:.1f} processor seconds, {torch.get_num_threads()} threads")
    print(f"{most:,.0f} MiB at most, {before:,.0f} before")


if __name__ == "__main__":
    main()
