"""The cards of all filters of a model over IMDb: time, processor time and memory at once, twice and four times the reviews.

    convlens fit imdb -o imdb --dim 50 --regions 3,4,5 --filters 100 --epochs 2
    CONVLENS_DATA=FOLDER python -m benchmarks cards imdb [--documents 6250] [--times 1 2 4]

Each in a process of its own, from texts to cards, the model loaded before; the stages are those that the progress bar
names. Prints Markdown tables. Memory is the greatest resident set of the process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import date

from convlens import load, load_data
from convlens.filters import filter_cards
from convlens.progress import Progress


class Clock(Progress):
    """Notes when each stage began."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, float]] = []

    def on_stage(self, name: str, steps: int | None = None) -> None:
        self.stages.append((name, time.perf_counter()))


def once(folder: str, documents: int) -> dict[str, object]:
    """Make the cards once; what it cost."""
    classifier, every = load(folder), load_data("imdb").train.texts
    texts = [
        every[i * len(every) // documents] for i in range(documents)
    ]  # they are in the order of their classes
    clock, before, begun = Clock(), time.process_time(), time.perf_counter()
    cards = filter_cards(classifier, texts, watch=clock)
    ended = time.perf_counter()
    ends = [start for _, start in clock.stages[1:]] + [ended]
    return {
        "documents": len(texts),
        "words": cards.words,
        "seconds": ended - begun,
        "processor": time.process_time() - before,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "passing": sum(card.passing for card in cards),
        "stages": [(name, end - start) for (name, start), end in zip(clock.stages, ends, strict=True)],
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--documents", type=int, default=6250)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(once(options.model, options.once)))
        return
    print(f"{date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}\n")
    print("| reviews | words | seconds | processor seconds | for a million words | MiB | n-grams that pass |")
    print("| --: | --: | --: | --: | --: | --: | --: |")
    for times in options.times:
        command = [sys.executable, "-m", "benchmarks", "cards", options.model, "--once"]
        done = subprocess.run(
            [*command, str(times * options.documents)], stdout=subprocess.PIPE, text=True, check=True
        )
        cost = json.loads(done.stdout)
        print(
            f"| {cost['documents']:,} | {cost['words']:,} | {cost['seconds']:.0f} | {cost['processor']:.0f} | "
            f"{cost['processor'] / cost['words'] * 1e6:.1f} | {cost['memory']:,.0f} | {cost['passing']:,} |",
            flush=True,
        )
    print("\n| stage of the last | seconds |\n| --- | --: |")
    for name, seconds in cost["stages"]:
        print(f"| {name} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
