"""Traces of raw texts."""

from collections.abc import Sequence

from convlens.models import Classifier
from convlens.trace.backend import trace_documents
from convlens.trace.documents import CorpusTrace, joined


def trace_texts(
    classifier: Classifier, texts: Sequence[str], *, slots: bool = False, backend: str = "auto"
) -> CorpusTrace:
    """Trace texts by a backend of `BACKENDS`; with `slots`, what each slot of a winning window gave too."""
    documents = joined(classifier.tokenizer.ids(texts))
    return trace_documents(classifier.model, documents, slots=slots, backend=backend)
