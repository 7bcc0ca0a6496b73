"""The front door: a classifier and a corpus in, a page out."""

from convlens.data import Corpus
from convlens.models import Classifier
from convlens.report.collect import collect
from convlens.report.page import render


def report(classifier: Classifier, corpus: Corpus, *, documents: int = 1000) -> str:
    """One self-contained HTML page: metrics, documents with reasons, words and filters.

    At most `documents` of the corpus are shown; metrics and filters count all of it. A deep model has no
    table of filters, and its reasons are gradient x input, which the page says.
    """
    return render(collect(classifier, corpus, documents=documents))
