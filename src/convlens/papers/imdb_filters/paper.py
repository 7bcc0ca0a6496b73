"""The IMDb filter paper: one importance for each word of a model."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from convlens.compress import cluster_embedding
from convlens.filters import slot_columns, word_vectors
from convlens.models import PRESETS, DeepTextCNN, build
from convlens.papers.artifact import DIFFERS, REPRODUCED, Artifact, Paper, Result, margin, spread, table
from convlens.papers.charts import bars
from convlens.papers.imdb_filters.figures import figures
from convlens.papers.imdb_filters.models import (
    ABLATED,
    CROWDED,
    DATA,
    PARAMETERS,
    SQUARES,
    ablated,
    data,
    model,
)
from convlens.papers.imdb_filters.words import table4, table5
from convlens.papers.store import ArtifactStore


def table1(store: ArtifactStore) -> Result:
    """The layers and their parameters."""
    words = 23_363
    net = build(PRESETS["imdb-filters"].config.model, words + 2, 2)
    assert isinstance(net, DeepTextCNN)
    layers = {
        "embedding": net.embed,
        **{f"convolution {i}": conv for i, conv in enumerate(net.convolutions, 1)},
        "fully connected": net.dense,
        "output": net.head,
    }
    counts = {
        name: sum(p.numel() for p in part.parameters()) for name, part in layers.items() if part is not None
    }
    theirs = (2_336_400, 16_032, 2_576, 120_960, 129)
    rows = [(name, paper, count) for paper, (name, count) in zip(theirs, counts.items(), strict=True)]
    total = sum(counts.values())
    same = total - 100 == PARAMETERS
    body = table(("layer", "parameters, theirs", "parameters, ours"), [*rows, ("all", PARAMETERS, total)])
    why = "ours has one row of 100 zeros more, for padding"
    return Result(f"{PARAMETERS:,}", f"{total:,}", REPRODUCED if same else DIFFERS, body, why)


def table2(store: ArtifactStore) -> Result:
    """The first convolution kept, shuffled, random."""
    runs = [ablated(store, seed) for seed in store.seeds]
    accuracies = {kind: [run[kind] for run in runs] for kind in ABLATED}
    means = {kind: float(np.mean(values)) for kind, values in accuracies.items()}
    verdict, why = _steps(means, margin(list(means.values()), len(data(store).test)))
    body = (
        table(
            ("first convolution, frozen", "accuracy, theirs", "accuracy, ours"),
            [(SHUFFLED[kind], f"{ABLATED[kind]:.2%}", spread(values)) for kind, values in accuracies.items()],
        )
        + f"\n{len(runs)} trainings of each, of which the mean and the standard deviation are given. {_cost_of_order(means)}"
        "\n\n![Figure 1: accuracy by kind](imdb-filters-figure1.svg)\n"
    )
    return Result(
        "kept 83.19, within 81.37, across 78.45, random 67.93",
        ", ".join(f"{kind} {100 * value:.2f}" for kind, value in means.items()),
        verdict,
        body,
        why,
        {"figure1.svg": bars(means, "share of test reviews right")},
    )


SHUFFLED = {
    "kept": "kept as trained",
    "within": "its columns shuffled within each filter",
    "across": "its columns shuffled across all filters",
    "random": "random",
}


def _cost_of_order(means: dict[str, float]) -> str:
    """The paper's 30 %: what shuffling across filters costs of what a trained first convolution is worth."""
    ours, theirs = (
        (by["kept"] - by["across"]) / (by["kept"] - by["random"]) if by["kept"] > by["random"] else None
        for by in (means, ABLATED)
    )
    if ours is None:
        return ""
    return (
        f"Shuffling across filters costs {ours:.0%} of what the trained convolution gains over a random one "
        f"(theirs {theirs:.0%})."
    )


def _steps(means: dict[str, float], noise: float) -> tuple[str, str]:
    """Verdict and reason: neighbours nearer than test rows alone may set them are tied, and the ends must not be."""
    steps = {f"{a} and {b}": up - down for (a, up), (b, down) in pairwise(means.items())}
    tied = [pair for pair, step in steps.items() if abs(step) <= noise]
    reversed_ = [pair for pair, step in steps.items() if step < -noise]
    first, *_, last = means.values()
    order = "the order does not hold" if reversed_ else "no two are in another order than theirs"
    if first - last <= noise and not reversed_:
        order = "kept is not beyond random"
    why = f"{order}; test rows alone make ±{100 * noise:.1f} points" + (
        f", so that {', and '.join(tied)} are tied" if tied else ""
    )
    return REPRODUCED if not reversed_ and first - last > noise else DIFFERS, why


