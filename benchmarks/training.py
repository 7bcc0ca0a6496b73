"""How long one training step takes, against the same model through torch's own backward pass.

    python -m benchmarks training

Documents of random words in the lengths of MR, AG's News and IMDb; medians of 5 runs of 20 steps, the two
ways in turn, so that a busy machine slows both. The ratio is what counts.
"""

import statistics
import time

import torch
import torch.nn.functional as F
from torch import Tensor

from convlens.models import TextCNN, TextCNNConfig

SHAPES = {"MR": 21, "AG's News": 40, "IMDb": 270}  # words in a document
BATCH, WORDS, STEPS, RUNS = 64, 20_000, 20, 5


def textbook(model: TextCNN, ids: Tensor) -> Tensor:
    """Convolve, max, ReLU, head; every gradient by autograd."""
    x = model.embed(ids).transpose(1, 2)
    pooled = torch.cat([conv(x).amax(2) for conv in model.convolutions], 1)
    return model.head(F.dropout(F.relu(pooled), model.config.dropout, model.training))


def seconds(forward, model: TextCNN, optimizer: torch.optim.Optimizer, ids: Tensor) -> float:
    """Wall time of `STEPS` steps."""
    classes = torch.arange(len(ids)) % 2
    begin = time.perf_counter()
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(forward(model, ids), classes).backward()
        optimizer.step()
    return time.perf_counter() - begin


def main() -> None:
    """Print a Markdown table."""
    print("| documents like | textbook, ms a step | ConvLens, ms a step | ratio |\n| --- | --: | --: | --: |")
    for name, length in SHAPES.items():
        torch.manual_seed(0)
        model = TextCNN(TextCNNConfig(), WORDS, 2).train()
        optimizer = torch.optim.Adam(model.parameters(), fused=True)
        ids = torch.randint(2, WORDS, (BATCH, length))
        ways = (textbook, lambda model, ids: model(ids))
        runs = [[seconds(way, model, optimizer, ids) for way in ways] for _ in range(RUNS + 1)][1:]
        plain, ours = (statistics.median(run[i] for run in runs) / STEPS * 1e3 for i in (0, 1))
        print(f"| {name}, {length} words | {plain:.1f} | {ours:.1f} | {plain / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main()
