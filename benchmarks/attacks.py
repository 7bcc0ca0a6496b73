"""Attacks and certificates on the papers' corpora: what docs/attack.md tells.

    CONVLENS_DATA=FOLDER python -m benchmarks attacks [NAME...] [--models FOLDER] [--documents 1000]

Runs `convlens fit` where FOLDER has no model of that name (Xu & Du's network from GloVe of 100 numbers, which must lie in
CONVLENS_DATA), then the attacks, and prints their commands and tables as Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FIT = "--preset xu-du --vectors $CONVLENS_DATA/glove.6B.100d.npy"
TYPO = "--order exact,words,sensitivity-l2,gradient-x-input,random"
ROWS = {
    "imdb": (FIT, [TYPO]),
    "ag_news": (f"{FIT} --lr 0.01", [TYPO]),
    "mr": (
        FIT,
        [
            TYPO,
            "--attack insertion",
            "--certify --nearest 10",
            "--certify --nearest 10 --edits 2 --documents 200",
            "--certify --documents 200",
        ],
    ),
}


def main() -> None:
    """Fit where needed, attack, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(ROWS)}, by default all")
    parser.add_argument("--models", type=Path, help="folder of models, kept")
    parser.add_argument("--documents", type=int, default=1000)
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    with tempfile.TemporaryDirectory() as folder:
        models = options.models or Path(folder)
        for name in options.names or ROWS:
            fitting, attacks = ROWS[name]
            if not (models / name).exists():
                _run(["fit", name, *os.path.expandvars(fitting).split(), "-o", str(models / name), "--quiet"])
            print(f"\n## {name}\n\n`convlens fit {name} {fitting} -o model`")
            for attack in attacks:
                _one(models / name, name, attack, options.documents)


def _one(model: Path, name: str, attack: str, documents: int) -> None:
    """One command and its table."""
    arguments = attack if "--documents" in attack else f"{attack} --documents {documents}"
    found = json.loads(_run(["attack", str(model), name, *arguments.split(), "--quiet", "--json"]))
    print(f"\n`convlens attack model {name} {arguments}`: {found['attackable']:,} attackable\n")
    if "orders" in found:
        rows = [_ordered(row) for row in found["orders"]]
        _table(["order", "turned", "mean edits", "ms a document", "unrealised"], rows)
        return
    count = max(found["attackable"], 1)
    cells = [f"{found[verdict] / count:.1%}" for verdict in ("certified", "broken", "unknown")]
    cost = f"{found['milliseconds_per_document']:.1f}"
    _table(["certified", "broken", "unknown", "ms a document"], [[*cells, cost]])


def _ordered(row: dict[str, Any]) -> list[str]:
    edits = "" if row["mean_edits"] is None else f"{row['mean_edits']:.2f}"
    cost = f"{row['milliseconds_per_document']:.1f}"
    return [f"`{row['order']}`", f"{row['success_rate']:.1%}", edits, cost, f"{row['unrealised']:,}"]


def _run(arguments: list[str]) -> str:
    """The output of a command; exit code 1 is an answer."""
    command = [sys.executable, "-m", "convlens", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        sys.exit(done.stderr)
    return done.stdout


def _table(head: list[str], rows: list[list[str]]) -> None:
    print("|", " | ".join(head), "|\n|", " | ".join("---" for _ in head), "|")
    for row in rows:
        print("|", " | ".join(row), "|")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
