"""Kill scans and fits at random moments, go on with --resume, and count what came out whole.

    python -m benchmarks kill [fit] [scan] [--times 20] [--seed 0]

Makes 20,000 short reviews (100,000 for scans, which are faster), fits and scans them once undisturbed, then kills the
same commands with SIGKILL once each at a random moment of their run and resumes them. Every folder must end with the
bytes of the undisturbed one. Name one of the two to run it alone.
"""

import argparse
import filecmp
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = "a the film plot good bad warm dull funny cold and not very with no music"
SMALL = "--regions 2,3 --filters 16 --dim 16 --quiet"
FIT = f"{SMALL} --epochs 6 --patience 6"


def reviews(path: Path, rng: random.Random, rows: int) -> Path:
    """A file of made-up reviews."""
    cells = ((" ".join(rng.choices(WORDS.split(), k=12)), ["neg", "pos"][i % 2]) for i in range(rows))
    mark = "\t" if path.suffix == ".tsv" else ","
    path.write_text("\n".join(map(mark.join, [("text", "label"), *cells])), encoding="utf-8")
    return path


def run(arguments: list[str], seconds: float | None = None) -> bool:
    """Run a command to its end, or kill it after some seconds; whether it ended by itself."""
    command = [sys.executable, "-m", "convlens", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, said = process.communicate(timeout=seconds)
            if process.returncode:
                sys.exit(f"{' '.join(command)} failed: {said}")
            return True
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return False


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files; a model's card and config also tell times, and may differ."""
    names = sorted(p.name for p in one.iterdir())
    if names != sorted(p.name for p in other.iterdir()):
        return False
    told = {"README.md", "config.json"}
    return not any(filecmp.cmpfiles(one, other, [n for n in names if n not in told], shallow=False)[1:])


def trial(name: str, arguments: list[str], folder: Path, times: int, rng: random.Random) -> str:
    """Kill and resume one command some times; a line of the table."""
    whole, runs, killed, right = folder / f"{name}-whole", 0, 0, 0
    begin = time.perf_counter()
    run([*arguments, "-o", str(whole)])
    lasts = time.perf_counter() - begin
    while killed < times:
        target = folder / f"{name}-killed"
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(target.with_name(f".{target.name}.partial"), ignore_errors=True)
        runs += 1
        if not run([*arguments, "-o", str(target)], rng.uniform(0.2, 1) * lasts):
            killed += 1
            run([*arguments, "-o", str(target), "--resume"])
            right += same(whole, target)
    return f"| {name} | {lasts:.1f} | {runs} | {killed} | {right} |"


def fits(folder: Path, times: int, rng: random.Random) -> str:
    """Kill and resume fits."""
    data = reviews(folder / "fit.csv", rng, 20_000)
    return trial("fit", ["fit", str(data), *FIT.split()], folder, times, rng)


def scans(folder: Path, times: int, rng: random.Random) -> str:
    """Kill and resume scans."""
    model, data = str(folder / "model"), str(reviews(folder / "scan.tsv", rng, 100_000))
    few = str(reviews(folder / "few.csv", rng, 2_000))
    run(["fit", few, *SMALL.split(), "--epochs", "1", "-o", model])
    run(["explain", model, "--file", few, "-o", str(folder / "warm")])  # compiles the kernels
    return trial("scan", ["explain", model, "--file", data, "--top", "3", "--quiet"], folder, times, rng)


TRIALS = {"fit": fits, "scan": scans}


def main() -> None:
    """Print a table; exit 1 where a folder differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("trials", nargs="*", help=f"of {', '.join(TRIALS)} (default: both)")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| command | seconds undisturbed | runs | killed midway | same bytes after --resume |")
    print("| --- | --: | --: | --: | --: |", flush=True)
    wrong = False
    for name in options.trials or TRIALS:
        with tempfile.TemporaryDirectory() as folder:
            line = TRIALS[name](Path(folder), options.times, random.Random(options.seed))
        print(line, flush=True)
        wrong |= line.split()[-2] != str(options.times)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
