"""Test accuracy of `convlens fit` at its defaults on the papers' corpora, mean and spread over seeds.

    CONVLENS_DATA=FOLDER python -m benchmarks accuracy [NAME...] [--seeds 3]

Runs the commands that it prints, one after the other, and prints one row of a Markdown table for each.
NAME picks rows by data set, such as mr, or is a row. Rows with GloVe need glove.6B.50d.npy and glove.6B.100d.npy in
the folder, each with its words beside it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean, stdev

ROWS = [
    "mr",
    "mr --vectors $CONVLENS_DATA/glove.6B.50d.npy",
    "imdb",
    "ag_news",
    "20newsgroups",
    "20newsgroups --vectors $CONVLENS_DATA/glove.6B.100d.npy",
    # What the default of --vector-dropout was chosen by.
    "mr --vectors $CONVLENS_DATA/glove.6B.50d.npy --vector-dropout 0",
    "mr --vector-dropout 0.5",
    # What docs/presets.md tells.
    "mr --preset yuan-mr",
    "mr --preset yuan-mr --vectors $CONVLENS_DATA/glove.6B.100d.npy",
]
HEAD = """\
| command | accuracy | spread | macro F1 | baseline | test rows | epochs | seconds to fit |
| --- | --: | --: | --: | --: | --: | --: | --: |"""


def main() -> None:
    """Print the table row by row; what the data differ in from the official ones goes below it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help="data sets, by default all")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    notes: dict[str, None] = {}
    print(HEAD, flush=True)
    for row in ROWS:
        if not options.names or {row, row.split()[0]} & set(options.names):
            runs = [_fit(row, seed, notes) for seed in range(options.seeds)]
            print(_line(row, runs), flush=True)
    print(*["", *notes], sep="\n")


def _fit(row: str, seed: int, notes: dict[str, None]) -> dict[str, float]:
    """Run one command; collect what it says about its data."""
    arguments = [os.path.expandvars(argument) for argument in row.split()]
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "model")
        command = [sys.executable, "-m", "convlens", "fit", *arguments, "-o", model, "--json", "--quiet"]
        done = subprocess.run([*command, "--seed", str(seed)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    notes.update(dict.fromkeys(line for line in done.stderr.splitlines() if "official" in line))
    return dict(json.loads(done.stdout))


def _line(row: str, runs: list[dict[str, float]]) -> str:
    found = {name: [run[name] for run in runs] for name in runs[0] if isinstance(runs[0][name], int | float)}
    spread = stdev(found["accuracy"]) if len(runs) > 1 else 0.0
    cells = [
        f"`convlens fit {row}`",
        f"{mean(found['accuracy']):.2%}",
        f"{spread:.2%}",
        f"{mean(found['macro_f1']):.2%}",
        f"{mean(found['majority_baseline']):.2%}",
        f"{runs[0]['rows']:,}",
        f"{mean(found['epochs']):.1f}",
        f"{mean(found['seconds']):.0f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
