"""How faithful the methods are to deep networks, matrix B beside LRP and the others: what docs/methods.md tells.

    CONVLENS_DATA=FOLDER python -m benchmarks deep [NAME...] [--rows 6000] [--epochs 4] [--documents 100]

Fits the network of the preset yuan-mr on MR and on AG's News, on so many rows spread evenly over the training part and
with a step size of 0.001 for a few epochs: models that are good enough to be asked, not those of the paper. Prints as
Markdown the areas of word deletion (docs/evaluate.md) over test documents, and what the exact methods miss logits by.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from typing import Any

from convlens import Classifier, Corpus, EvaluateConfig, FitConfig, Splits, evaluate, fit
from convlens.data import align_to, open_data, split
from convlens.explain import METHODS, attribute_texts
from convlens.models import PRESETS, measure

NAMES = ("mr", "ag_news")
WAYS = ("words", "lrp", "gradient-x-input", "sensitivity", "occlusion", "random")
EXACT = ("words", "ngrams", "lrp")
HEAD = """\
| method | sums | decisions turned | area, correct | area, wrong |
| --- | --- | --: | --: | --: |"""


def main() -> None:
    """Fit, evaluate and print, one corpus after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(NAMES)}, by default all")
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--documents", type=int, default=100)
    options = parser.parse_args()
    if not os.environ.get("CONVLENS_DATA"):
        sys.exit("set CONVLENS_DATA to the folder of the corpora")
    for name in options.names or NAMES:
        begun = time.perf_counter()
        data = open_data(name)
        parts = data if isinstance(data, Splits) else split(data)
        train = _spread(parts.train, options.rows)
        classifier = fit(train, _settings(options.epochs))
        test = align_to(classifier.labels, parts.test)
        print(
            f"\n{name}: {classifier.model.config.shape}, fitted on {len(train):,} rows, accuracy "
            f"{measure(classifier, test).accuracy:.1%} on {len(test):,}.\n"
        )
        _areas(classifier, test, options.documents)
        _residuals(classifier, _spread(test, options.documents))
        print(f"{time.perf_counter() - begun:.0f} seconds.", flush=True)


def _spread(corpus: Corpus, rows: int) -> Corpus:
    """At most so many rows, spread evenly."""
    rows = min(rows, len(corpus))
    return corpus.take([i * len(corpus) // rows for i in range(rows)])


def _settings(epochs: int) -> FitConfig:
    preset = PRESETS["yuan-mr"].config
    return replace(preset, train=replace(preset.train, epochs=epochs, lr=0.001))


def _areas(classifier: Classifier, test: Corpus, documents: int) -> None:
    """One row a method."""
    settings = EvaluateConfig(WAYS, documents=documents, sanity=0)
    evaluation = evaluate(classifier, test, settings)
    areas = {(row["method"], row["group"]): row for row in evaluation.areas.to_dicts()}
    print(f"{evaluation.documents} documents, {evaluation.correct} classified correctly.\n\n{HEAD}")
    for row in evaluation.ranking.to_dicts():
        name = row["method"]
        cells = [_ranged(areas[name, g], "area") if (name, g) in areas else "" for g in ("correct", "wrong")]
        sums = METHODS[name].sums if name in METHODS else ""
        print("|", " | ".join([f"`{name}`", sums, _ranged(row, "turned"), *cells]), "|")


def _residuals(classifier: Classifier, test: Corpus) -> None:
    """What the parts of exact methods miss the logits by."""
    tokens = classifier.tokenizer.encode_all(test.texts)
    found = {name: attribute_texts(classifier, tokens, method=name) for name in EXACT}
    worst = ", ".join(f"`{name}` {each.residual.max():.1e}" for name, each in found.items())
    print(
        f"\nLargest residual of a document: {worst}; the largest logit is {abs(found['words'].logits).max():.1f}."
    )


def _ranged(row: dict[str, Any], name: str) -> str:
    return f"{row[name]:.1%} ({row['low']:.1%} to {row['high']:.1%})"


if __name__ == "__main__":
    main()
