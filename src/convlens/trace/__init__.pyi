from .backend import (
    ArrayTracer,
    corpus_table,
    shared_table,
    trace_documents,
    tracer,
    vocabulary_table,
    warm,
)
from .by_torch import batch_of, trace_by_torch
from .choosing import BACKENDS, check_backend, choose, effective
from .columns import filter_column, home, read_slots, summed
from .documents import CorpusTrace, Documents, Floats, joined
from .ngrams import TopNgrams, best
from .occurrences import hashes, occurrences, window_places
from .passing import Passing, passing_windows
from .search import top_ngrams
from .texts import trace_texts
from .trace import Trace, filter_biases, head_biases, slot_activations, trace, word_slots

__all__ = [
    "BACKENDS",
    "ArrayTracer",
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
    "tracer",
    "vocabulary_table",
    "warm",
    "window_places",
    "word_slots",
]
