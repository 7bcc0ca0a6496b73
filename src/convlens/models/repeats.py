"""The same settings trained again, on other rows or with other chance: means, and how far single runs lie apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from convlens.arguments import checked
from convlens.data import Corpus, Splits, folds
from convlens.errors import InputError
from convlens.models.baseline import tf_idf_baseline
from convlens.models.fitting import FitConfig, fit
from convlens.models.metrics import measure, measure_sets
from convlens.models.watch import Watch
from convlens.text import WordVectors

Watches = Callable[[], Watch]


@dataclass(frozen=True)
class Repeat:
    """Accuracy, macro F1 and seconds of one training, and the accuracy of TF-IDF with logistic regression there."""

    accuracy: float
    macro_f1: float
    seconds: float
    baseline: float | None = None


@dataclass(frozen=True)
class Repeats:
    """Trainings on other `folds`, or with other `seeds`."""

    over: Literal["folds", "seeds"]
    runs: tuple[Repeat, ...]

    def mean(self, name: str) -> float:
        """The mean of a field of `Repeat` over the runs."""
        return float(np.mean([getattr(run, name) for run in self.runs]))

    def spread(self, name: str) -> float:
        """Its standard deviation over the runs (of a sample: n - 1)."""
        return float(np.std([getattr(run, name) for run in self.runs], ddof=1))

    @property
    def has_baseline(self) -> bool:
        """Whether the simple alternative was trained too."""
        return self.runs[0].baseline is not None

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        names = ["accuracy", "macro_f1", *["baseline"] * self.has_baseline]
        summary = {name: {"mean": self.mean(name), "spread": self.spread(name)} for name in names}
        return {"over": self.over, "runs": [vars(run) for run in self.runs], **summary}


@checked
def cross_validate(
    corpus: Corpus,
    config: FitConfig | None = None,
    *,
    count: int = 10,
    vectors: WordVectors | None = None,
    baseline: bool = True,
    watches: Watches = Watch,
) -> Repeats:
    """Train on all folds but one and test on that one, for each of `count` folds; the seed of the config draws them.

    `watches` makes what hears of each training. Raises `InputError` for rows that cannot be divided so, and `KeyboardInterrupt` after
    Ctrl-C: fewer folds would tell something else.
    """
    config = config or FitConfig()
    divisions = folds(corpus, count, config.train.seed)
    runs = ((splits, config) for splits in divisions)
    return Repeats("folds", _trained(runs, vectors, watches, baseline=baseline))


@checked
def over_seeds(
    splits: Splits,
    config: FitConfig | None = None,
    *,
    count: int = 5,
    vectors: WordVectors | None = None,
    watches: Watches = Watch,
) -> Repeats:
    """Train on the same rows with `count` seeds, from that of the config on, and test on the same rows."""
    config = config or FitConfig()
    if count < 2:
        raise InputError(f"seeds must be at least 2 for a spread, got {count}")
    first = config.train.seed
    runs = (
        (splits, replace(config, train=replace(config.train, seed=seed)))
        for seed in range(first, first + count)
    )
    return Repeats("seeds", _trained(runs, vectors, watches, baseline=False))


def _trained(
    runs: Iterable[tuple[Splits, FitConfig]], vectors: WordVectors | None, watches: Watches, *, baseline: bool
) -> tuple[Repeat, ...]:
    repeats = []
    for splits, config in runs:
        classifier = fit(splits.train, config, vectors=vectors, watch=watches())
        if classifier.record.interrupted:
            raise KeyboardInterrupt
        metrics = (measure_sets if classifier.multilabel else measure)(classifier, splits.test)
        simple = tf_idf_baseline(splits, classifier.labels).metrics.accuracy if baseline else None
        repeats.append(Repeat(metrics.accuracy, metrics.macro_f1, classifier.record.seconds, simple))
    return tuple(repeats)
