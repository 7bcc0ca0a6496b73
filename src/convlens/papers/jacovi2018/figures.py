"""Figures 1 and 2 of Jacovi et al. 2018: what thresholds cost, and the coverage of filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.compress import choose_gates, measured, purity_curve, sweep, trace_labelled
from convlens.papers.artifact import DIFFERS, REPRODUCED, Result, margin, spread, table
from convlens.papers.charts import lines, points
from convlens.papers.jacovi2018.corpora import HARDLY_EVER, Card, Study, each, picture_of, theirs_too
from convlens.trace import trace_texts

PURITY, DROPPED = 0.75, 0.40  # the introduction has 40 %, section 4.1 "roughly 44 %"
PURITIES = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
MEASURES = {
    "train_loss": "training loss",
    "test_accuracy": "test accuracy",
    "coverage": "coverage",
    "dropped": "dropped of what passes the ReLU",
}
POINTS = 400  # documents of a threshold data set, spread evenly


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
        """The noise of an accuracy: the larger of the spread over seeds and the binomial error of so many test rows."""
        plain = self.at(None, "test_accuracy")
        seeds = float(plain.std(ddof=1)) if len(plain) > 1 else 0.0
        return max(seeds, margin(plain.tolist(), len(self.study.splits.test)))

    @property
    def lost(self) -> float:
        """Accuracy lost by thresholds of purity 0.75."""
        return float((self.at(None, "test_accuracy") - self.at(PURITY, "test_accuracy")).mean())

    @property
    def own_lost(self) -> float:
        """Accuracy lost by thresholds chosen for each filter."""
        return float((self.at(None, "test_accuracy") - self.own("test_accuracy")).mean())

    @property
    def stopped(self) -> NDArray[np.float64]:
        """The share of pooled values that the ReLU alone stops: (S,)."""
        return 1 - self.at(None, "coverage")

    @property
    def dropped(self) -> NDArray[np.float64]:
        """The share of pooled values below thresholds of purity 0.75, those that the ReLU stops with them: (S,)."""
        return 1 - self.at(PURITY, "coverage")


def figure1(studies: Sequence[Study]) -> Result:
    """Thresholds of one purity in place of the ReLU."""
    sweeps = [
        Swept(study, [study.part(f"figure1-{seed}", partial(_sweep, study, seed)) for seed in study.seeds])
        for study in studies
    ]
    body = (
        f"{_READING}\n\n{table(HEAD, list(map(_summary, sweeps)))}\n{_purities(sweeps)}\n"
        "![Training loss by purity](jacovi2018-figure1a.svg)\n\n![Accuracy by purity](jacovi2018-figure1.svg)\n\n"
        "![Coverage by purity](jacovi2018-figure1c.svg)\n"
    )
    by_corpus = {
        swept.study.name: f"{-100 * swept.lost:+.2f} points, {swept.dropped.mean():.1%} dropped, {swept.stopped.mean():.1%} by "
        f"the ReLU alone, {swept.at(PURITY, 'dropped').mean():.1%} of what passes it by the thresholds (thresholds of their own: "
        f"{-100 * swept.own_lost:+.2f} points, {1 - swept.own('coverage').mean():.1%} dropped)"
        for swept in sweeps
    }
    judged, why = _judged(sweeps)
    theirs = (
        "accuracy slightly better at purity 0.75, about 44 % of all pooled values dropped (MR; Elec alike)"
    )
    named = {"figure1a.svg": "train_loss", "figure1.svg": "test_accuracy", "figure1c.svg": "coverage"}
    pictures = {name: _by_purity(sweeps, measure) for name, measure in named.items()}
    return Result(theirs, each(by_corpus), judged, body, why, pictures)


_READING = (
    "Each filter gives a document one pooled value, that of its highest n-gram. A threshold of a purity is the lowest "
    "value from which on that share of the training documents is predicted to be of the filter's class; lower values are "
    "set to 0, where the ReLU sets only negative ones to 0.\n\n"
    'The paper\'s 44 % are "of the values in p", of all pooled values, as `dropped, 0.75` is here and as the verdict '
    "compares. But that counts those that the ReLU stops anyway (`dropped, ReLU`); of what passes the ReLU the "
    "thresholds drop the share under `of what passes`. Their coverage (figure 1c) is drawn on an axis up to "
    "100 %; ours cannot be above what passes the ReLU. The noise is the larger of the standard deviation over seeds and "
    "1.96 standard errors of the difference of two accuracies on so many test rows. `Own` are thresholds which the "
    "paper does not have, chosen for each filter on the rows that were held out in training so that accuracy and loss "
    "are kept there."
)
HEAD = (
    *("corpus", "rows", "test rows", "seeds", "accuracy, ReLU", "accuracy, 0.75", "accuracy, own"),
    *("points lost, 0.75", "points lost, own", "noise in points"),
    *("dropped, ReLU", "dropped, 0.75", "of what passes", "dropped, own"),
)


def _summary(swept: Swept) -> list[object]:
    splits = swept.study.splits
    accuracies = (
        swept.at(None, "test_accuracy"),
        swept.at(PURITY, "test_accuracy"),
        swept.own("test_accuracy"),
    )
    shares = (swept.stopped, swept.dropped, swept.at(PURITY, "dropped"), 1 - swept.own("coverage"))
    return [
        *(swept.study.name, len(splits.train), len(splits.test), len(swept.runs)),
        *(spread(accuracy) for accuracy in accuracies),
        *(f"{100 * points:.2f}" for points in (swept.lost, swept.own_lost, swept.noise)),
        *(spread(share, 1) for share in shares),
    ]


def _purities(sweeps: Sequence[Swept]) -> str:
    rows = [
        (title, swept.study.name, *(f"{swept.at(purity, name).mean():.3f}" for purity in (None, *PURITIES)))
        for name, title in MEASURES.items()
        for swept in sweeps
    ]
    return table(("mean over seeds", "corpus", "ReLU", *(f"{purity:.2f}" for purity in PURITIES)), rows)


def _by_purity(sweeps: Sequence[Swept], name: str) -> str:
    curves = {
        swept.study.name: (PURITIES, [float(swept.at(p, name).mean()) for p in PURITIES]) for swept in sweeps
    }
    return lines(curves, "purity", MEASURES[name])


def _judged(sweeps: Sequence[Swept]) -> tuple[str, str]:
    """The verdict by the corpora that are theirs, and why; what came of stand-ins is told and decides nothing."""
    own = [swept for swept in sweeps if not swept.study.stands_in]
    others = {swept.study.name: f"within {_noise(swept)}" for swept in sweeps if swept.study.stands_in}
    others |= {
        swept.study.name: f"beyond {_noise(swept)}"
        for swept in sweeps
        if swept.study.name in others and _costs(swept)
    }
    costly, few = list(filter(_costs, own)), [swept for swept in own if swept.dropped.mean() < DROPPED]
    aside = f" (not judged: {each(others)})" if others else ""
    if costly:
        return DIFFERS, f"purity 0.75 costs more accuracy than {_told(costly)}{aside}"
    if few:
        return DIFFERS, f"on {' and '.join(swept.study.name for swept in few)} fewer are dropped{aside}"
    return REPRODUCED, f"accuracy changes by no more than {_told(own)}{aside}"


def _costs(swept: Swept) -> bool:
    return swept.lost > swept.noise


def _noise(swept: Swept) -> str:
    return f"the noise of {100 * swept.noise:.1f} points"


def _told(sweeps: Sequence[Swept]) -> str:
    return " and ".join(f"{_noise(swept)} on {swept.study.name}" for swept in sweeps)


def _sweep(study: Study, seed: int) -> dict[str, Any]:
    classifier = study.model(seed)
    rows = study.rows(classifier)
    train, test = trace_labelled(classifier, rows.train), trace_labelled(classifier, rows.test)
    gates = choose_gates(trace_labelled(classifier, rows.validation))
    return {"sweep": sweep(train, test, PURITIES).to_dicts(), "chosen": measured(train, test, gates)}


def figure2(studies: Sequence[Study]) -> Result:
    """Coverage of all filters, and two threshold data sets."""
    cards = {study: study.cards() for study in studies}
    coverage = {study: sorted(card["coverage"] for card in of_study) for study, of_study in cards.items()}
    extremes = {
        study: study.part("figure2-filters", partial(_extremes, study, cards[study])) for study in studies
    }
    by_rank = {study.name: (list(range(1, len(of) + 1)), of) for study, of in coverage.items()}
    pictures = {"figure2.svg": lines(by_rank, "filters by their coverage", "coverage")}
    for study, of in extremes.items():
        curves = {title: (data["threshold"], data["purity"]) for title, data in of.items()}
        pictures[picture_of("figure2-purity", study)] = lines(curves, "threshold", "purity")
        for letter, (title, data) in zip("bc", of.items(), strict=False):
            if study in theirs_too(studies):
                pictures[picture_of(f"figure2{letter}", study)] = _scatter(title, data)
    body = _coverage_body(cards, [name for name in pictures if name != "figure2.svg"])
    by_corpus = {study.name: f"{shares[0]:.0%} to {shares[-1]:.0%}" for study, shares in coverage.items()}
    judged, why = _unlike({study: coverage[study][0] for study in theirs_too(studies)})
    theirs = "coverage differs among filters: one drops 99.99 % of its n-grams, effectively unused (MR)"
    return Result(theirs, each(by_corpus), judged, body, why, pictures)


def _unlike(least: Mapping[Study, float]) -> tuple[str, str]:
    """Whether each of their corpora has a filter that is effectively unused, from the least coverage on each."""
    none = {study.name: share for study, share in least.items() if share >= HARDLY_EVER}
    if not none:
        return REPRODUCED, "there is a filter that hardly ever passes"
    least_used = " and ".join(f"on {name} (least coverage {share:.0%})" for name, share in none.items())
    return DIFFERS, f"nothing as uninformative was found {least_used}, every filter is used"


def _coverage_body(cards: Mapping[Study, Sequence[Card]], pictures: Sequence[str]) -> str:
    shown = "\n\n".join(f"![{name.removesuffix('.svg')}](jacovi2018-{name})" for name in pictures)
    return (
        "Coverage is the share of the training documents in which the filter's pooled n-gram passes its threshold of "
        f"purity 0.75; a filter that never reaches this purity has none.\n\n{_covered(cards)}\n"
        "![Coverage of filters](jacovi2018-figure2.svg)\n\nOf each corpus the filters with the most and the least "
        "coverage, of those that reach the purity. Purity by threshold, and, where the corpus is theirs, threshold data sets "
        f"as in figure 2 b and c: at most {POINTS} training documents, spread evenly, by what the filter pools on them, "
        "before the ReLU, and by whether the prediction is the filter's class.\n\n"
        f"{shown}\n"
    )


def _scatter(title: str, data: Mapping[str, Any]) -> str:
    """Figure 2 b or c: a threshold data set, and its threshold."""
    numbers, values, agrees = (np.array(data[name]) for name in ("documents", "peaks", "agrees"))
    groups = {
        "predicted the filter's class": (numbers[agrees], values[agrees]),
        "predicted another": (numbers[~agrees], values[~agrees]),
        "threshold": (numbers, np.full(len(numbers), data["bar"])),
    }
    named = {name: (x.tolist(), y.tolist()) for name, (x, y) in groups.items()}
    return points(named, "training document", f"pooled value, {title}")


def _covered(cards: Mapping[Study, Sequence[Card]]) -> str:
    rows = [
        (
            study.name,
            f"{sum(card['threshold'] is not None for card in of_study)} of {len(of_study)}",
            *(f"{share:.0%}" for share in np.quantile([card["coverage"] for card in of_study], (0, 0.5, 1))),
        )
        for study, of_study in cards.items()
    ]
    return table(("corpus", "filters that reach the purity", "least coverage", "median", "most"), rows)


def _extremes(study: Study, cards: list[Card]) -> dict[str, Any]:
    """Of the filters with the most and the least coverage that reach the purity: purity curve and threshold data set."""
    classifier, rows = study.model(), study.splits.train
    inputs, traced = trace_labelled(classifier, rows), trace_texts(classifier, rows.texts)
    drawn = np.linspace(0, len(rows) - 1, min(POINTS, len(rows))).astype(int)
    predicted = [classifier.labels[number] for number in traced.logits[drawn].argmax(1)]
    ordered = sorted(
        (card for card in cards if card["threshold"] is not None), key=lambda card: card["coverage"]
    )
    extremes = {}
    for which, card in zip(("most", "least"), (ordered[-1:] + ordered[:1]), strict=False):
        frame = purity_curve(inputs, card["filter"])
        frame = frame.gather_every(max(len(frame) // 300, 1))
        extremes[f"{which} coverage, filter {card['filter']}"] = {
            "threshold": frame["threshold"].to_list(),
            "purity": frame["purity"].to_list(),
            "documents": drawn.tolist(),
            "peaks": traced.peaks[drawn, card["filter"]].tolist(),
            "agrees": [label == card["class"] for label in predicted],
            "bar": card["threshold"],
        }
    return extremes
