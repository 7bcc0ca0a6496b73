from .compiled import different
from .cutting import Cutter, align, cutter_of
from .documents import Documents, PaddedDocuments, starts
from .filtering import LETTERS, NAMES
from .masking import MASK, occurrences
from .settings import FUNCTION, PATTERN, TextConfig
from .splitters import SPLITTERS, lacks_spaces
from .tokenizer import PAD, UNKNOWN, Tokenizer, build_tokenizer
from .tokens import ArrayTuple, ManyTokens, Places, Tokens, together
from .vector_files import read_vectors
from .vectors import Matched, WordVectors, from_gensim, match
from .word2vec import train_word2vec

__all__ = [
    "FUNCTION",
    "LETTERS",
    "MASK",
    "NAMES",
    "PAD",
    "PATTERN",
    "SPLITTERS",
    "UNKNOWN",
    "ArrayTuple",
    "Cutter",
    "Documents",
    "ManyTokens",
    "Matched",
    "PaddedDocuments",
    "Places",
    "TextConfig",
    "Tokenizer",
    "Tokens",
    "WordVectors",
    "align",
    "build_tokenizer",
    "cutter_of",
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
