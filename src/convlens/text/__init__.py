"""Tokenisers that keep character offsets, vocabularies, word vectors."""

from convlens.text.compiled import different
from convlens.text.filtering import LETTERS, NAMES
from convlens.text.masking import MASK, occurrences
from convlens.text.splitters import SPLITTERS, lacks_spaces
from convlens.text.tokenizer import PAD, UNKNOWN, TextConfig, Tokenizer, build_tokenizer
from convlens.text.tokens import ArrayTuple, ManyTokens, Places, Tokens, starts, together
from convlens.text.vector_files import read_vectors
from convlens.text.vectors import Matched, WordVectors, from_gensim, match
from convlens.text.word2vec import train_word2vec

__all__ = [
    "LETTERS",
    "MASK",
    "NAMES",
    "PAD",
    "SPLITTERS",
    "UNKNOWN",
    "ArrayTuple",
    "ManyTokens",
    "Matched",
    "Places",
    "TextConfig",
    "Tokenizer",
    "Tokens",
    "WordVectors",
    "build_tokenizer",
    "different",
    "from_gensim",
    "lacks_spaces",
    "match",
    "occurrences",
    "read_vectors",
    "starts",
    "together",
    "train_word2vec",
]
