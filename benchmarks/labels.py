"""Several labels to a text: 20 Newsgroups with the parts of a group's name as labels, trained and measured.

    CONVLENS_DATA=FOLDER python -m benchmarks labels [--write FOLDER] [--epochs 20] [--seed 0]

A post of comp.sys.mac.hardware has the labels comp, sys, mac and hardware, one of rec.autos rec and autos: 1 to 4 of 32 labels,
of which some are shared by many groups; "misc", which says nothing, is left out. Rows are those of the official parts. Beside the
model stands logistic regression on TF-IDF of words and pairs of words (sublinear, C = 10), one for each label. With --write the
two parts are written as CSV, for `convlens fit topics_train.csv --test topics_test.csv --label-separator ";"`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.multiclass import OneVsRestClassifier

from convlens.data import Corpus, Splits, align_to, from_lists, load_data
from convlens.models import FitConfig, TrainConfig, fit, measure_sets

SEPARATOR = ";"
EMPTY = {"misc"}


def topics() -> Splits:
    """The posts with the parts of their groups' names."""
    parts = load_data("20newsgroups")
    train, test = (_with_sets(part) for part in (parts.train, parts.test))
    return Splits(train, align_to(train.label_names, test))


def _with_sets(corpus: Corpus) -> Corpus:
    groups = [corpus.label_names[label] for label in corpus.labels or ()]
    sets = [[part for part in group.split(".") if part not in EMPTY] for group in groups]
    return from_lists(corpus.texts, sets, source="20 Newsgroups by parts of names", separator=SEPARATOR)


def write(corpus: Corpus, path: Path) -> None:
    """A table with the labels in one cell."""
    labels = [SEPARATOR.join(corpus.label_names[i] for i in of_text) for of_text in corpus.sets or ()]
    pl.DataFrame({"text": list(corpus.texts), "label": labels}).write_csv(path)


def baseline(parts: Splits) -> tuple[np.ndarray, float]:
    """Labels predicted by logistic regression on TF-IDF, and the seconds that it took."""
    begin = time.perf_counter()
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    model = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear"))
    model.fit(vectors.fit_transform(parts.train.texts), parts.train.membership())
    return model.predict(vectors.transform(parts.test.texts)) > 0, time.perf_counter() - begin


def main() -> None:
    """Train both and print a row of each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", type=Path)
    parser.add_argument("--epochs", type=int, default=TrainConfig.epochs)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    parts = topics()
    if options.write is not None:
        options.write.mkdir(parents=True, exist_ok=True)
        write(parts.train, options.write / "topics_train.csv")
        write(parts.test, options.write / "topics_test.csv")
    truth = parts.test.membership()
    print(
        f"{len(parts.train):,} training and {len(parts.test):,} test posts, {truth.shape[1]} labels, {truth.sum(1).mean():.2f} a post\n"
    )
    print("| model | exactly right | labels right | micro F1 | macro F1 | seconds |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    predicted, seconds = baseline(parts)
    shares = accuracy_score(truth, predicted), (truth == predicted).mean()
    f1 = (f1_score(truth, predicted, average=average, zero_division=0) for average in ("micro", "macro"))
    _row("TF-IDF, logistic regressions", [*shares, *f1], seconds)
    begin = time.perf_counter()
    config = FitConfig(train=TrainConfig(epochs=options.epochs, seed=options.seed))
    classifier = fit(parts.train, config)
    seconds = time.perf_counter() - begin
    metrics = measure_sets(classifier, parts.test)
    _row("one-layer CNN", [metrics.accuracy, metrics.hamming, metrics.micro_f1, metrics.macro_f1], seconds)


def _row(name: str, shares: list[float], seconds: float) -> None:
    print(
        "| " + " | ".join([name, *(f"{share:.2%}" for share in shares), f"{seconds:.0f}"]) + " |", flush=True
    )


if __name__ == "__main__":
    main()
