"""Small classifiers of one-layer models, and what their definitions give, one n-gram at a time in float64."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from tests.shallow import WORDS, documents, models

from convlens.models import Classifier
from convlens.text import TextConfig, Tokenizer

NAMES = tuple(f"w{i}" for i in range(2, WORDS))


@st.composite
def cases(draw):
    """A classifier with a float64 model, and texts for it; number 1 is written as a word it does not know."""
    model = draw(models(gated=False))
    labels = tuple(f"class {i}" for i in range(model.classes))
    texts = [" ".join("?" if i == 1 else f"w{i}" for i in some) for some in draw(documents)]
    return Classifier(model, Tokenizer(TextConfig(splitter="whitespace", min_count=1), NAMES), labels), texts


def weights(model):
    """`w_f` (d, n), bias and region of every filter."""
    found = []
    for conv, n in zip(model.convolutions, model.config.regions, strict=True):
        biases = np.zeros(len(conv.weight)) if conv.bias is None else conv.bias.detach().double().numpy()
        found += [(w, b, n) for w, b in zip(conv.weight.detach().double().numpy(), biases, strict=True)]
    return found


def slots_of(model, number, ngram):
    """What each word of an n-gram gives a filter."""
    vectors, (weight, _, _) = model.embed.weight.detach().double().numpy(), weights(model)[number]
    return [float(vectors[word] @ weight[:, j]) for j, word in enumerate(ngram)]


def score_of(model, number, ngram):
    return sum(slots_of(model, number, ngram)) + weights(model)[number][1]


def windows_of(documents, n):
    """Every run of n words of one document, with the document's number."""
    found = []
    for d, (a, b) in enumerate(pairwise(documents.starts.tolist())):
        ids = documents.ids[a:b].tolist()
        found += [(tuple(ids[i : i + n]), d) for i in range(len(ids) - n + 1)]
    return found


def peaks_of(model, documents):
    """Pooled values after the ReLU and predictions, for documents with words."""
    head = model.head.weight.detach().double().numpy()
    head_bias = 0 if model.head.bias is None else model.head.bias.detach().double().numpy()
    pooled = []
    for a, b in pairwise(documents.starts.tolist()):
        ids = documents.ids[a:b].tolist()
        if ids:
            row = []
            for number, (_, _, n) in enumerate(weights(model)):
                windows = [ids[i : i + n] for i in range(max(len(ids) - n + 1, 1))]
                row.append(max(0.0, *(score_of(model, number, window) for window in windows)))
            pooled.append(row)
    values = np.array(pooled).reshape(len(pooled), head.shape[1])
    return values, (values @ head.T + head_bias).argmax(1)
