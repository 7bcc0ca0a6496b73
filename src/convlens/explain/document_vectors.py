"""Documents as sums of word vectors weighted by relevance (Arras et al. 2016, section 3.5 and figure 3)."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from convlens.arguments import checked
from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.explain.attribution import added_up
from convlens.explain.gradients import slopes
from convlens.explain.methods import METHODS, find_method
from convlens.explain.relevance import lrp_elements
from convlens.explain.texts import score
from convlens.models import Classifier, vectors_of
from convlens.text import Documents
from convlens.trace import Tracer, shared_tracer

UNIFORM = "uniform"
AT_ONCE = 64  # texts whose relevance is computed at once: bounds memory

ELEMENTS = ("lrp", "gradient-x-input", "sensitivity")
"""Relevance of each number of every word vector for the predicted class; its sum is the word's."""


@checked
def document_vectors(
    classifier: Classifier, texts: Sequence[str], *, weighting: str = UNIFORM, elementwise: bool = False
) -> NDArray[np.float64]:
    """A vector of unit length for each text: (texts, d).

    `weighting` is a method of `METHODS` that scores words, for the predicted class, or `uniform`, the plain sum.
    With `elementwise` each number of a word vector has its own weight, by a method of `ELEMENTS`.
    """
    _check(weighting, elementwise=elementwise)
    table = vectors_of(classifier.network)
    documents = classifier.tokenizer.documents(texts)
    of_words = _by_element if elementwise else _by_word
    sums = [weighted_sums(table, *part) for part in of_words(classifier, documents, weighting)]
    return np.concatenate([np.zeros((0, table.shape[1])), *sums])


def weighted_sums(table: Floats, documents: Documents, relevance: Floats) -> NDArray[np.float64]:
    """`sum_t R_t w_t` of the vectors w_t in `table` (V, d), scaled to length 1: (D, d).

    `relevance` (tokens, 1) of words or (tokens, d) of their numbers. Where nothing is relevant, as in an empty text, it
    stays zero.
    """
    shape = (len(documents.ids), table.shape[1])
    if relevance.shape not in (shape, (shape[0], 1)):
        raise InputError(
            f"relevance of shape {relevance.shape} does not fit word vectors of shape {shape}: "
            "give one number for each word, or one for each number of its vector"
        )
    sums = added_up(relevance * table[documents.ids], documents.starts, np.zeros((len(documents), shape[1])))
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, lengths, out=sums, where=lengths > 0))


def weightings(*, elementwise: bool = False) -> tuple[str, ...]:
    """The names that `document_vectors` takes."""
    if elementwise:
        return tuple(ELEMENTS)
    return (UNIFORM, *(name for name, method in METHODS.items() if not method.of_ngrams))


def _check(weighting: str, *, elementwise: bool) -> None:
    fitting = weightings(elementwise=elementwise)
    if weighting not in fitting:
        kind = "element-wise weighting" if elementwise else "weighting"
        raise InputError(f"unknown {kind} {weighting!r}: choose one of {', '.join(fitting)}")


Relevance = Iterator[tuple[Documents, Floats]]


def _by_word(classifier: Classifier, corpus: Documents, weighting: str) -> Relevance:
    """Some documents after others, with the relevance (tokens, 1) of their words for the predicted class."""
    if weighting == UNIFORM:
        for documents in _parts(corpus):
            yield documents, np.ones((len(documents.ids), 1))
        return
    method, source = find_method(weighting, classifier.network), shared_tracer(classifier.network, corpus)
    for documents in _parts(corpus):
        scored = score(classifier, documents, method, source=source)
        targets = scored.logits.argmax(1)[documents.owners]
        yield documents, np.take_along_axis(scored.scores, targets[:, None], 1)


def _by_element(classifier: Classifier, corpus: Documents, weighting: str) -> Relevance:
    """The same for the numbers of their vectors: (tokens, d)."""
    source = shared_tracer(classifier.network, corpus)
    for documents in _parts(corpus):
        if source is not None:
            yield documents, _from_trace(source, documents, weighting)
        else:
            from convlens.explain.deep_gradients import elements

            yield documents, elements(classifier.model, documents, weighting)


def _from_trace(source: Tracer, documents: Documents, weighting: str) -> Floats:
    """Relevance of every number of every word vector for the predicted class: (tokens, d)."""
    trace, weights = source.trace(documents, slots=weighting == "lrp"), source.weights
    targets = trace.logits.argmax(1)
    if weighting == "lrp":
        return trace.documents.of_texts(lrp_elements(weights, trace, targets))
    slope = trace.documents.of_texts(slopes(weights, trace, targets))
    return np.square(slope) if weighting == "sensitivity" else slope * weights.vectors[documents.ids]


def _parts(documents: Documents) -> Iterator[Documents]:
    return (documents.part(start, start + AT_ONCE) for start in range(0, len(documents), AT_ONCE))
