"""The discriminative n-grams of Xu & Du 2020: in texts, by filter, and by region size."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from convlens.compress import Features, trace_labelled
from convlens.explain import explain
from convlens.papers.artifact import DIFFERS, REPRODUCED, Result, code, table
from convlens.papers.charts import bars
from convlens.papers.store import ArtifactStore
from convlens.papers.xudu2020.models import RATIO2, SHOWN, SIZES, features, model, sizes

PICTURED = (30, 75, 150, 225)  # figure 4


def figure3(store: ArtifactStore) -> Result:
    """Discriminative n-grams in texts."""
    items = store.part("xu-du-figure3", lambda: _marked(store))
    names = store.data("ag_news").test.label_names
    rows = [
        (name, row["predicted"], code(row["text"]), ", ".join(map(code, row["ngrams"])) or "none")
        for name, row in zip(names, items, strict=True)
    ]
    body = (
        f"The first test news item of each class with fewer than 200 characters, and up to {MARKED} of its n-grams whose feature has a variance above epsilon, "
        f"the strongest first. {_told_epsilon(store)}\n\n"
        + table(("class", "predicted", "news", "discriminative n-grams"), rows)
    )
    marked = sum(bool(row["ngrams"]) for row in items)
    verdict = REPRODUCED if 2 * marked > len(items) else DIFFERS
    why = "judged by whether most of the news items have an n-gram above epsilon; the paper shows three"
    return Result(
        "several n-grams of a news item pass epsilon",
        f"{marked} of {len(items)} news items have some",
        verdict,
        body,
        why,
    )


MARKED = 6  # n-grams shown of a text


def _epsilon(store: ArtifactStore, k: int = SHOWN) -> float:
    return float(features(store, "ag_news", k)["share"]["epsilon"])


def _told_epsilon(store: ArtifactStore) -> str:
    theirs = RATIO2["ag_news"][SIZES.index(SHOWN)]
    return f"Epsilon is {_epsilon(store):.2g}, with {SHOWN} filters: it removes as large a share of all features as theirs, {theirs:.1f} %."


def _marked(store: ArtifactStore) -> list[dict[str, Any]]:
    """For the first short test news of each class its discriminative n-grams, the strongest first."""
    classifier, test, epsilon = model(store, "ag_news", SHOWN), store.data("ag_news").test, _epsilon(store)
    assert test.labels is not None
    items = []
    for label in range(len(test.label_names)):
        text = next(t for t, y in zip(test.texts, test.labels, strict=True) if y == label and len(t) < 200)
        shown = explain(classifier, text, method="ngrams")
        variance = shown.scores.var(1)
        strong = [i for i in np.argsort(-variance) if variance[i] > epsilon]
        ngrams = list(dict.fromkeys(shown.tokens[i] for i in strong))[:MARKED]
        items.append({"text": text, "predicted": shown.predicted, "ngrams": ngrams})
    return items


def figure45(store: ArtifactStore) -> Result:
    """Discriminative n-grams by filter and by region size."""
    by_size = {k: _counts(store, k) for k in PICTURED if k in sizes(store)}
    counts, shares = by_size[SHOWN]["counts"], _shares(by_size[SHOWN])
    pictures = {_picture(k): _by_filter(of_size["counts"]) for k, of_size in by_size.items()}
    pictures["figure5.svg"] = bars(shares, "share of discriminative n-grams", "region size")
    body = (
        "A discriminative n-gram is one filter's strongest n-gram in one test text, with a variance above epsilon (see table1); k is the number "
        f"of filters, which the pictures have in order, those of 3 words first. {_told_epsilon(store)} The other k have an epsilon of their own, "
        f"chosen alike.\n\n{_sizes_table(by_size)}"
        + "".join(f"\n![{k} filters](xu-du2020-{_picture(k)})\n" for k in by_size)
        + f"\nBy region size, {SHOWN} filters:\n\n![By region](xu-du2020-figure5.svg)\n"
    )
    holds, why = judge_counts(counts, shares)
    more = sum(_shares(of_size)["3"] > _shares(of_size)["5"] for of_size in by_size.values())
    why += f"; with {', '.join(map(str, by_size))} filters 3-grams have more in {more} of {len(by_size)}"
    ours = f"{min(counts):,} to {max(counts):,} a filter; by region {', '.join(f'{n}: {s:.0%}' for n, s in shares.items())}"
    verdict = REPRODUCED if holds else DIFFERS
    return Result(
        "from none to thousands a filter; more 3-grams than 5-grams", ours, verdict, body, why, pictures
    )


def _sizes_table(by_size: Mapping[int, Mapping[str, Any]]) -> str:
    """The counts by filter, and the shares by region size, of each k."""
    rows = []
    for k, of_size in by_size.items():
        counts, shares = of_size["counts"], _shares(of_size)
        rows.append(
            (k, min(counts), max(counts), _half(counts), *(f"{100 * share:.1f}" for share in shares.values()))
        )
    by_filter = ("fewest n-grams of a filter", "most n-grams of a filter", "filters that hold half of all")
    return table(("k", *by_filter, *(f"{n}-grams, percent" for n in shares)), rows)


def judge_counts(counts: list[int], shares: Mapping[str, float]) -> tuple[bool, str]:
    """Whether the counts by filter go from none to a thousand, and 3-grams have more than 5-grams; and what that rests on."""
    top = sum(sorted(counts, reverse=True)[: len(counts) // 10]) / max(sum(counts), 1)
    holds = min(counts) == 0 and max(counts) >= 1000 and shares["3"] > shares["5"]
    return holds, (
        f"judged with {len(counts)} filters; their 'most of them are captured by several particular filters' has no number: the tenth of ours with "
        f"the most has {top:.0%}, and half of all are in {_half(counts)} of {len(counts)} filters"
    )


def _half(counts: list[int]) -> int:
    """The fewest filters that have half of all."""
    many = np.cumsum(sorted(counts, reverse=True))
    return int(np.searchsorted(many, many[-1] / 2)) + 1


def _shares(of_size: Mapping[str, Any]) -> dict[str, float]:
    return {str(row["region"]): row["share"] for row in of_size["regions"]}


def _picture(k: int) -> str:
    return "figure4.svg" if k == SHOWN else f"figure4-{k}.svg"


def _by_filter(counts: list[int]) -> str:
    return bars({str(i): float(n) for i, n in enumerate(counts)}, "discriminative n-grams", "filter")


def _counts(store: ArtifactStore, k: int) -> dict[str, Any]:
    name = "xu-du-figure45" if k == SHOWN else f"xu-du-figure4-{k}"
    of_size: dict[str, Any] = store.part(name, partial(_counted, store, k))
    return of_size


def _counted(store: ArtifactStore, k: int) -> dict[str, Any]:
    features = Features(
        trace_labelled(model(store, "ag_news", k), store.data("ag_news").test), _epsilon(store, k)
    )
    return {
        "counts": features.by_filter()["discriminative"].to_list(),
        "regions": features.by_region().to_dicts(),
    }
