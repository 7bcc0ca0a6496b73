"""How faithful the methods are on the papers' corpora: what docs/evaluate.md tells.

    CONVLENS_DATA=FOLDER python -m benchmarks deletion [NAME...] [--models FOLDER] [--charts docs]

Runs `convlens fit` where FOLDER has no model of that name, then `convlens evaluate`, and prints their commands and
tables as Markdown. With --charts, it writes the deletion curves of each data set there.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MANY = "words,lrp,gradient-x-input,sensitivity,loss-change,occlusion,greedy,random"
ROWS = {
    "mr": ("fit mr", f"--documents 0 --methods {MANY}"),
    "20newsgroups": ("fit 20newsgroups --epochs 8", "--min-words 100 --documents 500"),
}


def main() -> None:
    """Fit where needed, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(ROWS)}, by default all")
    parser.add_argument("--models", type=Path, help="folder of models, kept")
    parser.add_argument("--charts", type=Path, help="folder for the curves")
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    with tempfile.TemporaryDirectory() as folder:
        models = options.models or Path(folder)
        for name in options.names or ROWS:
            _one(name, models, Path(folder), options.charts)


def _one(name: str, models: Path, folder: Path, charts: Path | None) -> None:
    fitting, evaluating = ROWS[name]
    model, found = models / name, folder / f"{name}-evaluation"
    if not model.exists():
        _run([*fitting.split(), "-o", str(model), "--quiet"])
    begin = time.perf_counter()
    _run(["evaluate", str(model), name, *evaluating.split(), "-o", str(found), "--quiet"])
    seconds = time.perf_counter() - begin
    print(f"\n## {name}\n\n```\nconvlens {fitting} -o model")
    print(f"convlens evaluate model {name} {evaluating} --json\n```\n")
    _print(json.loads((found / "evaluation.json").read_text(encoding="utf-8")), seconds)
    if charts is not None:
        shutil.copyfile(found / "deletion.svg", charts / f"deletion-{name}.svg")


def _run(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "convlens", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)


def _print(found: dict[str, Any], seconds: float) -> None:
    print(
        f"{found['documents']:,} of {found['available']:,} documents that are long enough, {found['correct']:,} "
        f"classified correctly; {seconds:.0f} s.\n"
    )
    areas = {(row["method"], row["group"]): row for row in found["deletion"]}
    erasure = {row["method"]: row for row in found["erasure"]}
    rows = []
    for row in found["ranking"]:
        name = row["method"]
        groups = [_ranged(areas[name, g], "area") for g in ("correct", "wrong") if (name, g) in areas]
        kinds = [_number(erasure.get(name, {}).get(kind), 3) for kind in ("comprehensiveness", "sufficiency")]
        rows.append([f"`{name}`", _ranged(row, "turned"), *groups, *kinds])
    _table(
        ["method", "decisions turned", "area, correct", "area, wrong", "comprehensiveness", "sufficiency"],
        rows,
    )
    pairs = [
        [f"`{r['method']}`, `{r['other']}`", *(_number(r[k]) for k in ("spearman", "kendall", "overlap"))]
        for r in found["agreement"]
    ]
    _table(["methods", "Spearman", "Kendall", "of the top 5 in common"], pairs)
    stages = list(dict.fromkeys(row["stage"] for row in found["sanity"]))
    cells = {(r["method"], r["stage"]): (r["spearman"], r["spearman_absolute"]) for r in found["sanity"]}
    rows = [
        [f"`{m}`", *(" / ".join(map(_number, cells[m, s])) for s in stages)]
        for m in found["methods"]
        if (m, stages[0]) in cells
    ]
    _table(["method", *stages], rows)


def _ranged(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1%} ({row['low']:.1%} to {row['high']:.1%})"


def _number(value: float | None, digits: int = 2) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _table(head: list[str], rows: list[list[str]]) -> None:
    print("|", " | ".join(head), "|\n| --- |", " | ".join("--:" for _ in head[1:]), "|")
    for row in rows:
        print("|", " | ".join(row), "|")
    print(flush=True)


if __name__ == "__main__":
    main()
