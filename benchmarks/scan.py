"""Where the time of a scan goes, stage by stage, on IMDb.

    CONVLENS_DATA=FOLDER python -m benchmarks scan [ROWS] [--plain]

Reads the first ROWS (default: all 25,000) reviews of `imdb_test.parquet`, in the batches of `scan`, and explains
each with matrix B through a model of Kim's size (300 filters, 300 dimensions) with random weights and a vocabulary
from the first 2,000 reviews: weights do not change the time. Prints a Markdown table; a share is of the whole. With
`--plain` texts are cut by the regular expression, and words laid out one by one.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import torch

from convlens.data import stream
from convlens.explain import attribute_texts
from convlens.models import Classifier, TextCNN, TextCNNConfig
from convlens.scan import ScanConfig, tables
from convlens.scan.parts import packed, write_part
from convlens.text import build_tokenizer, compiled
from convlens.text import tokenizer as ours
from convlens.trace import vocabulary_table

spent: Counter[str] = Counter()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Add the wall time of a block to its stage."""
    begin = time.perf_counter()
    yield
    spent[name] += time.perf_counter() - begin


def kim(path: Path) -> Classifier:
    """An untrained classifier of Kim's size."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(next(iter(stream(path))).texts)
    model = TextCNN(TextCNNConfig(dim=300), tokenizer.size, 2)
    return Classifier(model.eval(), tokenizer, ("negative", "positive"))


def scanned(path: Path, classifier: Classifier, config: ScanConfig, folder: Path) -> tuple[int, int]:
    """Do what `scan` does, timed; return documents and tokens."""
    batches, documents, words = iter(config.open(path)), 0, 0
    with stage("slot table"):
        table = vocabulary_table(classifier.model)
    while True:
        with stage("read"):
            batch = next(batches, None)
        if batch is None:
            return documents, words
        with stage("tokenise"):
            tokens = classifier.tokenizer.encode_all(batch.texts)
        with stage("trace + explain"):
            found = attribute_texts(classifier, tokens, method=config.method, source=table)
        with stage("lay out"):
            made = tables(classifier.labels, batch, found, config)
        with stage("write"):
            write_part(folder, batch.number, packed(made, {}))
        documents, words = documents + len(batch.texts), words + len(tokens.ids)


def main() -> None:
    """Print the table."""
    source = Path(os.environ["CONVLENS_DATA"]) / "imdb_test.parquet"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=25_000)
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    if options.plain:
        ours.pays = compiled.pays = lambda texts: False
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "imdb.parquet"
        pl.scan_parquet(source).select("text").head(options.rows).collect().write_parquet(path)
        documents, words = scanned(path, kim(path), ScanConfig(), Path(name))
        size = sum(p.stat().st_size for p in Path(name).glob("*-*.parquet")) / 1e6
    total = sum(spent.values())
    print(
        f"{documents:,} documents, {words:,} tokens, {torch.get_num_threads()} threads, {size:.0f} MB written\n"
    )
    print("| stage | seconds | share |\n| --- | --: | --: |")
    for stage_name, seconds in spent.items():
        print(f"| {stage_name} | {seconds:.2f} | {seconds / total:.0%} |")
    print(
        f"| all: {documents / total:,.0f} documents/s, {words / total:,.0f} tokens/s | {total:.2f} | 100% |"
    )


if __name__ == "__main__":
    main()
