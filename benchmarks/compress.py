"""What models of the papers' corpora can do without: what docs/compress.md tells.

    CONVLENS_DATA=FOLDER python -m benchmarks compress [NAME...] [--models FOLDER]

Runs `convlens fit` where FOLDER has no model of that name, then `convlens prune` and `convlens edit`, and prints their
commands and tables as Markdown.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FITS = {
    "mr": "fit mr --epochs 6",
    "ag_news": "fit ag_news --epochs 3",
    "imdb": "fit imdb --dim 50 --regions 3,4,5 --filters 100 --epochs 2",
}
COMMANDS = {
    "mr": [
        "prune model mr --thresholds 0.5,0.6,0.7,0.75,0.8,0.9,1",
        "prune model mr --thresholds auto",
        "prune model mr --filters auto",
        "prune model mr --words 5%",
        "edit model mr --disable word:bad --disable word:worst --disable word:dull",
        "edit model mr --disable word:bad --disable word:worst --disable word:dull --tune",
    ],
    "ag_news": [
        "prune model ag_news --thresholds 0.5,0.6,0.7,0.75,0.8,0.9,1",
        "prune model ag_news --thresholds auto",
        "prune model ag_news --filters auto",
        "prune model ag_news --filters 0.1",
        "edit model ag_news --disable word:reuters --disable 'ngram:associated press'",
    ],
    "imdb": ["prune model imdb --words 5%"],
}


def main() -> None:
    """Fit where needed, prune, edit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(COMMANDS)}, by default all")
    parser.add_argument("--models", type=Path, help="folder of models, kept")
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.names or COMMANDS:
            model = (options.models or Path(folder)) / name
            if not model.exists():
                _run(f"{FITS[name]} -o {model} --quiet")
            print(f"\n## {name}\n\n`convlens {FITS[name]} -o model`")
            for command in COMMANDS[name]:
                found = json.loads(_run(command.replace(" model ", f" {model} ") + " --json"))
                print(f"\n`convlens {command}`\n")
                _print(found)


def _run(command: str) -> str:
    arguments = [sys.executable, "-m", "convlens", *shlex.split(command)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def _print(found: dict[str, Any]) -> None:
    """Each table of rows; of metrics the accuracy and the recalls."""
    metrics = {name: value for name, value in found.items() if isinstance(value, dict)}
    for rows in (value for value in found.values() if isinstance(value, list)):
        _table([list(rows[0]), *(list(row.values()) for row in rows)])
    if metrics:
        labels = next(iter(metrics.values()))["labels"]
        lines = [["", "accuracy", *(f"recall of {label}" for label in labels)]]
        for name, value in metrics.items():
            recalls = [row[i] / sum(row) for i, row in enumerate(value["confusion"])]
            lines.append([name, value["accuracy"], *recalls])
        _table(lines)


def _table(lines: list[list[Any]]) -> None:
    head, *rows = lines
    print("|", " | ".join(str(name).replace("_", " ") for name in head), "|")
    print("| ---", *("--:" for _ in head[1:]), sep=" | ", end=" |\n")
    for row in rows:
        print("|", " | ".join(_cell(value) for value in row), "|")
    print(flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
