"""The limits that this version keeps, in one table: commands, single answers, corpora and methods.

    CONVLENS_DATA=FOLDER python -m benchmarks limits [--against FOLDER] [--times 3] [--reviews 4000]

It runs `answers`, the explanation of a corpus of `engine` (10,000 documents of MR, 4,000 of IMDb, vectors of 300 and 100
filters of each region) and some of `methods` (1,000 sentences of MR), with few repeats: these commands alone
say more. The explanations of corpora run with an allocator that keeps what is freed: else what a process freed before
decides whether each repeat must fault its pages in again, a sixth of its time.

`--against` is a checkout of an older version (see `answers`), whose numbers, by its own `engine` and `methods`, stand
under "before"; the versions run in turn. The limits were set on a faster machine, where an older version took what
"then" says: the last two columns are what this version, and the limit, make of the version before.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import torch

from benchmarks import answers
from convlens.models import save


class Limit(NamedTuple):
    """What a number may be, in its row's unit, and what it was where the limit was set."""

    bound: float
    then: float | None = None
    wanted: float | None = None  # of a speed, where `bound` is the least


LIMITS = {
    "`convlens --help`, s": Limit(0.3, 4.0),
    "`convlens --version`, s": Limit(0.3),
    "`import convlens`, s": Limit(0.2, 3.7),
    "`convlens predict MODEL TEXT`, s": Limit(0.9, 5.4),
    "`convlens explain MODEL TEXT`, s": Limit(0.9, 5.4),
    "`convlens.explain`, 20 words, after `convlens.warm`, ms": Limit(0.4, 2.7),
    "`convlens.explain`, 250 words, after `convlens.warm`, ms": Limit(0.8, 4.6),
    "`explain_all`, 64 texts of 20 words, after `convlens.warm`, ms": Limit(4, 22),
    "`explain_all`, 64 texts of 250 words, after `convlens.warm`, ms": Limit(8, 63),
    "a deletion in the order `exact`, 250 words, ms": Limit(1, 5),
    "explaining MR, times torch's forward": Limit(20, wanted=25),
    "explaining IMDb, times torch's forward": Limit(36, wanted=50),
    "`sensitivity`, torch's passes": Limit(1.5),
    "`sensitivity-l2`, torch's passes": Limit(1.5),
    "`thresholded`, torch's passes": Limit(1.5),
    "`greedy`, torch's passes": Limit(60),
}
TURNS = 21
KEEPING = {f"MALLOC_{what}_THRESHOLD_": str(2**31 - 1) for what in ("MMAP", "TRIM")}  # as glibc reads them
CORPORA = """
import contextlib, importlib.util, io, json, sys
from benchmarks import engine, methods, peers
reviews, runs = map(int, sys.argv[1:])
values = {}
for name, corpus, count in (("MR", "mr", 10_000), ("IMDb", "imdb", reviews)):
    documents, words = peers.corpus(corpus, count)
    model = engine.model_of(300, 100, words)
    cost, _ = engine.costs(model, documents, runs)
    values[f"explaining {name}, times torch's forward"] = cost.torch / cost.explain
    for other, some, way in engine.SLOW:
        if other == "Captum input x gradient" or "ONNX" in other and importlib.util.find_spec("onnxruntime"):
            part = engine._spread(documents, some)
            way(model, engine._spread(documents, 8))
            values[f"{other}, {name}, times torch's forward"] = cost.torch / count * some / peers.seconds(lambda: way(model, part))
names = ("sensitivity", "sensitivity-l2", "thresholded", "greedy")
methods.METHODS = {name: methods.METHODS[name] for name in names}
methods.OTHERS = {way: methods.OTHERS[way] for way in methods.OTHERS if way.startswith("Captum input")}
with contextlib.redirect_stdout(io.StringIO()) as printed:
    methods.measure("mr", 1000, runs)
rows = [[cell.strip() for cell in line.split("|")] for line in printed.getvalue().splitlines() if line.startswith("| ")]
values |= {f"{row[1]}, torch's passes": float(row[4]) for row in rows[2:] if "by torch" not in row[1]}
print(json.dumps(values))
"""
IN_TURN = """
import sys, time
from benchmarks import engine, peers
from convlens.trace.table import SlotTable, words_of
try:
    from convlens.explain.xu_du import matrix_a, words_by_table
except ImportError:  # the names of 26 November
    from convlens.explain.corpus import ngram_scores as matrix_a, word_shares as words_by_table
documents, words = peers.corpus(sys.argv[1], int(sys.argv[2]))
model = engine.model_of(300, 100, words)
table = SlotTable(model, words_of(documents, words))
for _ in sys.stdin:
    start = time.perf_counter()
    trace, _ = words_by_table(table, documents)
    matrix_a(model, trace)
    print(time.perf_counter() - start, flush=True)
"""


