"""How commands save a model that they have trained or changed."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path

from convlens.cli.console import say
from convlens.data import Corpus, HeldOut, Splits
from convlens.files import tidy
from convlens.models import (
    Baseline,
    Classifier,
    LabelMetrics,
    Metrics,
    drop,
    epochs_in,
    load,
    save,
    tf_idf_baseline,
)


def save_changed(classifier: Classifier, metrics: Metrics, output: Path, *, force: bool) -> None:
    """Save a changed model with its test metrics, its training's command and this one in its record."""
    record = classifier.record
    commands = f"{record.command}\nconvlens {shlex.join(sys.argv[1:])}".strip()
    record = record.tested(metrics.rows, metrics.to_dict(), commands)
    save(replace(classifier, record=record), output, force=force)
    say(f"wrote {output}")


def held_out_of(
    opened: Corpus | Splits, splits: Splits, *, test: str | None, share: float, seed: int
) -> HeldOut:
    """How the test rows came about, so that other commands find them again."""
    if test is not None:
        return HeldOut.file(splits)
    return HeldOut.own(splits) if isinstance(opened, Splits) else HeldOut.share_of(splits, share, seed)


def tested_on(
    classifier: Classifier, metrics: Metrics | LabelMetrics, baseline: Baseline | None, held_out: HeldOut
) -> Classifier:
    """The classifier with its test rows, metrics and baseline and this command in its record."""
    command = "convlens " + shlex.join(sys.argv[1:])
    values = metrics.to_dict() | ({} if baseline is None else {"baseline": baseline.to_dict()})
    record = classifier.record.tested(metrics.rows, values, command)
    return replace(classifier, record=replace(record, held_out=held_out))


def baseline_of(splits: Splits, labels: tuple[str, ...]) -> Baseline | None:
    """What the simple alternative gets; None where Ctrl-C says not to wait for it."""
    try:
        return tf_idf_baseline(splits, labels)
    except KeyboardInterrupt:
        say("interrupted: the model is kept, what TF-IDF with logistic regression gets is left out")
        return None


def tell_whole(output: Path, checkpoint: Path) -> None:
    """That a fit was killed when all was written; what it left beside the model goes."""
    if epochs_in(checkpoint) == load(output).record.epochs:  # else it is of another run, with --force
        drop(checkpoint)
    tidy(output)
    say(f"{output} is there already, whole: nothing to resume")
