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
    found = {(data, k): features(store, data, k) for data in NAMES for k in sizes(store)}
    noise = {
        data: 100
        * margin(
            [one["share"]["accuracy"] for (of, _), one in found.items() if of == data],
            len(store.data(data).test),
        )
        for data in NAMES
    }
    ours, verdict, why = judge_features(found, noise)
    loss = ", ".join(
        f"{_mean(_their_loss(data, k) for k in sizes(store)):.2f} on {NAMES[data]}" for data in NAMES
    )
    gone = np.mean([RATIO2[data][SIZES.index(k)] for data, k in found])
    parts = [
        f"{name}, all in percent but k and epsilon:\n\n"
        + table(_head(data), [_row(data, k, found[data, k]) for k in sizes(store)])
        for data, name in NAMES.items()
    ]
    why += store.caveat("ag_news", NAMES["ag_news"])
    return Result(
        f"most features, {gone:.0f} % on average, go at a little loss in points of accuracy: {loss}",
        ours,
        verdict,
        "\n".join((LEGEND, *parts, _exceptions(found))),
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


def judge_features(found: Found, noise: Mapping[str, float]) -> tuple[str, str, str]:
    """`ours`, the verdict and why: at equal share, each data set is to lose what theirs lose, but for `noise` points."""
    told, held = [], []
    for data, name in NAMES.items():
        keys = [key for key in found if key[0] == data]
        mine = float(np.mean([_loss(found[key]["share"]) for key in keys]))
        theirs = float(np.mean([_their_loss(*key) for key in keys]))
        held.append(mine <= theirs + noise[data])
        told.append(
            f"{name} {mine:.2f} (theirs {theirs:.2f}, noise of the test rows {noise[data]:.2f}: {'held' if held[-1] else 'not held'})"
        )
    loss = {way: _mean(_loss(one[way]) for one in found.values()) for way in ("theirs", "auto", "share")}
    gone, stopped = (_mean(one["auto"][ratio] for one in found.values()) for ratio in ("ratio2", "ratio1"))
    ours = (
        f"where at least their share goes, {loss['share']:.2f} points are lost on average (theirs "
        f"{_mean(_their_loss(*key) for key in found):.2f}); with epsilon chosen for each model {gone:.0%} go for {loss['auto']:.2f}"
    )
    why = (
        f"judged by the points of accuracy lost where at least their share goes: {', '.join(told)}; with epsilon chosen for each model on rows held "
        f"out {gone:.1%} go for {loss['auto']:.2f} points, but {stopped:.1%} are stopped by the ReLU anyway, and of the others "
        f"{_mean(_beyond(one['auto']) for one in found.values()):.1%} go; their own epsilon does not carry over to weights of another scale "
        f"({loss['theirs']:.2f} points)"
    )
    return ours, REPRODUCED if all(held) else DIFFERS, why


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _loss(made: Mapping[str, float]) -> float:
    """Points of accuracy that go with the features."""
    return 100 * (made["accuracy"] - made["accuracy_without"])


def _their_loss(data: str, k: int) -> float:
    i = SIZES.index(k)
    return ACCURACY[data][i] - ACCURACY_WITHOUT[data][i]


def _beyond(made: Mapping[str, float]) -> float:
    """The share removed of the features that the ReLU lets pass."""
    return max(made["ratio2"] - made["ratio1"], 0.0) / max(1 - made["ratio1"], 1e-9)


def _exceptions(found: Found) -> str:
    """Where the ReLU alone stops more than they remove, and where the chosen epsilon removes nothing."""
    more = [
        key
        for key, one in found.items()
        if 100 * one["share"]["ratio1"] > RATIO2[key[0]][SIZES.index(key[1])]
    ]
    none = [key for key, one in found.items() if not one["auto"]["ratio2"]]
    told = (
        (more, "The ReLU alone stops more of ours than they remove at"),
        (
            none,
            "No epsilon tried kept accuracy and loss on the rows held out, so that the chosen one removes nothing, at",
        ),
    )
    return "".join(
        f"{what} {', '.join(f'k = {k} of {NAMES[data]}' for data, k in keys)}.\n"
        for keys, what in told
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


def _row(data: str, k: int, made: Mapping[str, Any]) -> tuple[object, ...]:
    i, theirs, auto = SIZES.index(k), made["theirs"], made["auto"]
    ratios = ((RATIO1, "ratio1"), (RATIO2, "ratio2"), (RATIO3, "ratio3"))
    return (
        k,
        f"{ACCURACY[data][i]:.2f} / {100 * theirs['accuracy']:.2f}",
        *(f"{paper[data][i]:.1f} / {100 * theirs[ratio]:.1f}" for paper, ratio in ratios),
        f"{ACCURACY_WITHOUT[data][i]:.2f} / {100 * theirs['accuracy_without']:.2f}",
        *_after(made["share"]),
        f"{auto['epsilon']:.2g}",
        *_after(auto),
    )


def _after(made: Mapping[str, float]) -> tuple[str, ...]:
    """The cells of `AFTER`."""
    values = (f"{100 * made['ratio2']:.1f}", f"{100 * _beyond(made):.1f}")
    return *values, f"{100 * made['accuracy_without']:.2f}"
