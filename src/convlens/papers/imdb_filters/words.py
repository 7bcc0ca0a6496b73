"""Tables 4 and 5 of the IMDb filter paper: its network trained anew on fewer words."""

from typing import Any

from convlens.papers.artifact import DIFFERS, REPRODUCED, Result, margin, table
from convlens.papers.charts import lines
from convlens.papers.imdb_filters.models import BASELINES, EPOCH_SECONDS, KEPT, curves, data, pruned
from convlens.papers.store import ArtifactStore

Rows = dict[Any, dict[str, Any]]  # what trainings gave, by kind and share of the words
JUDGED = (5.0, 1.0)  # the shares of the words, in percent, that the paper's text speaks of
KINDS = {
    "top": "the most important 5 % (equation 1)",
    "all": "all",
    "random": "5 % at random",
    "rest": "all but the most important 5 %",
}
KEPT_HEAD = (
    "words kept, %",
    "words, ours",
    "accuracy, theirs: equation 1",
    "accuracy, ours: equation 1",
    "accuracy, ours: evidence",
)


def table4(store: ArtifactStore) -> Result:
    """The most important words alone, frozen vectors."""
    ways = curves(store)
    whole = ways["printed"]["all", 100.0]["accuracy"]
    accuracies = {
        way: {s: row["accuracy"] for (kind, s), row in rows.items() if kind == "top"}
        for way, rows in ways.items()
    }
    noise = margin([whole, accuracies["printed"][JUDGED[0]]], len(data(store).test))
    verdict, why = _lost(whole, accuracies["printed"], noise)
    shares = ", ".join(f"{share:g}" for share in accuracies["evidence"])
    body = (
        table(KEPT_HEAD, [_kept_row(share, ways) for share in [100.0, *accuracies["printed"]]])
        + "\nEvidence is our importance, not the paper's: what a word adds to the logits or takes from them, gradient times "
        f"input, over all training reviews. Networks on the words it chooses were trained for {shares} % only.\n"
    )
    ours = ", ".join(f"{share:g} %: {_points(accuracies['printed'][share])}" for share in JUDGED)
    theirs = ", ".join(f"{share:g} %: {_points(KEPT[share])}" for share in (100.0, *JUDGED))
    return Result(
        theirs,
        f"100 %: {_points(whole)}, {ours}",
        verdict,
        body,
        f"{why}; {_beside(whole, accuracies['evidence'])}",
    )


def _lost(whole: float, accuracies: dict[float, float], noise: float) -> tuple[str, str]:
    """Verdict and reason: equation 1 must not lose more against all words than theirs beyond what test rows make."""
    ours = {share: whole - accuracies[share] for share in JUDGED}
    theirs = {share: KEPT[100.0] - KEPT[share] for share in JUDGED}
    holds = all(ours[share] <= theirs[share] + noise for share in JUDGED)
    losses = " and ".join(
        f"{_points(ours[share])} points with {share:g} % of the words (theirs {_points(theirs[share])})"
        for share in JUDGED
    )
    why = f"equation 1 loses {losses}; test rows alone make ±{100 * noise:.1f}"
    return REPRODUCED if holds else DIFFERS, why


def _beside(whole: float, evidence: dict[float, float]) -> str:
    """What the importance that is ours keeps, which no verdict rests on."""
    most, least = JUDGED
    return (
        f"evidence, which is ours, loses {_points(whole - evidence[most])} with {most:g} % and has "
        f"{_points(evidence[least])} % right with {least:g} %, of {_points(whole)} with all words (theirs by equation 1 "
        f"{_points(KEPT[least])} of {_points(KEPT[100.0])})"
    )


def _kept_row(share: float, ways: dict[str, Rows]) -> tuple[object, ...]:
    rows_by_way = {way: rows.get(("all" if share == 100 else "top", share)) for way, rows in ways.items()}
    ours = [f"{row['accuracy']:.2%}" if row else "not trained" for row in rows_by_way.values()]
    return f"{share:g}", (rows_by_way["printed"] or {}).get("words", ""), f"{KEPT[share]:.2%}", *ours


def _points(share: float) -> str:
    return f"{100 * share:.2f}"


def table5(store: ArtifactStore) -> Result:
    """The important words beside random ones and all others, tuned vectors."""
    rows = {kind: row for (kind, _), row in pruned(store, "printed", [5.0], tuned=True).items()}
    accuracy = {kind: rows[kind]["accuracy"] for kind in BASELINES}
    verdict, why = _ordered(accuracy, margin(list(accuracy.values()), len(data(store).test)))
    seconds = {kind: rows[kind]["epoch_seconds"] for kind in BASELINES}
    head = (
        "words kept",
        "words, ours",
        "accuracy, theirs",
        "accuracy, ours",
        "seconds an epoch, theirs",
        "seconds an epoch, ours",
        "parameters, ours",
    )
    body = (
        table(head, [_baseline_row(rows[kind], kind) for kind in BASELINES])
        + "\nOur network reads 250 places of every review, with zeros where words are missing, so that fewer words save it no "
        "convolution. Seconds are by the clock, so that what else the machine did meanwhile is in them.\n\nFigure 6, a point after each epoch, accuracy on the rows held out in training:\n\n"
        "![Accuracy by training time](imdb-filters-figure6.svg)\n"
    )
    picture = lines(
        {KINDS[kind]: tuple(rows[kind]["curve"]) for kind in BASELINES},
        "seconds of training",
        "share of held-out reviews right",
    )
    ours = ", ".join(f"{kind} {_points(value)}" for kind, value in accuracy.items())
    theirs = ", ".join(f"{kind} {_points(value)}" for kind, value in BASELINES.items())
    return Result(theirs, ours, verdict, body, f"{why}; {_took(seconds)}", {"figure6.svg": picture})


def _baseline_row(row: dict[str, Any], kind: str) -> tuple[object, ...]:
    return (
        KINDS[kind],
        row["words"],
        f"{BASELINES[kind]:.2%}",
        f"{row['accuracy']:.2%}",
        f"{EPOCH_SECONDS[kind]:.1f}",
        f"{row['epoch_seconds']:.1f}",
        row["parameters"],
    )


def _ordered(accuracy: dict[str, float], noise: float) -> tuple[str, str]:
    """Verdict and reason: the important words before random ones and before all others, beyond what test rows make."""
    holds = accuracy["top"] > max(accuracy["random"], accuracy["rest"]) + noise
    lost, theirs = (by["all"] - by["top"] for by in (accuracy, BASELINES))
    why = (
        f"important words {'come' if holds else 'do not come'} before random ones and before all others beyond the "
        f"±{100 * noise:.1f} points that test rows alone make; against all words they lose {_points(lost)} (theirs {_points(theirs)})"
    )
    return REPRODUCED if holds else DIFFERS, why


def _took(seconds: dict[str, float]) -> str:
    ours, theirs = (by["top"] / by["all"] for by in (seconds, EPOCH_SECONDS))
    return f"an epoch takes {ours:.2f} of the time with all words (theirs {theirs:.2f})"
