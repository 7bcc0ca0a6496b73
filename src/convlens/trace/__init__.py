"""Traces: per filter, the pooled value and the position it came from, plus the logits."""

from convlens.trace.backend import (
    batch_of,
    corpus_table,
    shared_table,
    trace_by_torch,
    trace_documents,
    vocabulary_table,
)
from convlens.trace.choosing import BACKENDS, check_backend, choose, effective
from convlens.trace.columns import filter_column, home, read_slots, summed
from convlens.trace.documents import CorpusTrace, Documents, Floats, joined
from convlens.trace.ngrams import TopNgrams, best
from convlens.trace.occurrences import hashes, occurrences, window_places
from convlens.trace.passing import Passing, passing_windows
from convlens.trace.search import top_ngrams
from convlens.trace.texts import trace_texts
from convlens.trace.trace import Trace, filter_biases, head_biases, slot_activations, trace, word_slots

__all__ = [
    "BACKENDS",
    "CorpusTrace",
    "Documents",
    "Floats",
    "Passing",
    "TopNgrams",
    "Trace",
    "batch_of",
    "best",
    "check_backend",
    "choose",
    "corpus_table",
    "effective",
    "filter_biases",
    "filter_column",
    "hashes",
    "head_biases",
    "home",
    "joined",
    "occurrences",
    "passing_windows",
    "read_slots",
    "shared_table",
    "slot_activations",
    "summed",
    "top_ngrams",
    "trace",
    "trace_by_torch",
    "trace_documents",
    "trace_texts",
    "vocabulary_table",
    "window_places",
    "word_slots",
]
