"""The model card that lies in every model folder."""

import json
import re

from convlens.models.classifier import Classifier
from convlens.models.history import TrainingHistory
from convlens.models.kinds import family_of
from convlens.shown import listed, sentence, visible

CLASSES = 40  # that the card names
TEMPLATE = """# A ConvLens text classifier

A {title} that {answers}.

| | |
| --- | --- |
| data | {data} |
| rows | {rows} |
| layers | {shape} |
| vocabulary | {words:,} words, {splitter} tokens, case {case} |
| word vectors | {vectors} |
| training | {training} |
{adopted}| written by | ConvLens {version} |
{metrics}{changes}
## Use

```
convlens predict MODEL "a text"
convlens explain MODEL "a text"{method}
```

The folder holds JSON and safetensors only: loading it runs no code.
{command}
## Settings

```json
{settings}
```
"""


def model_card(classifier: Classifier) -> str:
    """Data, shape, training, test metrics and settings as Markdown."""
    record, config = classifier.record, classifier.model.config
    text, family = classifier.tokenizer.config, family_of(classifier.model)
    return TEMPLATE.format(
        answers=_answers(classifier),
        data=_cell(record.data or "not recorded") + (f" ({_cell(record.note)})" if record.note else ""),
        rows=", ".join(f"{n:,} {_cell(part)}" for part, n in record.rows.items()) or "not recorded",
        title=family.title,
        shape=config.shape,
        method="" if family.method == "words" else f" --method {family.method}",
        words=len(classifier.tokenizer.words),
        splitter=text.splitter,
        case="folded" if text.lower else "kept",
        vectors=_cell(record.vectors or f"{config.dim} numbers, {_origin(classifier)}"),
        training=_training(record),
        version=_cell(record.version or "(unknown)"),
        adopted=_adopted(classifier),
        metrics=_metrics(record),
        changes=_changes(record),
        command=f"\nTrained with\n\n{_fenced(record.command)}\n" if record.command else "",
        settings=json.dumps(record.settings, indent=1),
    )


def _answers(classifier: Classifier) -> str:
    labels = listed([_cell(label) for label in classifier.labels], CLASSES)
    return f"gives a text any of the labels {labels}" if classifier.multilabel else f"tells {labels} apart"


def _training(record: TrainingHistory) -> str:
    if not record.epochs:
        return "not recorded"
    stopped = ", interrupted" if record.interrupted else ""
    return f"{len(record.epochs)} epochs in {record.seconds:.0f} s, weights of epoch {record.best}{stopped}"


def _origin(classifier: Classifier) -> str:
    return "trained from random ones" if classifier.adoption is None else "as they were trained elsewhere"


def _adopted(classifier: Classifier) -> str:
    adoption = classifier.adoption
    if adoption is None:
        return ""
    rows = [("adopted from", adoption.source), ("padding", adoption.padding), ("proof", adoption.told)]
    rows += [("note", note) for note in adoption.notes]
    return "".join(f"| {name} | {_cell(text)} |\n" for name, text in rows)


def _metrics(record: TrainingHistory) -> str:
    if not record.test:
        return ""
    test, rows = record.test, ["accuracy", "macro F1", "majority-class baseline"]
    values = [test["accuracy"], test["macro_f1"], test["majority_baseline"]]
    if baseline := test.get("baseline"):
        rows.append(_cell(baseline["model"]))
        values.append(baseline["accuracy"])
    shares = " | ".join(f"{value:.2%}" for value in values)
    return f"\n## Test\n\n| {' | '.join(rows)} |\n|{' --- |' * len(rows)}\n| {shares} |\n"


def _changes(record: TrainingHistory) -> str:
    lines = "".join(f"- {_cell(change)}\n" for change in record.changes)
    return f"\n## Changed after training\n\n{lines}" if lines else ""


def _cell(text: str) -> str:
    """Text that is text in Markdown: no markup, HTML, link or image, and no second cell."""
    escaped = re.sub(r"([\\\\`*_{}\[\]()#!|~])", r"\\\1", sentence(text))
    unlinked = re.sub(r"(?i)(:(?=//)|www(?=\.)|@)", "\\1\u2060", escaped)
    return unlinked.replace("&", "&amp;").replace("<", "&lt;")


def _fenced(text: str) -> str:
    """Lines as a block of code, whose fence is longer than any run of backticks in it."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{fence}\n{visible(text, chr(10))}\n{fence}"
