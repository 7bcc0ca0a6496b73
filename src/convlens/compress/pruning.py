"""One call for each way to prune: the tables that tell what it costs, and the model that is left."""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import torch
from torch import Tensor

from convlens.compress.choose import choose_gates
from convlens.compress.features import Features, discriminative_filters, find_epsilon
from convlens.compress.filters import keep_filters, never_passing
from convlens.compress.head_inputs import Parts, trace_labelled
from convlens.compress.purity import gates_of_purity, measured, renew_thresholds
from convlens.compress.vocabulary import parameters, prune_words
from convlens.data import Corpus, Splits
from convlens.models import Classifier, TextCNN, Watch, measure, one_layer
from convlens.text import WordVectors

AUTO, OFF = "auto", "off"
REPEATS = 3  # of timed predictions: the fastest counts


@dataclass(frozen=True, eq=False)
class Pruned:
    """What pruning leaves: `tables` by name, what was done in a `sentence`, and the classifier."""

    tables: dict[str, pl.DataFrame]
    sentence: str
    classifier: Classifier


def by_gates(classifier: Classifier, parts: Parts, purities: Sequence[float | str]) -> Pruned:
    """Figure 1 of Jacovi et al. 2018: the ReLU beside thresholds of each purity, or beside chosen ones (`AUTO`).

    The classifier that is left has the gates of the last of them.
    """
    train, test = trace_labelled(classifier, parts.train), trace_labelled(classifier, parts.test)
    gates = torch.zeros_like(train.pooled[0])
    rows = [{"thresholds": "ReLU", **measured(train, test, gates)}]
    for purity in purities:
        if isinstance(purity, str):
            gates = choose_gates(trace_labelled(classifier, parts.validation))
        else:
            gates = gates_of_purity(train, purity)
        name = "chosen for each filter" if isinstance(purity, str) else f"purity {purity:g}"
        rows.append({"thresholds": name, **measured(train, test, gates)})
    sentence = f"a threshold for each filter in the place of the ReLU ({name})"
    changed = _with_gates(classifier, gates, sentence)
    renew_thresholds(trace_labelled(changed, parts.train))
    return Pruned({"thresholds": pl.DataFrame(rows)}, sentence, changed)


def by_features(classifier: Classifier, parts: Parts, epsilon: float | str) -> Pruned:
    """Table 1 and figure 5 of Xu & Du 2020, and the model of the filters that give discriminative features.

    Epsilon is chosen on the validation rows for `AUTO`; which filters go, on the training and validation rows. `OFF`
    drops the filters that are switched off, and makes no table of features.
    """
    model = one_layer(classifier.model, "pruning filters")
    if epsilon == OFF:
        remaining, tables = ~never_passing(model), {}
    else:
        inputs = [trace_labelled(classifier, part) for part in (parts.train, parts.validation)]
        number = find_epsilon(inputs[1]) if isinstance(epsilon, str) else epsilon
        features = [Features(of_part, number) for of_part in inputs]
        remaining = discriminative_filters(model, torch.cat([of_part.discriminative for of_part in features]))
        tested = Features(trace_labelled(classifier, parts.test), number)
        tables = {"features": pl.DataFrame([tested.to_dict()]), "features_by_region": tested.by_region()}
    sentence = f"{int((~remaining).sum())} of {len(remaining)} filters dropped"
    small = replace(
        classifier, model=keep_filters(model, remaining), record=classifier.record.changed(sentence)
    )
    renew_thresholds(trace_labelled(small, parts.train))
    rows = [
        {"filters": len(remaining), **cost(classifier, parts.test)},
        {"filters": int(remaining.sum()), **cost(small, parts.test)},
    ]
    return Pruned({**tables, "filters": pl.DataFrame(rows)}, sentence, small)


def by_words(
    classifier: Classifier,
    data: Splits,
    shares: Sequence[float],
    *,
    by: str = "evidence",
    vectors: WordVectors | None = None,
    watch: Watch | None = None,
) -> Pruned:
    """Tables 4 and 5 of the IMDb filter paper: see `prune_words`. The classifier left has the top words of the last share."""
    trained = list(prune_words(classifier, data, shares, by=by, vectors=vectors, watch=watch))
    last = [model for model in trained if model.kind == "top"][-1]
    sentence = f"trained anew on the {last.share:g} % of the words most important by {by}"
    record = replace(last.classifier.record.changed(sentence), held_out=classifier.record.held_out)
    small = replace(last.classifier, record=record)
    rows = [
        {**model.to_dict(), "documents_per_second": speed(model.classifier, data.test)} for model in trained
    ]
    return Pruned({"words": pl.DataFrame(rows)}, sentence, small)


def cost(classifier: Classifier, corpus: Corpus) -> dict[str, Any]:
    """Accuracy, parameters, and documents predicted in a second."""
    return {
        "accuracy": measure(classifier, corpus).accuracy,
        "parameters": parameters(classifier),
        "documents_per_second": speed(classifier, corpus),
    }


def speed(classifier: Classifier, corpus: Corpus) -> float:
    """Documents predicted in a second, from their texts."""
    fastest = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        classifier.logits(corpus.texts)
        fastest = min(fastest, time.perf_counter() - begin)
    return len(corpus) / fastest


def _with_gates(classifier: Classifier, gates: Tensor, sentence: str) -> Classifier:
    """A copy with gates; what older ones turn away stays away."""
    model: TextCNN = copy.deepcopy(one_layer(classifier.model, "thresholds"))
    model.gates = gates if model.gates is None else torch.maximum(gates, model.gates)
    return replace(classifier, model=model, record=classifier.record.changed(sentence))
