"""How important each word is to a whole model: by its weights alone, or by evidence from a corpus."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.errors import InputError
from convlens.explain import attribute_texts
from convlens.files import printable
from convlens.filters.columns import first_convolutions, slot_columns
from convlens.models import Classifier, TextModel, family_of
from convlens.shown import listed
from convlens.text import PAD, Documents
from convlens.trace import shared_tracer

AT_ONCE = 2**22  # numbers of a product: bounds memory
SCORES = 2**22  # of words for classes, computed at a time: bounds memory
IMPORTANCES = ("equation-1", "slots", "evidence")
PRINTED = "printed"  # the column of equation 1, and its old name: it is asked for by both

Scored = tuple[NDArray[np.int64], NDArray[np.floating[Any]]]  # word numbers (W,), their scores (W, C)


@torch.no_grad()
def printed_importance(model: TextModel) -> Tensor:
    """Equation 1 of the IMDb filter paper as it is printed, of every row of the embedding: (V,) float64.

    `importance(w) = sum_f sum_s sum_i |w_i F_fsi| = sum_i |w_i| sum_f sum_s |F_fsi|`: an l1 norm of the word's vector
    w, each number weighed by what the slots s of the filters f of the first layer make of it.
    """
    weights = sum(conv.weight.double().abs().sum((0, 2)) for conv in first_convolutions(model))  # (d,)
    return model.embed.weight.double().abs() @ torch.as_tensor(weights)


@torch.no_grad()
def slot_importance(model: TextModel) -> Tensor:
    """`sum_f sum_s |<w, F_fs>|`: how far a word can move the filters, slot by slot: (V,) float64."""
    vectors = model.embed.weight.double()
    slots = torch.from_numpy(slot_columns(model)).to(vectors)  # (S, d)
    rows = max(AT_ONCE // len(slots), 1)
    return torch.cat([(part @ slots.T).abs().sum(1) for part in torch.split(vectors, rows)])


def word_table(classifier: Classifier, by: str = "equation-1") -> pl.DataFrame:
    """Every word of the vocabulary, and the unknown one, the most important first: `word`, `printed`, `slots`.

    `by` is the column that orders, `equation-1` that of `printed`; equals go in the order of the vocabulary.
    """
    return ranked(pl.DataFrame(_columns(classifier)).slice(PAD + 1), by)


def evidence_table(classifier: Classifier, texts: Sequence[str], by: str = "evidence") -> pl.DataFrame:
    """`word_table` of the words that occur in texts, with what they did there.

    Scores are those of the method of the model's family, matrix B for a `TextCNN`. `evidence:CLASS` is what all
    `occurrences` of a word add to that class's logit, or take from it, in a document: the sum of their absolute scores
    over the number of texts. `evidence` is its mean over the classes. Of one occurrence `strength` is the mean absolute
    score over all classes, `adds:CLASS` the mean score; `strength:CLASS` in a scan's summary is a sum.
    """
    documents = classifier.tokenizer.documents(texts)
    in_texts = evidence(documents, len(classifier.labels), _scored(classifier, texts, documents))
    names = [printable(label) for label in classifier.labels]
    columns = {
        "occurrences": in_texts.occurrences,
        "evidence": in_texts.moved.mean(1),
        "strength": in_texts.strength,
    }
    columns |= {f"evidence:{name}": in_texts.moved[:, c] for c, name in enumerate(names)}
    columns |= {f"adds:{name}": in_texts.adds[:, c] for c, name in enumerate(names)}
    return ranked(pl.DataFrame(_columns(classifier))[in_texts.words].hstack(pl.DataFrame(columns)), by)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the `words` (W,) that occur in some texts did there: `occurrences` (W,) of each, the mean absolute score of one
    over all classes, `strength` (W,), its mean score, `adds` (W, C), and what all of them move each logit by in a text,
    `moved` (W, C)."""

    words: NDArray[np.int64]
    occurrences: NDArray[np.int64]
    strength: NDArray[np.float64]
    adds: NDArray[np.float64]
    moved: NDArray[np.float64]


def evidence(documents: Documents, classes: int, scored: Iterable[Scored]) -> Evidence:
    """What the words of documents did, by the scores of their words, whatever method gave them.

    Only words that occur have a row: with thousands of classes, a row for each word of the vocabulary would fill the memory.
    """
    words, counts = np.unique(documents.ids, return_counts=True)
    adds, moved = np.zeros((2, len(words), classes))
    for ids, scores in scored:
        order = np.argsort(ids, kind="stable")
        here, first = np.unique(ids[order], return_index=True)
        rows, sorted_scores = np.searchsorted(words, here), scores[order].astype(np.float64)
        if len(rows):
            adds[rows] += np.add.reduceat(sorted_scores, first)
            moved[rows] += np.add.reduceat(np.abs(sorted_scores, out=sorted_scores), first)
    strength = moved.mean(1) / counts
    adds /= counts[:, None]
    moved /= max(len(documents), 1)
    return Evidence(words, counts, strength, adds, moved)


def _scored(classifier: Classifier, texts: Sequence[str], documents: Documents) -> Iterator[Scored]:
    """The words of texts with their scores by the method of the model's family, `SCORES` of them at a time."""
    method = family_of(classifier.model).method
    source = shared_tracer(classifier.network, documents)
    start = 0
    for piece in documents.pieces(max(SCORES // len(classifier.labels), 1)):
        tokens = classifier.tokenizer.encode_all(texts[start : start + len(piece)])
        scored = attribute_texts(classifier, tokens, method=method, source=source)
        yield tokens.ids, scored.scores
        start += len(piece)


def ranked(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """The rows with the greatest `by` first, numbered from 1 in `rank`."""
    column = PRINTED if by == IMPORTANCES[0] else by
    if column not in frame.columns or frame.schema[column] == pl.String:
        fitting = [name for name, kind in frame.schema.items() if kind != pl.String]
        names = [IMPORTANCES[0] if name == PRINTED else name for name in fitting]
        raise InputError(f"cannot order words by {by!r}: choose one of {listed(names)}")
    ordered = frame.sort(column, descending=True, maintain_order=True)
    return ordered.select(pl.int_range(1, pl.len() + 1).alias("rank"), pl.all())


def _columns(classifier: Classifier) -> dict[str, Any]:
    """The importances that need no texts, of every row of the embedding."""
    return {
        "word": [classifier.tokenizer.word(i) for i in range(classifier.tokenizer.size)],
        PRINTED: printed_importance(classifier.model).cpu().numpy(),
        "slots": slot_importance(classifier.model).cpu().numpy(),
    }
