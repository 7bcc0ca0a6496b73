"""Feed ConvLens texts, model folders, corpora and states made to break it, and count what comes of them.

    python -m benchmarks fuzz [--texts 100000] [--folders 10000] [--corpora 10000] [--states 2000]
        [--seed 0] [--processes 2] [--keep FOLDER]

Every text must be cut, traced and explained alike by all ways to do it; every damaged model folder, corpus, checkpoint,
scan manifest and file of word vectors must be refused in one sentence of at most 300 characters, or be read, and then work.
Attempts run in forked processes, which are killed after 5 s of a processor. Prints a table of counts, and every kind of
failure; what fails is kept in `--keep` with its reason. The exit code is 1 where anything failed. The same seed makes the same
inputs; a name with 0 inputs is left out.
"""

import argparse
import os
import sys
import tempfile
import warnings
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[threads] = "1"  # each process is one of several; before anything reads them

import torch

from benchmarks.fuzzing import corpora, folders, states, texts
from benchmarks.fuzzing.runs import FAILURES, Kind, Result, Tally, lines_of, run

KINDS: dict[str, tuple[Kind, int]] = {
    "texts": (texts.KIND, 100_000),
    "folders": (folders.KIND, 10_000),
    "corpora": (corpora.KIND, 10_000),
    "states": (states.KIND, 2_000),
}


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, (_, count) in KINDS.items():
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a new folder for good inputs and for those that fail")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("error")
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory(prefix="fuzz.") as temporary:
        folder = chosen.keep or Path(temporary)
        for name, (kind, _) in KINDS.items():
            numbers = range(-(-getattr(chosen, name) // kind.inputs))
            seeded = range(chosen.seed * 10**9, chosen.seed * 10**9 + len(numbers))
            if numbers:
                tallies[name] = run(
                    kind, name, seeded, folder, chosen.processes, progress(name, len(numbers))
                )
        print("\n".join(lines_of(tallies)))
    sys.exit(any(tally.failures for tally in tallies.values()))


class progress:
    """A line on stderr, written anew with every hundredth."""

    def __init__(self, name: str, attempts: int) -> None:
        self.name, self.attempts, self.done, self.failed = name, attempts, 0, 0

    def __call__(self, result: Result) -> None:
        self.done += 1
        self.failed += result.outcome in FAILURES
        if sys.stderr.isatty() and self.done % max(self.attempts // 100, 1) == 0:
            print(
                f"\r{self.name}: {self.done:,} of {self.attempts:,}, {self.failed} failed",
                end="",
                file=sys.stderr,
            )


if __name__ == "__main__":
    main()
