"""What `convlens fit` says: of its settings, of the end of a training, and of the model."""

import shlex
from pathlib import Path

from convlens.cli.console import out, program, put_json, say
from convlens.cli.repeating import show_repeats
from convlens.cli.show import metrics_table
from convlens.models import (
    Baseline,
    Classifier,
    FitConfig,
    LabelMetrics,
    Metrics,
    Repeats,
    TrainingHistory,
    family_of,
    find_preset,
)


def tell_settings(config: FitConfig, preset: str | None, *, random: bool) -> None:
    """What is not as in the preset's paper, and what is likely not meant."""
    if preset is not None:
        entry = find_preset(preset)
        say(f"preset {preset}: as in {entry.paper}, but {entry.note}")
    if random and not config.train.tune_vectors:
        say("the word vectors are random and stay so: give --vectors FILE, or --tune-vectors to train them")


def tell_end(record: TrainingHistory, *, chosen: bool) -> None:
    """That training ended before it was done: by Ctrl-C, or at a number of epochs that nobody has `chosen`."""
    if record.interrupted:
        say("interrupted: keeping the best weights so far")
    elif record.best == len(record.epochs) and not chosen:
        say(
            f"the validation loss was still falling after {record.best} epochs: more may do better (--epochs)"
        )


def print_fit(
    metrics: Metrics | LabelMetrics,
    baseline: Baseline | None,
    repeats: Repeats | None,
    saved: tuple[Classifier, Path],
    *,
    as_json: bool,
) -> None:
    """The metrics of a model that was saved, beside what is simpler and what other runs gave."""
    classifier, output = saved
    record = classifier.record
    if as_json:
        training = {"epochs": len(record.epochs), "best_epoch": record.best, "seconds": record.seconds}
        simple = {} if baseline is None else {"baseline": baseline.to_dict()}
        again = {} if repeats is None else {"repeats": repeats.to_dict()}
        put_json({"model": str(output), **metrics.to_dict(), **simple, **again, **training})
    else:
        if repeats is not None:
            show_repeats(repeats)
        out.print(metrics_table(metrics, baseline))
    if baseline is not None and baseline.metrics.accuracy > metrics.accuracy:
        say(
            f"{baseline.told} is right more often on these rows ({baseline.metrics.accuracy:.2%} against {metrics.accuracy:.2%})"
        )
    method = family_of(classifier.model).method
    how = "" if method == "words" else f" --method {method}"
    say(f'wrote {output}; now try: {program()} explain {shlex.quote(str(output))} "a text"{how}')
