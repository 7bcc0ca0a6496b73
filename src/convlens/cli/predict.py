"""`convlens predict`: labels and probabilities."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.cli import options
from convlens.cli.answers import in_order
from convlens.cli.console import put, put_json, say
from convlens.cli.reading import read_texts
from convlens.data import Reject
from convlens.models import Classifier, load
from convlens.shown import visible
from convlens.text import UNKNOWN

PIECE = re.compile(r".{1,100000}\S*", re.DOTALL)
TOLD = 3  # texts of mostly unknown words that are told one by one

UNREAD = dict.fromkeys(("text", "label", "probability", "probabilities"))
UNREAD_SET = {"text": None, "labels": None, "probabilities": None}


def predict(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    allow_rejects: options.AllowRejects = False,
    as_json: options.Json = False,
) -> None:
    """Print the label and its probability for each text, tab-separated; --json adds every class.

    Of a model of several labels at once all that are more probable than one half are printed, or none.

    One line in, one line out, in the same order: a blank line or a row without a text is an empty text. With --file the
    line of the row stands last, and a row that cannot be read has neither label nor probability, with --json a reason.

    Examples:

      convlens predict model "What a good movie"

      convlens predict model --file new.csv --text review --json

      cat lines.txt | convlens predict model | sort | head
    """
    classifier = load(model)
    unread = UNREAD_SET if classifier.multilabel else UNREAD
    corpus = read_texts(texts, file, text, allow_rejects=allow_rejects)
    predictions = (
        _prediction(classifier, content, row)
        for content, row in zip(corpus.texts, classifier.logits(corpus.texts), strict=True)
    )
    for place, prediction in in_order(corpus, predictions):
        values = unread | {"reason": prediction.reason} if isinstance(prediction, Reject) else prediction
        if as_json:
            put_json(values | place)
        else:
            put(_row(values | place, classifier.label_separator or ""))
    _tell_unknown(classifier, corpus.texts)


def _prediction(classifier: Classifier, text: str, logits: NDArray[np.float32]) -> dict[str, Any]:
    probabilities = dict(zip(classifier.labels, classifier.probabilities(logits).tolist(), strict=True))
    if classifier.multilabel:
        predicted = [label for label, logit in zip(classifier.labels, logits, strict=True) if logit > 0]
        return {"text": text, "labels": predicted, "probabilities": probabilities}
    label = classifier.labels[int(np.argmax(logits))]
    return {
        "text": text,
        "label": label,
        "probability": probabilities[label],
        "probabilities": probabilities,
    }


def _row(values: dict[str, Any], separator: str) -> str:
    """Label, probability, text and, of a file, line: white space in them is one blank, so that none tears the row.

    The labels of a set and their probabilities have `separator` between them.
    """
    predicted = {} if values.get("probabilities") is None else values["probabilities"]
    labels = (
        values["labels"] if "labels" in values else [values["label"]] if values["label"] is not None else []
    )
    fields = [
        visible(separator.join(labels)),
        separator.join(f"{predicted[label]:.4f}" for label in labels),
        values["text"] or "",
        *([str(values["line"])] if "line" in values else []),
    ]
    return "\t".join(map(_on_one_line, fields))


def _on_one_line(field: str) -> str:
    """A blank for each white space between words: by pieces that end with a word, for a list of all words is large."""
    pieces = (piece[0] for piece in PIECE.finditer(field))
    return " ".join(filter(None, (" ".join(piece.split()) for piece in pieces)))


def _tell_unknown(classifier: Classifier, texts: Sequence[str]) -> None:
    """Which texts have more unknown words than others: what is said of them rests on little."""
    counts = [(int((ids == UNKNOWN).sum()), len(ids)) for ids in classifier.tokenizer.ids(texts)]
    rows = [(row, *count) for row, count in enumerate(counts, 1) if 2 * count[0] > count[1]]
    for row, unknown, words in rows[:TOLD]:
        say(f"text {row}: {unknown:,} of {words:,} words are not in the vocabulary")
    if len(rows) > TOLD:
        say(
            f"{len(rows):,} of {len(texts):,} texts have more words that are not in the vocabulary than others"
        )
