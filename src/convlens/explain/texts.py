"""The attributions of documents and texts by a method."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats
from convlens.errors import InputError
from convlens.explain.attribution import Attribution, Scored, Sums, added_up
from convlens.explain.methods import Method, find_method
from convlens.explain.slots import pieces
from convlens.explain.spans import window_spans, words_of_windows
from convlens.models import Classifier, ForeignConfig, Weights
from convlens.text import Documents, PaddedDocuments, Tokens, together
from convlens.trace import Trace, Tracer, table_of, tracer


def attribute_texts(
    classifier: Classifier,
    tokens: Iterable[Tokens],
    *,
    method: str = "words",
    backend: str = "auto",
    source: Tracer | None = None,
) -> Attribution:
    """Score the words or n-grams of tokenised texts by a method of `METHODS`.

    Methods that read a trace take it from a `source` that is there already, or else by a backend of `BACKENDS`.
    """
    network = classifier.network
    chosen, texts = find_method(method, network), together(tokens)
    if chosen.compares_classes and classifier.multilabel:
        raise InputError(
            f"{method} compares the classes with each other, of which this model gives several at once: take of_label(LABEL), or another method"
        )
    documents, sums = texts.documents, chosen.sums
    scored = score(classifier, documents, chosen, backend=backend, source=source)
    if not chosen.of_ngrams:
        return Attribution(documents.starts, texts.spans, *scored[:5], sums=sums)
    assert not isinstance(network.config, ForeignConfig)  # it has no method of n-grams
    widths = np.array(network.config.widths)
    read = documents if scored.trace is None else scored.trace.documents
    positions = scored.positions if scored.trace is None else scored.trace.positions
    assert positions is not None  # else the method scores no n-grams
    spans = window_spans(texts.spans, documents, words_of_windows(read, positions, widths))
    filters = np.tile(np.arange(len(widths)), int((documents.lengths > 0).sum()))
    return Attribution(ngram_offsets(documents, len(widths)), spans, *scored[:5], filters=filters, sums=sums)


def score(
    classifier: Classifier,
    documents: Documents,
    method: Method,
    *,
    backend: str = "auto",
    source: Tracer | None = None,
) -> Scored:
    """What a method says of documents of word numbers, see `attribute_texts`."""
    network = classifier.network
    if not method.reads_trace(network):
        assert method.of_model is not None
        return method.of_model(classifier.model, documents)
    return by_trace(method, source or tracer(network, documents, backend=backend), documents)


def by_trace(method: Method, source: Tracer, documents: Documents) -> Scored:
    """What a method says of documents that a source traces: by a kernel on its table, or by the method's formula."""
    table, documents = table_of(source), source.weights.reading.padded(documents)
    if table is not None and method.by_table is not None and table.weights.config.plain:
        trace, scores = method.by_table(table, documents)
    else:
        trace, scores = _in_pieces(method, source, documents)
    bias = _bias(documents, scores, trace.logits, method.sums)
    scored = Scored(scores, bias, trace.logits, trace)
    return (
        _without_padding(scored, method, source.weights) if isinstance(documents, PaddedDocuments) else scored
    )


def _without_padding(scored: Scored, method: Method, weights: Weights) -> Scored:
    """The same for the words of the texts, or the n-grams with any: what padding has goes to the bias."""
    assert scored.trace is not None
    documents = scored.trace.documents
    assert isinstance(documents, PaddedDocuments)
    if method.of_ngrams:
        first, last = words_of_windows(documents, scored.trace.positions, np.array(weights.config.widths))
        with_words = (first <= last)[documents.lengths > 0].reshape(-1)
        offsets = ngram_offsets(documents, first.shape[1])
        of_texts = np.repeat((documents.texts.lengths > 0)[documents.lengths > 0], first.shape[1])
        scores = np.where(with_words[:, None], scored.scores, 0)[of_texts]
    else:
        offsets, with_words = documents.starts, np.zeros(len(documents.ids), bool)
        with_words[documents.places] = True
        scores = documents.of_texts(scored.scores)
    if method.sums == "none":
        return scored._replace(scores=scores)
    of_padding = np.where(with_words[:, None], 0, scored.scores)
    padding = added_up(of_padding, offsets, np.zeros_like(scored.logits)).astype(scored.logits.dtype)
    return scored._replace(scores=scores, bias=scored.bias + padding, padding=padding)


def _in_pieces(method: Method, source: Tracer, documents: Documents) -> tuple[Trace, Floats]:
    """The trace, without slots, and the scores (units, C) of some documents at a time: bounds memory."""
    assert method.of_trace is not None
    weights = source.weights
    numbers = len(weights.filter_biases) * max(
        *weights.config.regions, weights.classes if weights.dense else 1
    )
    offsets = ngram_offsets(documents, len(weights.filter_biases)) if method.of_ngrams else documents.starts
    scores = np.zeros((offsets[-1], weights.classes), weights.head.dtype)
    traces = []
    for first, last in pieces(np.arange(len(documents) + 1), numbers):
        trace = source.trace(documents.part(first, last), slots=method.slots)
        scores[offsets[first] : offsets[last]] = method.of_trace(weights, trace)
        traces.append((trace.peaks, trace.positions, trace.logits))
    if not traces:
        return source.trace(documents), scores
    peaks, positions, logits = (np.concatenate(arrays) for arrays in zip(*traces, strict=True))
    of_all = replace(trace, documents=documents, peaks=peaks, positions=positions, logits=logits, slots=None)
    return of_all, scores


def _bias(documents: Documents, scores: Floats, logits: Floats, sums: Sums) -> Floats:
    """Bias of each text (D, C): zero where units own all of the logit, for an empty text the head's bias."""
    if sums == "none":
        return np.zeros_like(logits)
    if sums == "exact":
        return np.where((documents.lengths > 0)[:, None], 0, logits)
    return -added_up(scores, documents.starts, -logits).astype(logits.dtype)


def ngram_offsets(documents: Documents, filters: int) -> NDArray[np.int64]:
    """Where the n-grams of each text begin, and where the last ones end."""
    return np.concatenate([[0], np.where(documents.lengths > 0, filters, 0).cumsum()])
