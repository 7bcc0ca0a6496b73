"""Table 1 of Xu & Du 2020: the features and filters that matter, by the number of filters."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from convlens.papers.artifact import DIFFERS, REPRODUCED, Result, margin, table
from convlens.papers.store import ArtifactStore
from convlens.papers.xudu2020.models import (
    ACCURACY,
    ACCURACY_WITHOUT,
    EPSILON,
    NAMES,
    RATIO1,
    RATIO2,
    RATIO3,
    SIZES,
    features,
    sizes,
)

Found = Mapping[tuple[str, int], Mapping[str, Any]]  # what `features` gives, by data set and k


def table1(store: ArtifactStore) -> Result:
    """Features and filters that matter."""
    by_model = {(data, k): features(store, data, k) for data in NAMES for k in sizes(store)}
    noise = {
        data: 100
        * margin(
            [of_model["share"]["accuracy"] for (of, _), of_model in by_model.items() if of == data],
            len(store.data(data).test),
        )
        for data in NAMES
    }
    ours, verdict, why = judge_features(by_model, noise)
    loss = ", ".join(
        f"{_mean(_their_loss(data, k) for k in sizes(store)):.2f} on {NAMES[data]}" for data in NAMES
    )
    gone = np.mean([RATIO2[data][SIZES.index(k)] for data, k in by_model])
    parts = [
        f"{name}, all in percent but k and epsilon:\n\n"
        + table(_head(data), [_row(data, k, by_model[data, k]) for k in sizes(store)])
        for data, name in NAMES.items()
    ]
    why += store.caveat("ag_news", NAMES["ag_news"])
    return Result(
        f"most features, {gone:.0f} % on average, go at a little loss in points of accuracy: {loss}",
        ours,
        verdict,
        "\n".join((LEGEND, *parts, _exceptions(by_model))),
        why,
    )


LEGEND = """A feature is one filter's strongest n-gram in one test text; k is the number of filters. A feature is removed,
its row of matrix A with its share of the bias, where the variance of that row over the classes is at most epsilon: it then hardly speaks for
one class more than for another.

- `theirs` and `ours` in a column are the paper's number and that of our model, `a / b`.
- @Ratio1: features that the ReLU stops, which are 0 with no epsilon at all.
- @Ratio2: features removed, those that the ReLU stops among them where epsilon is not tiny.
- @Ratio3: filters with a feature that is left in at least one test text.
- `at their share` (ours only) takes for each of our models the epsilon that removes at least their @Ratio2 of its features; features of equal variance, like those
  that the ReLU stops, go together. It does not depend on the scale of the weights, as the paper's epsilon does.
- `chosen` (ours only) is, for each model, the largest epsilon that keeps accuracy and loss on the rows held out in training; `beyond the ReLU` is
  the share that it removes of the features that the ReLU lets pass.
