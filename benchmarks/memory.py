"""Peak memory of a scan against the size of the corpus, which it must not grow with, and of one very long text.

    CONVLENS_DATA=FOLDER python -m benchmarks memory [10000 100000 1000000] [--top 20] [--group 4096]
    python -m benchmarks memory --text 10000000

Writes the reviews of IMDb as often as it takes into one Parquet file of so many rows, in row groups of `--group` rows,
scans it with `convlens scan` in a process of its own, and reads that process's greatest resident memory. The
model has 16 filters each of 3, 4 and 5 words, vectors of 50, a vocabulary from the first 2,000 reviews, and random
weights, which change neither time nor memory. With `--text` it makes one text of so many made-up words in Latin and in
Cyrillic letters, and of so many Chinese characters, and explains each by every command. Prints a Markdown table.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
import torch

from convlens.models import Classifier, TextCNN, TextCNNConfig, save
from convlens.text import TextConfig, build_tokenizer

VOCABULARY = 20_000
SCRIPTS = {  # the splitter, what parts words, and the words
    "Latin": ("words", " ", [f"w{i}" for i in range(VOCABULARY)]),
    "Cyrillic": ("words", " ", [f"с{i}" for i in range(VOCABULARY)]),
    "Chinese": ("characters", "", [chr(0x4E00 + i) for i in range(VOCABULARY)]),
}
PYTHON = "import sys, convlens; convlens.explain(convlens.load(sys.argv[1]), open(sys.argv[2], encoding='utf-8').read())"
FILES = ("imdb_train.parquet", "imdb_test.parquet")


def small(texts: list[str], config: TextConfig | None = None) -> Classifier:
    """An untrained classifier of 48 filters."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(texts, config)
    model = TextCNN(TextCNNConfig((3, 4, 5), 16, 50), tokenizer.size, 2)
    return Classifier(model.eval(), tokenizer, ("negative", "positive"))


def repeated(path: Path, texts: pl.DataFrame, rows: int, group: int) -> None:
    """Write so many texts, lazily, so that this process stays small too."""
    times = -(-rows // len(texts))
    frame = pl.concat([texts.lazy()] * times).head(rows)
    frame.sink_parquet(path, row_group_size=group)


def scanned(model: Path, path: Path, folder: Path, top: int) -> tuple[float, float]:
    """Seconds and greatest resident MiB of a scan."""
    command = ["-m", "convlens", "scan", model, path, "-o", folder, "--quiet", "--top", top]
    return measured(command)


def measured(command: list[object], stdin: Path | None = None) -> tuple[float, float]:
    """Seconds and greatest resident MiB of Python with these arguments."""
    begin = time.perf_counter()
    with open(stdin or os.devnull, "rb") as file:
        process = subprocess.Popen(
            [sys.executable, *map(str, command)], stdin=file, stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return time.perf_counter() - begin, used.ru_maxrss / unit


def long_text(path: Path, script: str, words: int) -> None:
    """Write one text of so many words, some at a time."""
    _, gap, vocabulary = SCRIPTS[script]
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, words, VOCABULARY):
            file.write(gap.join(rng.choices(vocabulary, k=min(VOCABULARY, words - start))) + gap)


def of_one_text(words: int) -> None:
    """Print the table of one text of so many words in every script by every command."""
    print("| text | MB | command | seconds | peak MiB |\n| --- | --: | --- | --: | --: |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for script, (splitter, gap, vocabulary) in SCRIPTS.items():
            path, model = folder / f"{script}.txt", folder / f"model-{script}"
            long_text(path, script, words)
            save(small([gap.join(vocabulary)], TextConfig(splitter, min_count=1)), model)
            of_model = ["-m", "convlens", "explain", model]
            commands: dict[str, tuple[list[object], Path | None]] = {
                "scan": (["-m", "convlens", "scan", model, path, "-o", folder / f"{script}-scan"], None),
                "predict --file": (["-m", "convlens", "predict", model, "--file", path], None),
                "explain --file -o x.parquet": (
                    [*of_model, "--file", path, "-o", folder / f"{script}.parquet"],
                    None,
                ),
                "explain -": ([*of_model, "-"], path),
                "explain - --json": ([*of_model, "-", "--json"], path),
                "convlens.explain": (["-c", PYTHON, model, path], None),
            }
            for title, (command, stdin) in commands.items():
                seconds, peak = measured(command, stdin)
                size = path.stat().st_size / 1e6
                print(f"| {script} | {size:,.0f} | `{title}` | {seconds:,.0f} | {peak:,.0f} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--top", type=int, default=20)
    parser.add_argument("--group", type=int, default=4096)
    parser.add_argument("--text", type=int, help="words of one text, in place of a corpus")
    options = parser.parse_args()
    if options.text:
        of_one_text(options.text)
        return
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
