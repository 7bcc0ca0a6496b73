"""Points of a plane: the documents shown, their vectors weighted by relevance (Arras et al. 2016, figure 3), and words with the
slots of filters as one map (IMDb filter paper, figures 2 to 4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import evenly
from convlens.draw import group, project
from convlens.explain import Attribution, document_vectors, weighted_sums
from convlens.filters import plane
from convlens.models import Classifier, TextCNN, TextModel, vectors_of
from convlens.report.data import Projection, WordMap
from convlens.text import ManyTokens

FEWEST = 3  # documents that make a picture
GROUPS = 8  # that differ in colour and shape; the last takes what is left where there are more
OTHERS = "other classes"
UNIFORM = "uniform"
MOST = 1500  # points of a map drawn of each kind
LETTERS = 60  # shown of a word


def project_documents(
    classifier: Classifier,
    tokens: ManyTokens,
    attributions: Mapping[str, Attribution],
    classes: Sequence[int],
) -> Projection | None:
    """The panels of the picture, and the group of each document by its class of `classes`; None for few documents.

    Relevance is that for the predicted class, from the `attributions` that there are; number by number it is computed here.
    """
    if len(tokens) < FEWEST:
        return None
    vectors = by_word(classifier, tokens, attributions)
    for name in elements_for(classifier.model):
        title = f"{name}, number by number"
        vectors[title] = document_vectors(classifier, tokens.texts, weighting=name, elementwise=True)
    names, of = groups([classifier.labels[label] for label in classes])
    return Projection(tuple(vectors), on_one_scale([project(v) for v in vectors.values()]), names, of)


def elements_for(model: TextModel) -> tuple[str, str]:
    """The weightings of single numbers: LRP reads a trace, and a deep model has the product with the slopes for it."""
    return ("lrp" if isinstance(model, TextCNN) else "gradient-x-input", "sensitivity")


def by_word(
    classifier: Classifier, tokens: ManyTokens, attributions: Mapping[str, Attribution]
) -> dict[str, NDArray[np.float64]]:
    """The vectors of documents (D, d) by uniform weights, LRP, or what stands for it, and both sensitivities of words."""
    signed = "lrp" if "lrp" in attributions else "gradient-x-input"
    table, targets = vectors_of(classifier.network), attributions[signed].logits.argmax(1)[tokens.owners]
    weights: dict[str, NDArray[np.floating[Any]]] = {UNIFORM: np.ones((len(tokens.ids), 1))}
    for name in (signed, "sensitivity"):
        weights[name] = np.take_along_axis(attributions[name].scores, targets[:, None], 1)
    weights["sensitivity-l2"] = np.sqrt(weights["sensitivity"])
    return {name: weighted_sums(table, tokens.documents, relevance) for name, relevance in weights.items()}


def groups(labels: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The groups of labels, the most frequent first, and the number of each label's."""
    top = [group(label) for label in labels]
    names = [name for name, _ in Counter(top).most_common()]
    if len(names) > GROUPS:
        names = [*names[: GROUPS - 1], OTHERS]
    numbers = {name: i for i, name in enumerate(names)}
    return tuple(names), np.array([numbers.get(name, len(names) - 1) for name in top], dtype=np.int64)


def on_one_scale(panels: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Panels (P, D, 2), each moved to its middle, all divided by the same number: within -1 and 1."""
    stacked = np.stack(panels)
    centred = stacked - (stacked.min(1, keepdims=True) + stacked.max(1, keepdims=True)) / 2
    return np.asarray(centred / (abs(centred).max() or 1))


def word_map(classifier: Classifier) -> WordMap:
    """At most `MOST` of the most important words, of the others and of the slots, each spread evenly over all of them."""
    points, names = plane(classifier.model), classifier.tokenizer.words
    rest = np.setdiff1d(np.arange(len(points.words)), points.important)
    every = np.arange(len(points.columns))
    words, important, slots = _spread(rest), _spread(points.important), _spread(every)
    drawn = np.concatenate([points.words[words], points.words[important], points.columns[slots]])
    return WordMap(
        words=tuple(names[i][:LETTERS] for i in words),
        important=tuple(names[i][:LETTERS] for i in important),
        filters=tuple(points.filters[slots].tolist()),
        slots=tuple(points.slots[slots].tolist()),
        points=on_one_scale([drawn])[0],
        totals=(len(rest), len(points.important), len(every)),
    )


def _spread(places: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[evenly(len(places), MOST)]
