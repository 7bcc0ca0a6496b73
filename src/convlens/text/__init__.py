"""Tokenisers that keep character offsets, vocabularies, word vectors."""

from convlens.text.splitters import SPLITTERS
from convlens.text.tokenizer import PAD, UNKNOWN, TextConfig, Tokenizer, Tokens, build_tokenizer
from convlens.text.vectors import Matched, WordVectors, from_gensim, match, read_vectors

__all__ = [
    "PAD",
    "SPLITTERS",
    "UNKNOWN",
    "Matched",
    "TextConfig",
    "Tokenizer",
    "Tokens",
    "WordVectors",
    "build_tokenizer",
    "from_gensim",
    "match",
    "read_vectors",
]
