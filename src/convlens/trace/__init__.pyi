from .backends import BACKENDS, check_backend, choose, effective
from .by_torch import trace_by_torch
from .flat import Trace
from .ngrams import TopNgrams, best
from .occurrences import hashes, occurrences, window_places
from .passing import Passing, passing_windows
from .search import top_ngrams
from .slots import filter_column, home, read_slots, region_slots, summed
from .trace import (
    ArrayTracer,
    TorchTracer,
    Tracer,
    shared_tracer,
    table_of,
    trace,
    trace_texts,
    tracer,
    vocabulary_table,
    warm,
)
from .without import contexts, document_slots, window_slots

__all__ = [
    "BACKENDS",
    "ArrayTracer",
    "Passing",
    "TopNgrams",
    "TorchTracer",
    "Trace",
    "Tracer",
    "best",
    "check_backend",
    "choose",
    "contexts",
    "document_slots",
    "effective",
    "filter_column",
    "hashes",
    "home",
    "occurrences",
    "passing_windows",
    "read_slots",
    "region_slots",
    "shared_tracer",
    "summed",
    "table_of",
    "top_ngrams",
    "trace",
    "trace_by_torch",
    "trace_texts",
    "tracer",
    "vocabulary_table",
    "warm",
    "window_places",
    "window_slots",
]
