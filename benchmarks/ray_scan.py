"""The same scan here and on Ray: identical files, and the seconds of both.

    CONVLENS_DATA=FOLDER python -m benchmarks ray_scan [REVIEWS [WORKERS]]

Scans REVIEWS (default: 100,000) reviews, those of `imdb_train.parquet` and `imdb_test.parquet` over and over, with
matrix B and a summary, through an untrained model of 102 filters and 100 dimensions with a vocabulary from the first 2,000
reviews: locally, and on a Ray of WORKERS (default: one for each core) that is started for it. The model is small, so
that most of the time goes into tokenising and laying out, which the local engine does on one core. Exits with 1 where a
single byte differs.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import torch

from convlens.data import stream
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.scan import Counts, ScanConfig, scan
from convlens.text import build_tokenizer


def reviews(rows: int, folder: Path) -> Path:
    """A Parquet file of so many reviews."""
    data = Path(os.environ["CONVLENS_DATA"])
    some = pl.concat(
        [pl.read_parquet(data / f"imdb_{part}.parquet", columns=["text"]) for part in ("train", "test")]
    )
    path = folder / "reviews.parquet"
    pl.concat([some] * -(-rows // len(some))).head(rows).write_parquet(path)
    return path


def small(path: Path) -> Classifier:
    """An untrained classifier."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(next(iter(stream(path))).texts)
    config = TextCNNConfig(dim=100, filters=34)
    return Classifier(TextCNN(config, tokenizer.size, 2).eval(), tokenizer, ("negative", "positive"))


def timed(classifier: Classifier, path: Path, folder: Path, config: ScanConfig) -> Counts:
    """Scan, and print a row of the table."""
    begin = time.perf_counter()
    counts = scan(classifier, path, folder, config)
    seconds = time.perf_counter() - begin
    name = config.engine if config.workers is None else f"{config.engine}, {config.workers} workers"
    print(
        f"| {name} | {counts.documents:,} | {counts.parts} | {seconds:.1f} | {counts.documents / seconds:,.0f} |"
    )
    return counts


def odd(one: Path, other: Path) -> Iterator[str]:
    """The names of files that are not the same in both folders."""
    for name in sorted({path.name for folder in (one, other) for path in folder.iterdir()}):
        pair = [folder / name for folder in (one, other)]
        if not all(path.is_file() for path in pair) or pair[0].read_bytes() != pair[1].read_bytes():
            yield name


def main() -> int:
    """Print a Markdown table and what differs."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, config = reviews(rows, folder), ScanConfig(summary=True)
        classifier = small(path)
        print(f"{os.cpu_count()} cores\n\n| engine | reviews | parts | seconds | reviews/s |")
        print("| --- | --: | --: | --: | --: |")
        timed(classifier, path, folder / "local", config)
        timed(classifier, path, folder / "ray", replace(config, engine="ray", workers=workers))
        different = list(odd(folder / "local", folder / "ray"))
        files = len(list((folder / "local").iterdir()))
    print(f"\n{len(different)} of {files} files differ" + "".join(f"\n{name}" for name in different))
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
