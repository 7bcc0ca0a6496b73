"""How important each word is to a whole model: by its weights alone, or by evidence from a corpus."""

from collections.abc import Iterable, Iterator, Sequence
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
from convlens.text import PAD
from convlens.trace import shared_table

AT_ONCE = 2**22  # numbers of a product: bounds memory
BATCH = 1000  # texts attributed at a time
IMPORTANCES = ("printed", "slots", "evidence")

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


def word_table(classifier: Classifier, by: str = "printed") -> pl.DataFrame:
    """Every word of the vocabulary, and the unknown one, the most important first: `word`, `printed`, `slots`.

    `by` is the column that orders; equals go in the order of the vocabulary.
    """
    return ranked(pl.DataFrame(_columns(classifier)).slice(PAD + 1), by)


def evidence_table(classifier: Classifier, texts: Sequence[str], by: str = "evidence") -> pl.DataFrame:
    """`word_table` of the words that occur in texts, with what they did there.

    Scores are those of the method of the model's family, matrix B for a `TextCNN`. `evidence:CLASS` is what all
    `occurrences` of a word add to that class's logit, or take from it, in a document: the sum of their absolute scores
    over the number of texts. `evidence` is its mean over the classes. Of one occurrence `strength` is the mean absolute
    score over all classes, `adds:CLASS` the mean score; `strength:CLASS` in a scan's summary is a sum.
    """
    frame = weighed(classifier, len(texts), _scored(classifier, texts))
    return ranked(frame.filter(pl.col("occurrences") > 0), by)


def weighed(classifier: Classifier, texts: int, scored: Iterable[Scored]) -> pl.DataFrame:
    """The columns of `evidence_table` for every word, also those that occur nowhere, in the order of the vocabulary.

    `scored` are the words of so many `texts` and what each of them adds to each class there, by whatever method.
    """
    size, names = classifier.tokenizer.size, [printable(label) for label in classifier.labels]
    counts, sums = np.zeros(size, np.int64), np.zeros((2, len(names), size))
    for ids, found in scored:
        counts += np.bincount(ids, minlength=size)
        for c, scores in enumerate(found.T.astype(np.float64)):
            sums[0, c] += np.bincount(ids, np.abs(scores), size)
            sums[1, c] += np.bincount(ids, scores, size)
    total, adds = sums[0] / max(texts, 1), sums[1] / np.maximum(counts, 1)
    strength = sums[0].mean(0) / np.maximum(counts, 1)
    columns = {**_columns(classifier), "occurrences": counts, "evidence": total.mean(0), "strength": strength}
    columns |= {f"evidence:{name}": total[c] for c, name in enumerate(names)}
    columns |= {f"adds:{name}": adds[c] for c, name in enumerate(names)}
    return pl.DataFrame(columns).slice(PAD + 1)


def _scored(classifier: Classifier, texts: Sequence[str]) -> Iterator[Scored]:
    """The words of texts with their scores by the method of the model's family, `BATCH` texts at a time."""
    method = family_of(classifier.model).method
    table, backend = shared_table(classifier.model, classifier.tokenizer.ids(texts))
    for start in range(0, len(texts), BATCH):
        tokens = classifier.tokenizer.encode_all(texts[start : start + BATCH])
        scored = attribute_texts(classifier, tokens, method=method, backend=backend, table=table)
        yield tokens.ids, scored.scores


def ranked(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """The rows with the greatest `by` first, numbered from 1 in `rank`."""
    if by not in frame.columns or frame.schema[by] == pl.String:
        fitting = [name for name, kind in frame.schema.items() if kind != pl.String]
        raise InputError(f"cannot order words by {by!r}: choose one of {', '.join(fitting)}")
    ordered = frame.sort(by, descending=True, maintain_order=True)
    return ordered.select(pl.int_range(1, pl.len() + 1).alias("rank"), pl.all())


def _columns(classifier: Classifier) -> dict[str, Any]:
    """The importances that need no texts, of every row of the embedding."""
    return {
        "word": [classifier.tokenizer.word(i) for i in range(classifier.tokenizer.size)],
        "printed": printed_importance(classifier.model).cpu().numpy(),
        "slots": slot_importance(classifier.model).cpu().numpy(),
    }
