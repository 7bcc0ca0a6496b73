"""`convlens predict`: labels and probabilities."""

import numpy as np

from convlens.cli import options
from convlens.cli.console import put, put_json
from convlens.cli.reading import read_texts
from convlens.models import load
from convlens.shown import visible


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
            put_json({**values, "probabilities": probabilities})
        else:
            line = visible(classifier.labels[best]), f"{row[best]:.4f}", " ".join(content.split())
            put("\t".join(line))
