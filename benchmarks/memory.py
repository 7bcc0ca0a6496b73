"""Peak memory of a scan against the size of the corpus, which it must not grow with.

    CONVLENS_DATA=FOLDER python -m benchmarks memory [10000 100000 1000000] [--top 20] [--group 4096]

Writes the reviews of IMDb as often as it takes into one Parquet file of so many rows, in row groups of `--group` rows,
scans it with `convlens explain -o` in a process of its own, and reads that process's greatest resident memory. The
model has 16 filters each of 3, 4 and 5 words, vectors of 50, a vocabulary from the first 2,000 reviews, and random
weights, which change neither time nor memory. Prints a Markdown table.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
import torch

from convlens.models import Classifier, TextCNN, TextCNNConfig, save
from convlens.text import build_tokenizer

FILES = ("imdb_train.parquet", "imdb_test.parquet")


def small(texts: list[str]) -> Classifier:
    """An untrained classifier of 48 filters."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(texts)
    model = TextCNN(TextCNNConfig((3, 4, 5), 16, 50), tokenizer.size, 2)
    return Classifier(model.eval(), tokenizer, ("negative", "positive"))


def repeated(path: Path, texts: pl.DataFrame, rows: int, group: int) -> None:
    """Write so many texts, lazily, so that this process stays small too."""
    times = -(-rows // len(texts))
    frame = pl.concat([texts.lazy()] * times).head(rows)
    frame.sink_parquet(path, row_group_size=group)


def scanned(model: Path, path: Path, folder: Path, top: int) -> tuple[float, float]:
    """Seconds and greatest resident MiB of a scan."""
    command = [sys.executable, "-m", "convlens", "explain", model, "--file", path, "-o", folder, "--quiet"]
    begin = time.perf_counter()
    process = subprocess.Popen([*map(str, command), "--top", str(top)])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the scan of {path} failed")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - begin, used.ru_maxrss / unit


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--group", type=int, default=4096)
    options = parser.parse_args()
    source = Path(os.environ["CONVLENS_DATA"])
    texts = pl.concat([pl.read_parquet(source / name, columns=["text"]) for name in FILES])
    print("| documents | file, MB | seconds | documents/s | peak MiB |\n| --: | --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "model"
        save(small(texts["text"].head(2000).to_list()), model)
        for rows in options.rows:
            path = Path(name) / f"{rows}.parquet"
            repeated(path, texts, rows, options.group)
            size = path.stat().st_size / 1e6
            seconds, peak = scanned(model, path, Path(name) / f"scan-{rows}", options.top)
            print(
                f"| {rows:,} | {size:,.0f} | {seconds:,.0f} | {rows / seconds:,.0f} | {peak:,.0f} |",
                flush=True,
            )
            path.unlink()


if __name__ == "__main__":
    main()
