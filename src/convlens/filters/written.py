"""N-grams as people wrote them: from the text in which they occur first, by its spans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from convlens.filters.seen import Seen
from convlens.trace import occurrences
from convlens.trace.flat import Ints

AT_ONCE = 2000  # texts tokenised again at a time


@dataclass(frozen=True)
class Written:
    """How an n-gram stands in its text, word by word and whole, and how often in how many documents."""

    text: str
    words: tuple[str, ...]
    count: int
    documents: int


def as_written(seen: Seen, ngrams: Sequence[Ints]) -> Mapping[tuple[int, ...], Written]:
    """For n-grams of word numbers (M, n), of any sizes n: how each is written.

    Those that the corpus does not have are words of the vocabulary.
    """
    found: dict[tuple[int, ...], Written] = {}
    for n in {some.shape[1] for some in ngrams}:
        every = np.concatenate([some for some in ngrams if some.shape[1] == n])
        different = np.unique(every, axis=0)
        if len(different):
            found |= _of_size(seen, different)
    return found


def _of_size(seen: Seen, ngrams: Ints) -> dict[tuple[int, ...], Written]:
    counts, documents, places = occurrences(seen.documents, ngrams)
    owners = np.searchsorted(seen.documents.starts, places, "right") - 1
    first = places - seen.documents.starts[owners]
    there = np.flatnonzero(places >= 0)
    words = _cut(seen, owners[there], first[there], ngrams.shape[1])
    cut = dict(zip(there.tolist(), words, strict=True))
    found = {}
    for i, numbers in enumerate(ngrams.tolist()):
        named = tuple(seen.tokenizer.word(number) for number in numbers)
        text, parts = cut.get(i, (" ".join(named), named))
        found[tuple(numbers)] = Written(text, parts, int(counts[i]), int(documents[i]))
    return found


def _cut(seen: Seen, owners: Ints, first: Ints, n: int) -> list[tuple[str, tuple[str, ...]]]:
    """The windows of n words at `first` of documents, from their texts: whole with single blanks, and in words."""
    used = np.unique(owners)
    found: list[tuple[str, tuple[str, ...]]] = [("", ())] * len(owners)
    for at in range(0, len(used), AT_ONCE):
        some = used[at : at + AT_ONCE]
        tokens = seen.tokenizer.encode_all(seen.texts[i] for i in some.tolist())
        mine = np.flatnonzero(np.isin(owners, some))
        text_of = np.searchsorted(some, owners[mine])
        begin = tokens.starts[text_of] + first[mine]
        spans = tokens.spans[begin[:, None] + np.arange(n)].tolist()
        for i, text, window in zip(mine.tolist(), text_of.tolist(), spans, strict=True):
            whole = tokens.texts[text]
            words = tuple(whole[a:b] for a, b in window)
            found[i] = " ".join(whole[window[0][0] : window[-1][1]].split()), words
    return found
