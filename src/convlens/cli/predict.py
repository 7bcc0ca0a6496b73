"""`convlens predict`: labels and probabilities."""

import json

import numpy as np

from convlens.cli import options
from convlens.cli.console import put
from convlens.cli.reading import read_texts
from convlens.files import printable
from convlens.models import load


def predict(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    allow_rejects: options.AllowRejects = False,
    as_json: options.Json = False,
) -> None:
    """Print the label and its probability for each text, tab-separated; --json adds every class.

    Examples:

      convlens predict model "What a good movie"

      convlens predict model --file new.csv --text review --json

      cat lines.txt | convlens predict model | sort | head
    """
    classifier = load(model)
    found = read_texts(texts, file, text, allow_rejects=allow_rejects)
    for content, row in zip(found, classifier.predict_proba(found), strict=True):
        best = int(np.argmax(row))
        if as_json:
            probabilities = dict(zip(classifier.labels, row.tolist(), strict=True))
            values = {"text": content, "label": classifier.labels[best], "probability": float(row[best])}
            put(json.dumps({**values, "probabilities": probabilities}))
        else:
            put(f"{classifier.labels[best]}\t{row[best]:.4f}\t{' '.join(printable(content).split())}")
