"""The documents under attack, and how edits become texts again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from convlens.arrays import Ints
from convlens.data import Corpus
from convlens.errors import InputError
from convlens.models import Classifier, aligned, check_one_label
from convlens.text import Tokenizer, Tokens


@dataclass(frozen=True)
class Edit:
    """`text`, of the tokens `ids`, in the place of `cut` tokens of the intact document from `place` on."""

    place: int
    cut: int
    text: str
    ids: tuple[int, ...]


Edits = tuple[Edit, ...]


@dataclass(frozen=True, eq=False)
class AttackedDocument:
    """A document under attack, which the model has right: its number in the corpus, its class, and all of its tokens.

    TextAttack calls it `AttackedText`. A tokeniser may read only the first `most` tokens: a deletion then lets in the next
    one. It may `mask` some of those: an edit then makes or breaks an n-gram that is switched off.
    """

    document: int
    label: int
    tokens: Tokens
    most: int | None = None
    mask: Callable[[Ints], Ints] | None = None

    @cached_property
    def words(self) -> Ints:
        """The tokens within the limit, before any is masked: (L,)."""
        return self.tokens.ids[: self.most]

    @cached_property
    def ids(self) -> Ints:
        """The tokens that the model reads: (L,)."""
        return self._read(self.tokens.ids)

    def expected(self, edits: Iterable[Edit]) -> Ints:
        """The tokens that the model should read after edits."""
        parts, at, whole = [], 0, self.tokens.ids
        for edit in _sorted(edits):
            parts += [whole[at : edit.place], np.array(edit.ids, dtype=np.int64)]
            at = edit.place + edit.cut
        return self._read(np.concatenate([*parts, whole[at:]]))

    def _read(self, ids: Ints) -> Ints:
        """What the model reads of a document of these tokens."""
        ids = ids[: self.most]
        return ids if self.mask is None else self.mask(ids)

    def written(self, edits: Iterable[Edit], *, apart: bool = True) -> str:
        """The text with edits; with `apart`, a space keeps letters from growing together."""
        text, spans, written, at = self.tokens.text, self.tokens.spans, "", 0
        for edit in _sorted(edits):
            start = spans[edit.place][0] if edit.place < len(spans) else len(text)
            written = _joined(_joined(written, text[at:start], apart), edit.text, apart)
            at = spans[edit.place + edit.cut - 1][1] if edit.cut else start
        return _joined(written, text[at:], apart)


def swapped(attacked: AttackedDocument, place: int, word: str, number: int, *, lower: bool) -> Edit:
    """A word in the place of one, with a capital where that has one and the model does not see it."""
    start = attacked.tokens.spans[place][0]
    if lower and attacked.tokens.text[start].isupper():
        word = word[:1].upper() + word[1:]
    return Edit(place, 1, word, (number,))


def deleted(place: int) -> Edit:
    """The removal of one word."""
    return Edit(place, 1, "", ())


def attackable(
    classifier: Classifier, corpus: Corpus, documents: int | None, seed: int
) -> tuple[list[AttackedDocument], int]:
    """Of a seeded sample, the documents that are classified correctly, and how many documents were drawn."""
    check_one_label(classifier)
    if corpus.labels is None and corpus.sets is None:
        raise InputError(
            f"{corpus.source} has no labels: only what is classified correctly can be attacked, name their column "
            "with --label"
        )
    if not len(corpus):
        raise InputError(f"{corpus.source} has no documents: there is nothing to attack")
    rows = aligned(classifier, corpus)
    labels = np.array(rows.labels)
    count = min(documents or len(corpus), len(corpus))
    chosen = np.sort(np.random.default_rng(seed).permutation(len(corpus))[:count])
    texts = [rows.texts[i] for i in chosen]
    right = classifier.logits(texts).argmax(1) == labels[chosen]
    tokenizer = classifier.tokenizer
    tokens = tokenizer.whole.encode_all([t for t, ok in zip(texts, right, strict=True) if ok])
    most, mask = tokenizer.config.max_tokens, tokenizer.masking if tokenizer.masked else None
    drawn = zip(chosen[right].tolist(), labels[chosen[right]].tolist(), tokens, strict=True)
    return [
        AttackedDocument(document, label, of_text, most, mask) for document, label, of_text in drawn
    ], count


def realised(tokenizer: Tokenizer, texts: Sequence[str], expected: Sequence[Ints]) -> list[bool]:
    """Which texts the tokeniser reads as expected."""
    read = tokenizer.ids(texts)
    return [np.array_equal(a, b) for a, b in zip(read, expected, strict=True)]


def _sorted(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(edits, key=lambda edit: (edit.place, edit.cut))  # an insertion before what stands there


def _joined(left: str, right: str, apart: bool) -> str:
    letters = apart and left and right and (left[-1].isalnum() and right[0].isalnum())
    return f"{left} {right}" if letters else left + right
