"""Traces: per filter, the pooled value and the position it came from, plus the logits."""

from convlens.trace.texts import TextsTrace, trace_texts
from convlens.trace.trace import Trace, filter_biases, head_biases, slot_activations, trace, word_slots

__all__ = [
    "TextsTrace",
    "Trace",
    "filter_biases",
    "head_biases",
    "slot_activations",
    "trace",
    "trace_texts",
    "word_slots",
]
