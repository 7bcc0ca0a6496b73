from .compiled import different
from .documents import Documents, PaddedDocuments, starts
from .filtering import LETTERS, NAMES
from .masking import MASK, occurrences
from .splitters import SPLITTERS, lacks_spaces
from .tokenizer import PAD, UNKNOWN, TextConfig, Tokenizer, build_tokenizer
from .tokens import ArrayTuple, ManyTokens, Places, Tokens, together
from .vector_files import read_vectors
from .vectors import Matched, WordVectors, from_gensim, match
from .word2vec import train_word2vec

__all__ = [
    "LETTERS",
    "MASK",
    "NAMES",
    "PAD",
    "SPLITTERS",
    "UNKNOWN",
    "ArrayTuple",
    "Documents",
    "ManyTokens",
    "Matched",
    "PaddedDocuments",
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
