"""Words with their offsets per second: ConvLens' splitter against the library `tokenizers` on the same texts.

    pip install tokenizers
    CONVLENS_DATA=FOLDER python -m benchmarks tokenisers

Both cut the 25,000 training reviews of IMDb into words and punctuation. The library gets its fastest form, a
batch on all cores. Medians of 5 runs in turn; the ratio is what counts.
"""

import statistics
import time

from tokenizers import Tokenizer, models, pre_tokenizers

from convlens.data import load
from convlens.text import SPLITTERS

RUNS = 5


def main() -> None:
    """Print a Markdown table."""
    texts = list(load("imdb").train.texts)
    library = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    library.pre_tokenizer = pre_tokenizers.Whitespace()
    split = SPLITTERS["words"]
    ways = {
        "ConvLens, one core": lambda: sum(len(split(text)) for text in texts),
        "tokenizers, all cores": lambda: sum(len(e.offsets) for e in library.encode_batch(texts)),
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            begin = time.perf_counter()
            words = way()
            speeds[name].append(words / (time.perf_counter() - begin))
    print("| splitter | million words a second |\n| --- | --: |")
    for name, found in speeds.items():
        print(f"| {name} | {statistics.median(found) / 1e6:.2f} |")


if __name__ == "__main__":
    main()
