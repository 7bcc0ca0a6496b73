"""Figures 2 to 5 of the IMDb filter paper: words and filter columns in the plane, accuracy by the words kept."""

import copy
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.filters import first_convolutions, plane
from convlens.models import TextModel
from convlens.papers.artifact import DIFFERS, REPRODUCED, Result
from convlens.papers.charts import lines, points
from convlens.papers.imdb_filters.models import curves, model
from convlens.papers.store import ArtifactStore

AXES = ("first principal component", "second principal component")
WAYS = {"printed": "equation 1", "evidence": "evidence (ours)"}


def figures(store: ArtifactStore) -> Result:
    """Words, important words and filter columns in the plane; accuracy by the words kept."""
    planes = store.part("imdb-figures", partial(_planes, store))
    pictures = {
        "figure2.svg": points(_named(planes, "words", "filters"), *AXES),
        "figure3.svg": points(_named(planes, "words", "important words"), *AXES),
        "figure4.svg": points(_named(planes, "important words"), *AXES),
        "figure5.svg": _curves(store),
    }
    body = (
        "Figure 2, words (dots: evenly chosen ones) and filter columns; figure 3, words and the most important 5 %; figure 4, "
        "those alone; figure 5, accuracy by the words kept, where lines join the networks that were trained (points).\n\n"
        + "\n\n".join(f"![{name}](imdb-filters-{name})" for name in pictures)
        + "\n"
    )
    verdict, ours, why = _middle(store.part("imdb-middle", partial(_distances, store)), planes["spread"])
    return Result(
        "filters in the middle of the words, important words around", ours, verdict, body, why, pictures
    )


def _named(planes: dict[str, Any], *names: str) -> dict[str, Any]:
    called = {"filters": "filter columns"}
    return {called.get(name, name): tuple(planes[name]) for name in names}


def _curves(store: ArtifactStore) -> str:
    """Figure 5: a curve for each importance."""
    drawn = {
        WAYS[way]: sorted((row["share"], row["accuracy"]) for row in rows.values())
        for way, rows in curves(store).items()
    }
    split = {way: ([s for s, _ in curve], [a for _, a in curve]) for way, curve in drawn.items()}
    return lines(split, "words kept, %", "share of test reviews right", logarithmic=True)


def _middle(far: dict[str, float], spread: float) -> tuple[str, str, str]:
    """Verdict, ours and reason: filter columns must lie nearer to the centre of the words than words do."""
    ours = (
        f"filter columns {far['columns'] / far['words']:.2f} as far from the centre of the words as words, "
        f"important words spread {spread:.1f} times as far as all"
    )
    why = (
        f"mean distances from the words' centre in the plane: words {far['words']:.2f}, columns {far['columns']:.2f}, but "
        f"those of an untrained network {far['untrained']:.2f}; that important words lie around follows nearly from "
        "equation 1, which is a norm of the word's vector"
    )
    return REPRODUCED if far["columns"] < far["words"] and spread > 1 else DIFFERS, ours, why


def _planes(store: ArtifactStore) -> dict[str, Any]:
    projected = plane(model(store).model)
    drawn = np.arange(0, len(projected.words), max(len(projected.words) // 1500, 1))
    important = projected.words[projected.important]
    chosen = {"words": projected.words[drawn], "filters": projected.columns, "important words": important}
    return {
        **{name: [at[:, 0].tolist(), at[:, 1].tolist()] for name, at in chosen.items()},
        "spread": float(important.std() / projected.words.std()),
    }


def _distances(store: ArtifactStore) -> dict[str, float]:
    """How far words, filter columns and those of an untrained network lie from the centre of all words, in the plane."""
    network = model(store).model
    trained, other = plane(network), plane(untrained(network))
    return {
        "words": _far(trained.words, trained.words),
        "columns": _far(trained.columns, trained.words),
        "untrained": _far(other.columns, other.words),
    }


def _far(places: NDArray[np.float64], words: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(places - words.mean(0), axis=1).mean())


def untrained(network: TextModel, seed: int = 0) -> TextModel:
    """A copy with the convolutions that read words as a training would begin them, drawn from the seed."""
    other = copy.deepcopy(network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for conv in first_convolutions(other):
            conv.reset_parameters()
    return other
