"""The parameter-randomisation check (Adebayo et al. 2018): scores that ignore the weights do not explain the model."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import nn

from convlens.evaluate.agreement import mean_of_defined, spearman
from convlens.evaluate.config import scoring
from convlens.evaluate.documents import in_batches
from convlens.explain import Attribution, attribute_texts
from convlens.models import Classifier, Foreign, TextCNN, TextModel
from convlens.text import Tokens

Drawn = nn.Linear | nn.Conv1d | nn.Embedding
KINDS = {"stage": pl.String, "method": pl.String, "spearman": pl.Float64, "spearman_absolute": pl.Float64}


def sanity(
    classifier: Classifier, tokens: Sequence[Tokens], methods: Sequence[str], seed: int = 0
) -> pl.DataFrame:
    """Spearman's correlation of scores before and after the weights are drawn anew, from the head down.

    Stages add up: the last has no trained weight left. Scores are those for the class that the trained model
    predicts, with their signs and without. A good method comes down towards 0.
    """
    names, models = scoring(methods), randomised(classifier.model, seed)
    by_stage: dict[tuple[str, str], list[NDArray[np.float64]]] = {
        (stage, name): [] for stage, _ in models for name in names
    }
    for batch in in_batches(tokens, len(classifier.labels)):
        for name in names:
            before = attribute_texts(classifier, batch, method=name)
            for stage, model in models:
                after = attribute_texts(replace(classifier, model=model), batch, method=name)
                by_stage[stage, name].append(correlations(before, after))
    rows = [
        {"stage": stage, "method": name, **_means(np.concatenate(parts))}
        for (stage, name), parts in by_stage.items()
    ]
    return pl.DataFrame(rows, KINDS)


def randomised(model: TextModel, seed: int) -> list[tuple[str, TextModel]]:
    """Copies of a model with one stage more re-initialised each time; the model itself stays as it is."""
    drawn, copies = copy.deepcopy(model), []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for stage, modules in _stages(drawn):
            for module in modules:
                module.reset_parameters()
            copies.append((stage, copy.deepcopy(drawn)))
    return copies


def compare(before: Attribution, after: Attribution) -> dict[str, float]:
    """Mean correlation over the documents where it is defined: NaN in documents of one word, or of equal scores."""
    return _means(correlations(before, after))


def correlations(before: Attribution, after: Attribution) -> NDArray[np.float64]:
    """Spearman's correlation of each document's scores for its class, with their signs and without: (documents, 2)."""
    rows = []
    for i, label in enumerate(before.logits.argmax(1)):
        one, other = (_scores(part, i, int(label)) for part in (before, after))
        rows.append((spearman(one, other), spearman(np.abs(one), np.abs(other))))
    return np.array(rows, dtype=np.float64).reshape(-1, 2)


def _means(pairs: NDArray[np.float64]) -> dict[str, float]:
    signed, absolute = mean_of_defined(pairs).tolist()
    return {"spearman": signed, "spearman_absolute": absolute}


def _scores(attribution: Attribution, i: int, label: int) -> NDArray[np.float64]:
    return attribution.scores[attribution.offsets[i] : attribution.offsets[i + 1], label].astype(np.float64)


def _stages(model: TextModel) -> list[tuple[str, Sequence[Drawn]]]:
    """The modules from the head down; the regions of a one-layer model stand side by side, in one stage."""
    if isinstance(model, Foreign):  # no other part of it is known
        return [("word vectors", [model.embed])]
    stages: list[tuple[str, Sequence[Drawn]]] = [("head", [model.head])]
    if isinstance(model, TextCNN):
        stages.append(("filters", model.convolutions))
    else:
        stages += [(f"dense {i}" if i else "dense", [layer]) for i, layer in enumerate(model.dense_layers)][
            ::-1
        ]
        layers = list(zip_longest(*(trunk.convolutions for trunk in model.trunks)))  # those of all stacks
        stages += [
            (f"layer {number}", [conv for conv in layer if conv is not None])
            for number, layer in reversed(list(enumerate(layers, 1)))
        ]
    return [*stages, ("word vectors", [model.embed])]
