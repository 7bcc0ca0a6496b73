"""What a report of many documents, and one of many classes, costs to make and to open.

    CONVLENS_DATA=FOLDER python -m benchmarks report [--documents 50000] [--classes 2000] [--filters 16 100]

Fits a model on some reviews of IMDb, for each number of filters a region, and writes the report of as many of all its reviews as
asked for; then a model of many classes on made-up texts, with the report of these. A report is made by a process of its own: its
seconds, its processor seconds, its greatest resident memory, the size of the page. "to open" are the seconds until a
headless Chromium has the page ready from disk, the median of three; it takes `playwright` and a Chromium on the PATH.
Prints a Markdown table.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from benchmarks.memory import FILES
from convlens.data import Columns, Corpus, read
from convlens.models import FitConfig, TextCNNConfig, TrainConfig, fit, save

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
FITTED = 2000  # reviews that the model learns from
OPENED = 3
Opener = Callable[[Path], float]


@dataclass(frozen=True)
class Made:
    """What a report took: seconds, processor seconds, MiB, and bytes of its page."""

    seconds: float
    processor: float
    peak: float
    size: int


def made(model: Path, data: Path, page: Path) -> Made:
    """Run `convlens report` in a process of its own."""
    command = [sys.executable, "-m", "convlens", "report", model, data, "--all-rows", "-o", page, "--quiet"]
    begin = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the report of {data} failed")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    seconds = time.perf_counter() - begin
    return Made(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, page.stat().st_size)


@contextmanager
def opener() -> Iterator[Opener | None]:
    """What opens a page in a new window and tells the seconds it took; None without a browser."""
    path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if path is None or find_spec("playwright") is None:
        print(f"pages are not opened: it takes playwright and one of {', '.join(BROWSERS)}", file=sys.stderr)
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))

        def opened(page: Path) -> float:
            window = browser.new_page(viewport={"width": 1280, "height": 900})
            window.set_default_timeout(600_000)
            begin = time.perf_counter()
            window.goto(page.as_uri())
            window.wait_for_selector("html[data-ready]")
            seconds = time.perf_counter() - begin
            window.close()
            return seconds

        yield opened
        browser.close()


def reviews(folder: Path, rows: int) -> Path:
    """So many reviews as a file."""
    source = Path(os.environ["CONVLENS_DATA"])
    frame = pl.concat([pl.read_parquet(source / name, columns=["text", "label"]) for name in FILES])
    path = folder / "reviews.parquet"
    frame.head(rows).write_parquet(path)
    return path


def many(folder: Path, classes: int) -> Path:
    """Five texts of each class, of two words that only it has and ten that all have."""
    rng, common = random.Random(0), [f"word{i}" for i in range(3000)]
    rows = []
    for number in range(5 * classes):
        topic = number % classes
        words = [f"topic{topic}a", f"topic{topic}b", *rng.choices(common, k=10)]
        rng.shuffle(words)
        rows.append((" ".join(words), f"class {topic:04}"))
    path = folder / "classes.parquet"
    pl.DataFrame(rows, {"text": pl.String, "label": pl.String}, orient="row").write_parquet(path)
    return path


def fitted(corpus: Corpus, filters: int, train: TrainConfig, folder: Path) -> Path:
    """A model in a folder."""
    config = FitConfig(model=TextCNNConfig((3, 4, 5), filters, 50), train=train)
    save(fit(corpus, config), folder, force=True)
    return folder


def row(name: str, cost: Made, page: Path, opens: Opener | None) -> str:
    """A line of the table."""
    seconds = [opens(page) for _ in range(OPENED)] if opens else []
    to_open = f"{statistics.median(seconds):.1f}" if seconds else "not opened"
    numbers = (
        f"{cost.seconds:.0f} | {cost.processor:.0f} | {cost.peak:,.0f} | {cost.size / 1e6:.1f} | {to_open}"
    )
    return f"| {name} | {numbers} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=2000)
    parser.add_argument("--filters", type=int, nargs="+", default=[16, 100], help="in each of three regions")
    options = parser.parse_args()
    print("| report of | seconds | processor seconds | peak MiB | page, MB | seconds to open |")
    print("| --- | --: | --: | --: | --: | --: |", flush=True)
    with tempfile.TemporaryDirectory() as name, opener() as opens:
        folder, page = Path(name), Path(name) / "report.html"
        if options.documents:
            path = reviews(folder, options.documents)
            corpus = read(path)
            some = corpus.take(range(0, len(corpus), max(len(corpus) // FITTED, 1)))
            for filters in options.filters:
                model = fitted(some, filters, TrainConfig(epochs=3), folder / "model")
                title = f"{len(corpus):,} reviews, 2 classes, {3 * filters} filters"
                print(row(title, made(model, path, page), page, opens), flush=True)
                page.unlink()
        if options.classes:
            path = many(folder, options.classes)
            corpus = read(path, Columns(max_classes=options.classes))
            model = fitted(corpus, options.filters[0], TrainConfig(epochs=2, lr=0.01), folder / "many")
            title = f"{len(corpus):,} texts, {options.classes:,} classes, {3 * options.filters[0]} filters"
            print(row(title, made(model, path, page), page, opens), flush=True)


if __name__ == "__main__":
    main()
