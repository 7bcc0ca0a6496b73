"""The surface forms of n-grams, as people wrote them: from the text in which they occur first, by its spans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from convlens.arrays import Ints
from convlens.filters.corpus_view import CorpusView
from convlens.trace import occurrences

AT_ONCE = 2000  # texts tokenised again at a time


@dataclass(frozen=True)
class Surface:
    """The surface form of an n-gram: how it stands in its text, word by word and whole, and how often in how many documents."""

    text: str
    words: tuple[str, ...]
    count: int
    documents: int


def surface_forms(view: CorpusView, ngrams: Sequence[Ints]) -> Mapping[tuple[int, ...], Surface]:
    """For n-grams of word numbers (M, n), of any sizes n: how each is written.

    Those that the corpus does not have are words of the vocabulary.
    """
    surfaces: dict[tuple[int, ...], Surface] = {}
    for n in {words.shape[1] for words in ngrams}:
        every = np.concatenate([words for words in ngrams if words.shape[1] == n])
        different = np.unique(every, axis=0)
        if len(different):
            surfaces |= _of_size(view, different)
    return surfaces


def _of_size(view: CorpusView, ngrams: Ints) -> dict[tuple[int, ...], Surface]:
    counts, documents, places = occurrences(view.documents, ngrams)
    owners = np.searchsorted(view.documents.starts, places, "right") - 1
    first = places - view.documents.starts[owners]
    there = np.flatnonzero(places >= 0)
    words = _cut(view, owners[there], first[there], ngrams.shape[1])
    cut = dict(zip(there.tolist(), words, strict=True))
    surfaces = {}
    for i, numbers in enumerate(ngrams.tolist()):
        named = tuple(view.tokenizer.word(number) for number in numbers)
        text, parts = cut.get(i, (" ".join(named), named))
        surfaces[tuple(numbers)] = Surface(text, parts, int(counts[i]), int(documents[i]))
    return surfaces


def _cut(view: CorpusView, owners: Ints, first: Ints, n: int) -> list[tuple[str, tuple[str, ...]]]:
    """The windows of n words at `first` of documents, from their texts: whole with single blanks, and in words."""
    used = np.unique(owners)
    windows: list[tuple[str, tuple[str, ...]]] = [("", ())] * len(owners)
    for at in range(0, len(used), AT_ONCE):
        texts = used[at : at + AT_ONCE]
        tokens = view.tokenizer.encode_all(view.texts[i] for i in texts.tolist())
        rows = np.flatnonzero(np.isin(owners, texts))
        text_of = np.searchsorted(texts, owners[rows])
        begin = tokens.starts[text_of] + first[rows]
        spans = tokens.spans[begin[:, None] + np.arange(n)].tolist()
        for i, text, window in zip(rows.tolist(), text_of.tolist(), spans, strict=True):
            whole = tokens.texts[text]
            words = tuple(whole[a:b] for a, b in window)
            windows[i] = " ".join(whole[window[0][0] : window[-1][1]].split()), words
    return windows
