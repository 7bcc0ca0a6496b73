"""The n-grams of IMDb within one word of 700 others: joins on the words that stay, against comparing all pairs.

    CONVLENS_DATA=FOLDER python -m benchmarks negatives [--reviews 25000] [--queries 700] [--runs 3]

The queries are n-grams of the reviews themselves, drawn by chance. Comparing all pairs is vectorised over all different
n-grams for one query after another, on a few of the queries, and its time is multiplied. Both must give the same pairs.
Prints a Markdown table; medians.
"""

import argparse
import os
import statistics
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from benchmarks.peers import corpus, seconds
from convlens.filters import natural_ngrams, neighbours
from convlens.filters.natural import word_columns

FEW = 20  # queries that are compared with all


def all_pairs(queries: np.ndarray, words: np.ndarray) -> Iterator[tuple[int, int]]:
    """Query and row of n-grams that differ in one word."""
    for number, query in enumerate(queries):
        yield from ((number, int(row)) for row in np.flatnonzero((words != query).sum(1) == 1))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, value in (("reviews", 25_000), ("queries", 700), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    documents, _ = corpus("imdb", options.reviews)
    print(
        f"{date.today()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}, {len(documents.ids):,} words\n"
    )
    print("| n | different n-grams | pairs | joins, seconds | all pairs, seconds | times |")
    print("| --: | --: | --: | --: | --: | --: |")
    for n in (3, 4, 5):
        ngrams = pl.concat(natural_ngrams(documents, n), rechunk=True)
        words = ngrams.select(word_columns(n)).to_numpy()
        chosen = np.random.default_rng(n).choice(len(words), options.queries, replace=False)
        queries = words[chosen].astype(np.int64)
        runs = [seconds(lambda: list(neighbours(queries, ngrams))) for _ in range(options.runs)]  # noqa: B023
        slow = seconds(lambda: list(all_pairs(queries[:FEW], words))) * options.queries / FEW  # noqa: B023
        pairs = pl.concat(neighbours(queries, ngrams)).select("query", "row").rows()
        assert sorted(p for p in pairs if p[0] < FEW) == list(all_pairs(queries[:FEW], words))
        fast = statistics.median(runs)
        print(
            f"| {n} | {len(words):,} | {len(pairs):,} | {fast:.2f} | {slow:.0f} | {slow / fast:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