def environment(source: Path) -> dict[str, str]:
    """What a process of one version runs in."""
    path = os.pathsep.join(str(source / part) for part in ("src", "."))
    return {**os.environ, "PYTHONPATH": path, **KEEPING}


def in_turn(sources: Sequence[Path], corpus: str, count: int, turns: int) -> list[float]:
    """Median milliseconds in which each version explains a corpus, one explanation of each version after the other."""
    command = [sys.executable, "-P", "-c", IN_TURN, corpus, str(count)]
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(command, cwd=source, env=environment(source), stdin=-1, stdout=-1, text=True)
            )
            for source in sources
        ]
        seconds = [[asked(worker) for worker in workers] for _ in range(turns + 2)]
    seconds = seconds[2:]  # the first ones warm up
    return [1000 * statistics.median(column) for column in zip(*seconds, strict=True)]


def asked(worker: "subprocess.Popen[str]") -> float:
    """Seconds of one explanation by a version's process."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    print(file=worker.stdin, flush=True)
    return float(worker.stdout.readline())


def of_corpora(source: Path, reviews: int, times: int) -> dict[str, float]:
    """What one version's own `engine` and `methods` measure of corpora, by its row."""
    code = [sys.executable, "-c", CORPORA, str(reviews), str(times)]
    run = subprocess.run(
        code, cwd=source, env=environment(source), stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(run.stdout))


def line(what: str, now: float, before: float | None) -> str:
    """A row of the table."""
    limit = LIMITS.get(what)
    cells = [what, "" if before is None else f"{before:.3g}", f"{now:.3g}"]
    if limit is None:
        cells.append("")
    elif limit.wanted is None:
        cells.append(f"{limit.bound:g}")
    else:
        cells.append(f"at least {limit.bound:g}, wanted {limit.wanted:g}")
    cells.append("" if before is None else f"{now / before:.3g}")
    cells.append("" if limit is None or limit.then is None else f"{limit.bound / limit.then:.3g}")
    return f"| {' | '.join(cells)} |"


def middle(measured: Sequence[dict[str, float]]) -> dict[str, float]:
    """Medians, name by name."""
    return {name: statistics.median(run[name] for run in measured) for name in measured[0]}


def compare(sources: list[Path], times: int, reviews: int) -> None:
    """Measure the versions in turn, the last one is this, and print row by row."""

    def show(what: str, values: Sequence[float | None]) -> None:
        now = values[-1]
        if now is not None:
            print(line(what, now, values[0] if len(values) > 1 else None), flush=True)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(answers.untrained(), folder / "model")
        runs = answers.cases(folder)
        for what in (what for what in LIMITS if what in runs):
            for source in sources:
                runs[what](source)
            measured = [[runs[what](source) for source in sources] for _ in range(times)]
            show(what, [statistics.median(column) for column in zip(*measured, strict=True)])
        for what, (way, package) in answers.OTHERS.items():
            if importlib.util.find_spec(package) is not None:
                value = statistics.median(1000 * float(answers.beside(way, folder)) for _ in range(times))
                show(f"{what}, ms", [None] * (len(sources) - 1) + [value])
    for name, corpus, count in (("MR", "mr", 10_000), ("IMDb", "imdb", reviews)):
        show(f"explaining {name}, the versions in turn, ms", in_turn(sources, corpus, count, TURNS))
    turns = [[of_corpora(source, reviews, times) for source in sources] for _ in range(min(times, 2))]
    versions = [middle([turn[i] for turn in turns]) for i in range(len(sources))]
    for what in versions[-1]:
        show(what, [version.get(what) for version in versions])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FOLDER")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--reviews", type=int, default=4000)
    options = parser.parse_args()
    before = [options.against.resolve()] if options.against else []
    print(
        f"{date.today()}, torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}\n"
    )
    print("| what | before | now | at most | now / before | limit / then |")
    print("| --- | --: | --: | --: | --: | --: |", flush=True)
    compare([*before, answers.ROOT], options.times, options.reviews)


if __name__ == "__main__":
    main()
