"""Documents as sums of word vectors weighted by relevance (Arras et al. 2016, section 3.5 and figure 3)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convlens.arguments import checked
from convlens.errors import InputError
from convlens.explain.lrp import lrp_elements
from convlens.explain.methods import METHODS
from convlens.explain.texts import attribute_texts
from convlens.models import Classifier, TextModel, one_layer, pad
from convlens.text import PAD
from convlens.trace import shared_table, trace

Floats = NDArray[np.floating[Any]]
UNIFORM = "uniform"
AT_ONCE = 64  # texts whose relevance is computed at once: bounds memory

ELEMENTS: dict[str, Callable[[TextModel, Tensor], Tensor]] = {
    "lrp": lambda model, ids: _relevance(model, ids),
    "gradient-x-input": lambda model, ids: _slopes(model, ids) * model.embed(ids).detach(),
    "sensitivity": lambda model, ids: _slopes(model, ids).square(),
}
"""Relevance of each number of every word vector for the predicted class, (B, T, d) of ids (B, T); its sum is the word's."""


@checked
def document_vectors(
    classifier: Classifier, texts: Sequence[str], *, weighting: str = UNIFORM, elementwise: bool = False
) -> NDArray[np.float64]:
    """A vector of unit length for each text: (texts, d).

    `weighting` is a method of `METHODS` that scores words, for the predicted class, or `uniform`, the plain sum.
    With `elementwise` each number of a word vector has its own weight, by a method of `ELEMENTS`.
    """
    _check(weighting, elementwise=elementwise)
    vectors = classifier.model.embed.weight.detach().cpu().numpy()
    found = np.zeros((len(texts), vectors.shape[1]))
    of_words = _by_element if elementwise else _by_word
    for i, (ids, relevance) in enumerate(of_words(classifier, texts, weighting)):
        found[i] = weighted_sum(vectors[ids], relevance)
    return found


def weighted_sum(vectors: Floats, relevance: Floats) -> NDArray[np.float64]:
    """`sum_t R_t w_t` of vectors (T, d), scaled to length 1: relevance (T,) of words or (T, d) of their numbers.

    Where nothing is relevant, as in an empty text, it stays zero.
    """
    if relevance.shape not in (vectors.shape, vectors.shape[:1]):
        raise InputError(
            f"relevance of shape {relevance.shape} does not fit word vectors of shape {vectors.shape}: "
            "give one number for each word, or one for each number of its vector"
        )
    weights = relevance.astype(np.float64)
    total = (weights * vectors).sum(0) if weights.ndim == 2 else weights @ vectors
    length = np.linalg.norm(total)
    return np.asarray(total / length if length > 0 else total)


def weightings(*, elementwise: bool = False) -> tuple[str, ...]:
    """The names that `document_vectors` takes."""
    if elementwise:
        return tuple(ELEMENTS)
    return (UNIFORM, *(name for name, method in METHODS.items() if not method.of_ngrams))


def _check(weighting: str, *, elementwise: bool) -> None:
    fitting = weightings(elementwise=elementwise)
    if weighting not in fitting:
        kind = "element-wise weighting" if elementwise else "weighting"
        raise InputError(f"unknown {kind} {weighting!r}: choose one of {', '.join(fitting)}")


def _by_word(
    classifier: Classifier, texts: Sequence[str], weighting: str
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Words and their relevance (T,) for the predicted class, of each text."""
    if weighting == UNIFORM:
        yield from ((ids, np.ones(len(ids))) for ids in classifier.tokenizer.ids(texts))
        return
    table, backend = shared_table(classifier.model, classifier.tokenizer.ids(texts))
    for part in _parts(texts):
        tokens = classifier.tokenizer.encode_all(part)
        scored = attribute_texts(classifier, tokens, method=weighting, backend=backend, table=table)
        for i, target in enumerate(scored.logits.argmax(1)):
            rows = slice(scored.offsets[i], scored.offsets[i + 1])
            yield tokens.ids[rows], scored.scores[rows, target]


def _by_element(
    classifier: Classifier, texts: Sequence[str], weighting: str
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Words and the relevance of their numbers (T, d) for the predicted class, of each text."""
    for part in _parts(texts):
        documents = classifier.tokenizer.ids(part)
        ids = pad(documents).to(classifier.model.embed.weight.device)
        relevance = elements(classifier.model, ids, weighting).cpu().numpy()
        yield from ((d, relevance[i, : len(d)]) for i, d in enumerate(documents))


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))


def elements(model: TextModel, ids: Tensor, weighting: str) -> Tensor:
    """Relevance of every number of every word vector for the predicted class: (B, T, d) of ids (B, T)."""
    model.eval()
    found = ELEMENTS[weighting](model, ids)
    return found.masked_fill((ids == PAD)[..., None], 0)


def _slopes(model: TextModel, ids: Tensor) -> Tensor:
    """Slopes of the predicted class's logit: (B, T, d)."""
    with torch.enable_grad():
        x = model.embed(ids).detach().requires_grad_()  # (B, T, d)
        best = model.classify(x, (ids != PAD).sum(1)).max(1).values
        slopes: Tensor = torch.autograd.grad(best.sum(), x)[0]
        return slopes


def _relevance(model: TextModel, ids: Tensor) -> Tensor:
    shallow = one_layer(model, "the relevance of single numbers")
    traced = trace(shallow, ids)
    return lrp_elements(shallow, traced, traced.logits.argmax(1))