"""


def judge_features(by_model: Found, noise: Mapping[str, float]) -> tuple[str, str, str]:
    """`ours`, the verdict and why: at equal share, each data set is to lose what theirs lose, but for `noise` points."""
    losses, holds = [], []
    for data, name in NAMES.items():
        keys = [key for key in by_model if key[0] == data]
        ours_lost = float(np.mean([_loss(by_model[key]["share"]) for key in keys]))
        theirs = float(np.mean([_their_loss(*key) for key in keys]))
        holds.append(ours_lost <= theirs + noise[data])
        losses.append(
            f"{name} {ours_lost:.2f} (theirs {theirs:.2f}, noise of the test rows {noise[data]:.2f}: {'held' if holds[-1] else 'not held'})"
        )
    loss = {
        way: _mean(_loss(of_model[way]) for of_model in by_model.values())
        for way in ("theirs", "auto", "share")
    }
    gone, stopped = (
        _mean(of_model["auto"][ratio] for of_model in by_model.values()) for ratio in ("ratio2", "ratio1")
    )
    ours = (
        f"where at least their share goes, {loss['share']:.2f} points are lost on average (theirs "
        f"{_mean(_their_loss(*key) for key in by_model):.2f}); with epsilon chosen for each model {gone:.0%} go for {loss['auto']:.2f}"
    )
    why = (
        f"judged by the points of accuracy lost where at least their share goes: {', '.join(losses)}; with epsilon chosen for each model on rows held "
        f"out {gone:.1%} go for {loss['auto']:.2f} points, but {stopped:.1%} are stopped by the ReLU anyway, and of the others "
        f"{_mean(_beyond(of_model['auto']) for of_model in by_model.values()):.1%} go; their own epsilon does not carry over to weights of another scale "
        f"({loss['theirs']:.2f} points)"
    )
    return ours, REPRODUCED if all(holds) else DIFFERS, why


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _loss(accuracies: Mapping[str, float]) -> float:
    """Points of accuracy that go with the features."""
    return 100 * (accuracies["accuracy"] - accuracies["accuracy_without"])


def _their_loss(data: str, k: int) -> float:
    i = SIZES.index(k)
    return ACCURACY[data][i] - ACCURACY_WITHOUT[data][i]


def _beyond(ratios: Mapping[str, float]) -> float:
    """The share removed of the features that the ReLU lets pass."""
    return max(ratios["ratio2"] - ratios["ratio1"], 0.0) / max(1 - ratios["ratio1"], 1e-9)


def _exceptions(by_model: Found) -> str:
    """Where the ReLU alone stops more than they remove, and where the chosen epsilon removes nothing."""
    more = [
        key
        for key, of_model in by_model.items()
        if 100 * of_model["share"]["ratio1"] > RATIO2[key[0]][SIZES.index(key[1])]
    ]
    none = [key for key, of_model in by_model.items() if not of_model["auto"]["ratio2"]]
    lists = (
        (more, "The ReLU alone stops more of ours than they remove at"),
        (
            none,
            "No epsilon tried kept accuracy and loss on the rows held out, so that the chosen one removes nothing, at",
        ),
    )
    return "".join(
        f"{what} {', '.join(f'k = {k} of {NAMES[data]}' for data, k in keys)}.\n"
        for keys, what in lists
        if keys
    )


AFTER = ("@Ratio2", "beyond the ReLU", "accuracy after")


def _head(data: str) -> tuple[str, ...]:
    both = "theirs / ours"
    return (
        "k",
        f"accuracy, {both}",
        f"@Ratio1, {both}",
        f"@Ratio2 at epsilon {EPSILON[data]}, {both}",
        f"@Ratio3 at it, {both}",
        f"accuracy after, {both}",
        *(f"at their share: {what}" for what in AFTER),
        "chosen: epsilon",
        *(f"chosen: {what}" for what in AFTER),
    )


def _row(data: str, k: int, by_epsilon: Mapping[str, Any]) -> tuple[object, ...]:
    i, theirs, auto = SIZES.index(k), by_epsilon["theirs"], by_epsilon["auto"]
    ratios = ((RATIO1, "ratio1"), (RATIO2, "ratio2"), (RATIO3, "ratio3"))
    return (
        k,
        f"{ACCURACY[data][i]:.2f} / {100 * theirs['accuracy']:.2f}",
        *(f"{paper[data][i]:.1f} / {100 * theirs[ratio]:.1f}" for paper, ratio in ratios),
        f"{ACCURACY_WITHOUT[data][i]:.2f} / {100 * theirs['accuracy_without']:.2f}",
        *_after(by_epsilon["share"]),
        f"{auto['epsilon']:.2g}",
        *_after(auto),
    )


def _after(features: Mapping[str, float]) -> tuple[str, ...]:
    """The cells of `AFTER`."""
    values = (f"{100 * features['ratio2']:.1f}", f"{100 * _beyond(features):.1f}")
    return *values, f"{100 * features['accuracy_without']:.2f}"
