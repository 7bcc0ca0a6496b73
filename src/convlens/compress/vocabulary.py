"""Fewer words: the model trained from scratch on the most important ones, with controls: random words, and the rest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from convlens.data import Splits
from convlens.errors import InputError
from convlens.filters import evidence_table, word_table
from convlens.models import (
    Classifier,
    DeepTextCNNConfig,
    FitConfig,
    FitConstraints,
    TrainConfig,
    Watch,
    fit,
    layered,
    measure,
)
from convlens.text import WordVectors

KINDS = ("all", "top", "random", "rest")


@dataclass(frozen=True, eq=False)
class Trained:
    """A model of some words: `kind` of `KINDS`, the `share` in percent it was made for, and how it does on the test rows."""

    kind: str
    share: float
    classifier: Classifier
    accuracy: float

    def to_dict(self) -> dict[str, Any]:
        """JSON values: accuracy, words, parameters, seconds of an epoch."""
        record = self.classifier.record
        return {
            "kind": self.kind,
            "share": self.share,
            "words": len(self.classifier.tokenizer.words),
            "accuracy": self.accuracy,
            "parameters": parameters(self.classifier),
            "epochs": len(record.epochs),
            "epoch_seconds": record.seconds / len(record.epochs) if record.epochs else None,
        }


def prune_words(
    classifier: Classifier,
    data: Splits,
    shares: Sequence[float],
    *,
    by: str = "evidence",
    vectors: WordVectors | None = None,
    watch: Watch | None = None,
) -> Iterator[Trained]:
    """Keep the most important words, `shares` in percent, and train anew with the model's own settings.

    First comes the model itself. For one share random words, as many, and all but the important ones follow too
    (IMDb filter paper, tables 4 and 5). Importance is that of `by`, a column of `word_table` or `evidence_table`
    over the training rows. Words that are not kept are unknown to the model.
    """
    for share in shares:
        if not 0 < share <= 100:
            raise InputError(f"a share of the words lies above 0 and up to 100 percent, got {share:g}")
    config = settings_of(classifier)
    if classifier.record.vectors and vectors is None:
        raise InputError(
            f"this model began with word vectors ({classifier.record.vectors}): give them again with --vectors FILE"
        )
    yield Trained("all", 100.0, classifier, measure(classifier, data.test).accuracy)
    ordered = important_words(classifier, data.train.texts, by)
    for share in shares:
        for kind, words in _choices(ordered, share, config.train.seed, controls=len(shares) == 1):
            small = fit(data.train, config, vectors=vectors, watch=watch, constraints=FitConstraints(words))
            yield Trained(kind, share, small, measure(small, data.test).accuracy)


def important_words(classifier: Classifier, texts: Sequence[str], by: str) -> list[str]:
    """The words of the vocabulary, the most important first; for `evidence` those that no text has come last."""
    known = set(classifier.tokenizer.words)
    table = evidence_table(classifier, texts) if by == "evidence" else word_table(classifier, by)
    words = [word for word in table["word"].to_list() if word in known]
    return list(dict.fromkeys([*words, *classifier.tokenizer.words]))


def settings_of(classifier: Classifier) -> FitConfig:
    """The settings that a model was trained with; `InputError` for one whose record has none."""
    training = classifier.record.settings.get("train")
    if not training:
        raise InputError(
            "this model has no record of its training settings: train it with 'convlens fit' first"
        )
    model = layered(classifier.model, "a training with fewer words").config
    if isinstance(model, DeepTextCNNConfig):  # batch normalisation is in the weights when training has ended
        model = replace(model, batch_norm=classifier.record.settings["model"].get("batch_norm", False))
    return FitConfig(classifier.tokenizer.config, model, TrainConfig(**training))


def parameters(classifier: Classifier) -> int:
    """How many numbers the model has learned or begun with."""
    return sum(weight.numel() for weight in classifier.model.parameters())


def _choices(
    ordered: list[str], share: float, seed: int, *, controls: bool
) -> Iterator[tuple[str, list[str]]]:
    count = max(round(len(ordered) * share / 100), 1)
    yield "top", ordered[:count]
    if controls and count < len(ordered):
        yield "random", np.random.default_rng(seed).choice(ordered, count, replace=False).tolist()
        yield "rest", ordered[count:]
