"""Figures 1 to 3 of Jacovi et al. 2018: thresholds, coverage, and a prediction by the n-grams that pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.compress import choose_gates, measured, purity_curve, see, sweep
from convlens.explain import explain
from convlens.papers.charts import lines
from convlens.papers.exhibit import BETTER, DIFFERS, REPRODUCED, Finding, code, spread, table
from convlens.papers.heatmap import heatmap
from convlens.papers.jacovi_corpora import Card, Study, each, verdict

PURITY, DROPPED = 0.75, 0.44
PURITIES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
MEASURES = {
    "train_loss": "training loss",
    "test_accuracy": "test accuracy",
    "coverage": "coverage",
    "dropped": "dropped",
}
WORDS = 17  # of a text for figure 3


@dataclass(frozen=True)
class Swept:
    """Figure 1 on one corpus, a run for each seed."""

    study: Study
    runs: list[dict[str, Any]]

    def at(self, purity: float | None, name: str) -> NDArray[np.float64]:
        """A measure with thresholds of that purity, with the ReLU for None: (S,)."""
        rows = [row for run in self.runs for row in run["sweep"] if row["purity"] == purity]
        return np.array([row[name] for row in rows], float)

    def own(self, name: str) -> NDArray[np.float64]:
        """A measure with thresholds chosen for each filter: (S,)."""
        return np.array([run["chosen"][name] for run in self.runs])

    @property
    def noise(self) -> float:
        """The standard deviation of accuracies over seeds."""
        return float(self.at(None, "test_accuracy").std(ddof=1)) if len(self.runs) > 1 else 0.01

    @property
    def lost(self) -> float:
        """Accuracy lost by thresholds of purity 0.75."""
        return float((self.at(None, "test_accuracy") - self.at(PURITY, "test_accuracy")).mean())

    @property
    def dropped(self) -> NDArray[np.float64]:
        """The share of pooled n-grams below thresholds of purity 0.75: (S,)."""
        return 1 - self.at(PURITY, "coverage")

    @property
    def own_dropped(self) -> NDArray[np.float64]:
        """The share of pooled n-grams below thresholds chosen for each filter: (S,)."""
        return 1 - self.own("coverage")

    @property
    def own_kept(self) -> bool:
        """Whether thresholds chosen for each filter keep the accuracy."""
        lost = (self.at(None, "test_accuracy") - self.own("test_accuracy")).mean()
        return bool(lost <= self.noise)


def figure1(studies: Sequence[Study]) -> Finding:
    """Thresholds of one purity in place of the ReLU."""
    found = [
        Swept(study, [study.part(f"figure1-{seed}", partial(_sweep, study, seed)) for seed in study.seeds])
        for study in studies
    ]
    body = (
        "Thresholds are found on the training rows. In the first table `dropped` is the share of pooled n-grams that do not "
        "pass, those that the ReLU stops with them; in the second, as in the paper, `coverage` is the share that passes, and "
        "`dropped` that of those which pass the ReLU and not the threshold. Thresholds of their own, which are ours, are "
        "chosen for each filter on the rows that were held out in training so that accuracy and loss are kept there.\n\n"
        f"{table(HEAD, list(map(_summary, found)))}\n{_purities(found)}\n"
        "![Accuracy by purity](jacovi2018-figure1.svg)\n\n![Coverage by purity](jacovi2018-figure1c.svg)\n"
    )
    told = {
        one.study.name: f"{-100 * one.lost:+.2f} points, {one.dropped.mean():.1%} dropped" for one in found
    }
    ours = f"{each(told)}; thresholds of their own drop {', '.join(f'{one.own_dropped.mean():.1%}' for one in found)}"
    judged, why = _judged(found)
    theirs = "accuracy kept at purity 0.75 with about 44 % of the n-grams dropped (MR; Elec alike)"
    pictures = {
        "figure1.svg": _by_purity(found, "test_accuracy"),
        "figure1c.svg": _by_purity(found, "coverage"),
    }
    return Finding(theirs, ours, judged, body, why, pictures)


HEAD = (
    *("corpus", "rows", "test rows", "seeds", "accuracy, ReLU", "accuracy, 0.75", "accuracy, own"),
    *("dropped, ReLU", "dropped, 0.75", "dropped, own"),
)


def _summary(one: Swept) -> list[object]:
    splits = one.study.splits
    accuracies = (
        one.at(None, "test_accuracy"),
        one.at(PURITY, "test_accuracy"),
        one.own("test_accuracy"),
    )
    return [
        *(one.study.name, len(splits.train), len(splits.test), len(one.runs)),
        *(spread(accuracy) for accuracy in accuracies),
        *(spread(share, 1) for share in (1 - one.at(None, "coverage"), one.dropped, one.own_dropped)),
    ]


def _purities(found: Sequence[Swept]) -> str:
    rows = [
        (told, one.study.name, *(f"{one.at(purity, name).mean():.3f}" for purity in (None, *PURITIES)))
        for name, told in MEASURES.items()
        for one in found
    ]
    return table(("mean over seeds", "corpus", "ReLU", *(f"{purity:.2f}" for purity in PURITIES)), rows)


def _by_purity(found: Sequence[Swept], name: str) -> str:
    curves = {one.study.name: (PURITIES, [float(one.at(p, name).mean()) for p in PURITIES]) for one in found}
    return lines(curves, "purity", MEASURES[name])


def _judged(found: Sequence[Swept]) -> tuple[str, str]:
    """The verdict, and why: accuracy must be kept on every corpus, and about as much dropped as theirs or more."""
    costly = [one.study.name for one in found if one.lost > one.noise]
    few = [one.study.name for one in found if one.dropped.mean() < DROPPED - 0.05]
    kept = all(one.own_kept for one in found)
    if costly:
        why = f"on {' and '.join(costly)} purity 0.75 costs more accuracy than the spread of seeds"
        return DIFFERS, f"{why}, thresholds of their own cost less on every corpus" if kept else why
    if kept and all(one.own_dropped.mean() > DROPPED for one in found):
        return BETTER, "accuracy changes by less than the spread of seeds, by thresholds of their own too"
    if few:
        return DIFFERS, f"on {' and '.join(few)} fewer are dropped"
    return REPRODUCED, "accuracy changes by less than the spread of seeds"


def _sweep(study: Study, seed: int) -> dict[str, Any]:
    classifier = study.model(seed)
    rows = study.rows(classifier)
    train, test = see(classifier, rows.train), see(classifier, rows.test)
    gates = choose_gates(see(classifier, rows.validation))
    return {"sweep": sweep(train, test, PURITIES).to_dicts(), "chosen": measured(train, test, gates)}


def figure2(studies: Sequence[Study]) -> Finding:
    """Coverage of all filters, and two threshold data sets."""
    cards = {study: study.cards() for study in studies}
    coverage = {study.name: sorted(card["coverage"] for card in made) for study, made in cards.items()}
    body = (
        f"Coverage is the share of the documents in which the filter's pooled n-gram passes.\n\n{_covered(cards)}\n"
        "![Coverage of filters](jacovi2018-figure2.svg)\n\nPurity by threshold of the filters with the most and the least "
        "coverage:\n\n"
    )
    shown = [f"![Purity by threshold](jacovi2018-{_of('figure2bc', study)})" for study in studies]
    body += table(list(coverage), [shown])
    by_rank = {name: (list(range(1, len(shares) + 1)), shares) for name, shares in coverage.items()}
    pictures = {"figure2.svg": lines(by_rank, "filters by their coverage", "coverage")}
    for study, made in cards.items():
        curves = study.part("figure2", partial(_curves, study, made))
        named = {name: tuple(xy) for name, xy in curves.items()}
        pictures[_of("figure2bc", study)] = lines(named, "threshold", "purity")
    told = {name: f"{shares[0]:.0%} to {shares[-1]:.0%}" for name, shares in coverage.items()}
    held = {name: shares[-1] - shares[0] > 0.2 for name, shares in coverage.items()}
    judged, why = verdict(held, "filters differ widely")
    return Finding("coverage differs widely among filters (MR)", each(told), judged, body, why, pictures)


def _covered(cards: Mapping[Study, Sequence[Card]]) -> str:
    rows = [
        (
            study.name,
            f"{sum(card['threshold'] is not None for card in made)} of {len(made)}",
            *(f"{share:.0%}" for share in np.quantile([card["coverage"] for card in made], (0, 0.5, 1))),
        )
        for study, made in cards.items()
    ]
    return table(("corpus", "filters that reach the purity", "least coverage", "median", "most"), rows)


def _of(name: str, study: Study) -> str:
    """The file of a picture that each corpus has for itself."""
    return f"{name}.svg" if study.data == "mr" else f"{name}-{study.data}.svg"


def _curves(study: Study, made: list[Card]) -> dict[str, Any]:
    """Purity by threshold of the filters with the most and the least coverage, of those that reach the purity."""
    classifier = study.model()
    seen = see(classifier, study.rows(classifier).train)
    reached = [card for card in made if card["threshold"] is not None]
    ordered = sorted(reached or made, key=lambda card: card["coverage"])
    found = {}
    for told, card in (("informative", ordered[-1]), ("uninformative", ordered[0])):
        frame = purity_curve(seen, card["filter"])
        frame = frame.gather_every(max(len(frame) // 300, 1))
        found[f"{told}: filter {card['filter']}"] = [frame["threshold"].to_list(), frame["purity"].to_list()]
    return found


def figure3(studies: Sequence[Study]) -> Finding:
    """A prediction explained by the n-grams that pass their thresholds."""
    made = {study: study.part("figure3", partial(_explained, study)) for study in studies}
    rows = [
        (study.name, code(one["text"]), one["predicted"], one["words"], one["scored"])
        for study, one in made.items()
    ]
    head = ("corpus", "text", "predicted", "words", "in n-grams that pass")
    pictures = {_of("figure3", study): one["picture"] for study, one in made.items()}
    shown = "".join(
        f"\n{study.name}:\n\n![Slot scores](jacovi2018-{_of('figure3', study)})\n" for study in made
    )
    told = {study.name: f"{one['scored']} of {one['words']} words" for study, one in made.items()}
    held = {study.name: 0 < one["scored"] < one["words"] for study, one in made.items()}
    judged, why = verdict(held, "few n-grams remain")
    return Finding(
        "few n-grams explain a prediction (Elec)",
        each(told),
        judged,
        table(head, rows) + shown,
        why,
        pictures,
    )


def _explained(study: Study) -> dict[str, Any]:
    classifier, texts = study.model(), study.splits.test.texts
    by_length = min(texts, key=lambda text: abs(len(text.split()) - WORDS))
    text = next((t for t in texts if " not " in t and abs(len(t.split()) - WORDS) < 5), by_length)
    shown = explain(classifier, text, method="thresholded")
    scores = {label: shown.scores[:, i] for i, label in enumerate(classifier.labels)}
    return {
        "text": text,
        "predicted": shown.predicted,
        "words": len(shown.tokens),
        "scored": int((shown.scores != 0).any(1).sum()),
        "picture": heatmap(shown.tokens, scores),
    }