def table3(store: ArtifactStore) -> Result:
    """k-means over words and filter columns."""
    sizes = [k for k in CROWDED if k <= store.few(2000, 20)]
    clusterings = store.part(
        "imdb-table3", lambda: [vars(clusters) for clusters in cluster_embedding(model(store), sizes)]
    )
    head = (
        "clusters (k)",
        "words in the largest cluster, theirs",
        "words in the largest cluster, ours",
        "filter columns in it, ours (theirs: all 160)",
        "sum of squared distances, theirs",
        "sum of squared distances, ours",
    )
    body = (
        table(head, [_crowd_row(clusters) for clusters in clusterings])
        + "\nA filter column is what one of the 5 places of one of the 32 filters multiplies a word's vector with. The sums of "
        "squares are of other word vectors than theirs, so that only how they fall can be compared.\n"
    )
    verdict, ours, why = _crowded(clusterings)
    lengths = " against ".join(
        f"{length:.2f}" for length in store.part("imdb-lengths", partial(_lengths, store))
    )
    why += f"; whether columns outside it lie together was not measured; columns are shorter than words (median {lengths})"
    return Result("the largest cluster holds all 160 filter columns", ours, verdict, body, why)


def _crowd_row(clusters: dict[str, Any]) -> tuple[object, ...]:
    k = clusters["clusters"]
    squares = f"{SQUARES[k]:,}" if k in SQUARES else "not given"
    inside = f"{clusters['columns']} of {clusters['all_columns']}"
    return k, f"{CROWDED[k]:.2%}", f"{clusters['share']:.2%}", inside, squares, round(clusters["inertia"])


def _crowded(clusterings: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Verdict, ours and reason: the largest cluster must hold all columns for every k but 1, where it cannot but."""
    several = [clusters for clusters in clusterings if clusters["clusters"] > 1]
    inside = [clusters["clusters"] for clusters in several if clusters["columns"] == clusters["all_columns"]]
    short = {
        clusters["clusters"]: clusters["columns"]
        for clusters in several
        if clusters["columns"] < clusters["all_columns"]
    }
    ours = f"so for {len(inside)} of {len(several)} numbers of clusters above 1"
    why = f"the largest cluster holds all columns with {_listed(inside)} clusters" if inside else ""
    if short:
        most = max(short.values())
        least = f"at most {most}" if most else "none"
        why += f"{', but' if inside else 'the largest cluster holds'} {least} of them with {_listed(list(short))}"
    return DIFFERS if short else REPRODUCED, ours, why


def _listed(numbers: list[int]) -> str:
    told = [f"{number:,}" for number in numbers]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def _lengths(store: ArtifactStore) -> list[float]:
    """Median lengths of the filter columns and of the words' vectors."""
    network = model(store).model
    both = slot_columns(network), word_vectors(network)
    return [float(np.median(np.linalg.norm(vectors, axis=1))) for vectors in both]


PAPER = Paper(
    "imdb-filters",
    "The IMDb filter paper: one importance for each word of the whole model",
    (
        Artifact("table1", "Layers and parameters", (), table1),
        Artifact("table2", "The first convolution kept, shuffled, random", DATA, table2),
        Artifact("table3", "k-means over words and filter columns", DATA, table3),
        Artifact("table4", "Training on the most important words", DATA, table4),
        Artifact("table5", "Important words beside random ones and the rest", DATA, table5),
        Artifact("figures", "Words and filters in the plane; accuracy by words kept", DATA, figures),
    ),
    (
        "Section 3.4 has 13,363 words once, everything else 23,363.",
        (
            "Their words are those of an English dictionary, ours the 23,363 most frequent that are letters and no stop words "
            "(scikit-learn's list). Words that are not kept are left out of the text."
        ),
        (
            "What their tables call test is the tenth held out; so it is here. Equation 1 as printed is a weighted l1 norm of a "
            "word's vector."
        ),
    ),
)
