"""Words with their offsets per second: ConvLens against the library `tokenizers` on the same texts.

    pip install tokenizers
    CONVLENS_DATA=FOLDER python -m benchmarks tokenisers [TEXTS]

All cut the first TEXTS (default: all 25,000) training reviews of IMDb into words and punctuation and look each up in a vocabulary of those that
occur twice. The library gets its fastest form, batches on all cores. Medians of 5 runs in turn; the ratios count.
"""

import statistics
import sys
import time
from collections.abc import Callable
from unittest.mock import patch

import numba
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from convlens.data import load
from convlens.text import build_tokenizer
from convlens.text import tokenizer as ours
from convlens.text.compiled import latin

RUNS = 5
AT_ONCE = 2048  # texts, as in a scan
Texts = list[str]


def ways(texts: Texts) -> dict[str, Callable[[Texts], int]]:
    """What is measured: from texts to how many words they have."""
    tokenizer, cores = build_tokenizer(texts), numba.get_num_threads()
    library = Tokenizer(models.WordLevel({"?": 0} | {w: i for i, w in enumerate(tokenizer.words, 1)}, "?"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    library.normalizer = normalizers.Lowercase()

    def compiled(some: Texts, threads: int) -> int:
        numba.set_num_threads(threads)
        return len(tokenizer.encode_all(some).ids)

    def plain(some: Texts) -> int:
        with patch.object(ours, "pays", lambda texts: False):
            return len(tokenizer.encode_all(some).ids)

    return {
        "regular expression, one core": plain,
        "compiled, one core": lambda some: compiled(some, 1),
        f"compiled, {cores} cores": lambda some: compiled(some, cores),
        "library tokenizers, all cores": lambda some: sum(len(e.offsets) for e in library.encode_batch(some)),
    }


def main() -> None:
    """Print a Markdown table."""
    texts = list(load("imdb").train.texts)[: int(sys.argv[1]) if len(sys.argv) > 1 else None]
    batches = [texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE)]
    made, speeds = ways(texts), dict[str, list[float]]()
    for _ in range(RUNS):
        for name, way in made.items():
            begin = time.perf_counter()
            words = sum(map(way, batches))
            speeds.setdefault(name, []).append(words / (time.perf_counter() - begin))
    print(f"{sum(map(bool, latin(texts))) / len(texts):.1%} of the texts are Latin-1\n")
    print("| tokeniser | million words a second | against the first |\n| --- | --: | --: |")
    middle = {name: statistics.median(found) / 1e6 for name, found in speeds.items()}
    for name, speed in middle.items():
        print(f"| {name} | {speed:.2f} | {speed / next(iter(middle.values())):.1f} |")


if __name__ == "__main__":
    main()
