"""Kill scans and fits at random moments, go on with --resume, and count what came out whole.

    python benchmarks/kill.py [--times 20] [--seed 0]

Makes 20,000 short reviews, scans and fits them once undisturbed, then kills the same commands with SIGKILL once each
at a random moment of their run and resumes them. Every folder must end with the bytes of the undisturbed one.
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
FIT = "--regions 2,3 --filters 16 --dim 16 --epochs 6 --patience 6 --quiet"


def reviews(path: Path, rng: random.Random, rows: int = 20_000) -> Path:
    """A file of made-up reviews."""
    lines = (f"{' '.join(rng.choices(WORDS.split(), k=12))},{'pos' if i % 2 else 'neg'}" for i in range(rows))
    path.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
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
    whole, killed, right = folder / f"{name}-whole", 0, 0
    begin = time.perf_counter()
    run([*arguments, "-o", str(whole)])
    lasts = time.perf_counter() - begin
    for _ in range(times):
        target = folder / f"{name}-killed"
        shutil.rmtree(target, ignore_errors=True)
        shutil.rmtree(target.with_name(f".{target.name}.partial"), ignore_errors=True)
        if not run([*arguments, "-o", str(target)], rng.uniform(0.2, 1) * lasts):
            killed += 1
            run([*arguments, "-o", str(target), "--resume"])
        right += same(whole, target)
    return f"| {name} | {lasts:.1f} | {times} | {killed} | {right} |"


def main() -> None:
    """Print a table; exit 1 where a folder differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    print("| command | seconds undisturbed | runs | killed midway | same bytes at the end |")
    print("| --- | --: | --: | --: | --: |", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = str(reviews(folder / "reviews.csv", rng))
        fit = trial("fit", ["fit", data, *FIT.split()], folder, options.times, rng)
        print(fit, flush=True)
        model = str(folder / "fit-whole")
        scan = trial("scan", ["explain", model, "--file", data, "--quiet"], folder, options.times, rng)
        print(scan)
    sys.exit(any(line.split()[-2] != str(options.times) for line in (fit, scan)))


if __name__ == "__main__":
    main()
