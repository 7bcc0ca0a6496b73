"""The front door: a classifier and a corpus in, a page out."""

from convlens.arguments import checked
from convlens.data import Corpus
from convlens.evaluate import Evaluation
from convlens.models import Classifier
from convlens.report.collect import collect
from convlens.report.page import render


@checked
def report(
    classifier: Classifier, corpus: Corpus, *, documents: int = 1000, evaluation: Evaluation | None = None
) -> str:
    """One self-contained HTML page: metrics, documents with reasons by several methods, words by
    importance, cards of filters, a map of words and filters, document vectors.

    At most `documents` of the corpus are shown; metrics and filters count all of it. `evaluation`, what
    `evaluate` found, is shown where it is given. For a deep model the page says which views need a one-layer one.
    """
    return render(collect(classifier, corpus, documents=documents, evaluation=evaluation))
