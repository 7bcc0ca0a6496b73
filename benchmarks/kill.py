"""Kill every command that writes, and count what was there afterwards.

    python -m benchmarks kill [NAME ...] [--times 20] [--seed 0] [--all-renames]

Each command is run undisturbed, and then killed with SIGKILL `--times` times at a random moment of its run. With
`--all-renames` it is also killed before its first, second, ... change of a name (a file or folder is made, renamed,
exchanged, removed) until it ends by itself: once where two names can take each other's place in one step, and once where
the system has no such call. Most commands write over something old.

After a kill the output must be the old or the new, byte by byte, and be read; where there was no old one it may be absent, or
be refused as not whole. Then the same command, with --resume where it has that, must end with the bytes of the undisturbed run
and leave no hidden file. Of models the card and `config.json` are not compared, which tell times. The exit code is 1 where
anything was lost or left over.
"""

import argparse
import os
import random
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS"):
    os.environ[threads] = "1"  # this process, which forks, must have no threads that work

import convlens.filters
import convlens.report  # noqa: F401
from benchmarks.killing.commands import COMMANDS, make_inputs
from benchmarks.killing.processes import warm_up
from benchmarks.killing.trial import HEAD, Trial, line_of

# Imported once, and not in every fork, where commands import them when they need them.
MODULES = (
    "sklearn.cluster",
    "sklearn.metrics",
    "torch._dynamo",
    "convlens.kernels.vectors",
    "convlens.kernels.walk",
)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COMMANDS)} (default: all)")
    parser.add_argument("--times", type=int, default=20, help="kills of each at random moments")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all-renames", action="store_true", help="kill before every change of a name too")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(HEAD, flush=True)
    total: Counter[str] = Counter()
    warm_up(
        MODULES,
        ("fit", "edit", "prune", "explain", "scan", "filters", "words", "attack", "evaluate", "report"),
    )
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(Path(folder))
        for name in options.names or COMMANDS:
            trial = Trial(name, COMMANDS[name], Path(folder))
            trial.at_random(options.times, random.Random(f"{options.seed} {name}"))
            if options.all_renames:
                trial.at_every_change(exchange=True)
                trial.at_every_change(exchange=False)
            print(line_of(name, trial.tally), flush=True)
            total += trial.tally
    print(line_of("all", total))
    sys.exit(bool(total["lost"] or total["leftovers"]))


if __name__ == "__main__":
    main()
