"""Tables 1 to 4 of Jacovi et al. 2018: what filters detect, and what turns them off."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convlens.papers.exhibit import Finding, code, table
from convlens.papers.jacovi_corpora import Card, Study, each, verdict

GAP = {"elec": 0.30}  # by corpus
SHOWN = 3  # filters of each corpus in table 1
NEGATIONS = {"not", "n't", "never", "no"}


def table1(studies: Sequence[Study]) -> Finding:
    """The best natural n-gram of each filter beside the best possible one."""
    cards = {study: study.cards() for study in studies}
    gaps = {
        study: float(np.mean([card["gap"] for card in made if card["gap"] is not None]))
        for study, made in cards.items()
    }
    gap_rows = [
        (
            study.name,
            len(cards[study]),
            f"{GAP[study.data]:.0%}" if study.data in GAP else "not told",
            f"{gap:.1%}",
        )
        for study, gap in gaps.items()
    ]
    rows = [
        (study.name, *_filter(card), *_scored(card["top_natural"][0]), *_scored(card["top_possible"][0]))
        for study, made in cards.items()
        for card in made[:: max(len(made) // SHOWN, 1)]
    ]
    natural = ("top natural", "score", "slots", "top possible", "score", "slots")
    body = (
        "How much less the best natural n-gram scores than the best possible one, the mean of all filters:\n\n"
        f"{table(('corpus', 'filters', 'theirs', 'ours'), gap_rows)}\nA filter of each region size:\n\n"
        f"{table(('corpus', 'filter', 'class', *natural), rows)}"
    )
    told = {study.name: f"{gap:.0%}" for study, gap in gaps.items()}
    held = {study.name: gap > 0.15 for study, gap in gaps.items()}
    judged, why = verdict(held, "natural n-grams fall well short of the possible")
    return Finding("natural 30% below possible (Elec)", each(told), judged, body, why)


def _filter(card: Card) -> tuple[int, str]:
    return card["filter"], card["class"]


def _scored(ngram: dict[str, Any]) -> tuple[str, str, str]:
    return code(ngram["text"]), f"{ngram['score']:.2f}", ", ".join(f"{slot:.2f}" for slot in ngram["slots"])


def _title(study: Study, card: Card) -> str:
    """The line above what is shown of one filter."""
    return f"**{study.name}**, filter {card['filter']}, which speaks for {card['class']}:\n\n"


def table2(studies: Sequence[Study]) -> Finding:
    """The best words of each slot of a filter, and its best n-grams."""
    chosen = {
        study: max(
            (card for card in study.cards() if card["region"] == 3),
            key=lambda card: card["coverage"] if card["threshold"] else 0,
        )
        for study in studies
    }
    shares = {study.name: _filled(card) for study, card in chosen.items()}
    body = "\n".join(_title(study, card) + _slots(card) for study, card in chosen.items())
    told = {name: f"{share:.0%}" for name, share in shares.items()}
    held = {name: share < 1 for name, share in shares.items()}
    judged, why = verdict(held, "natural n-grams leave slots unfilled")
    ours = f"slots of the top n-grams that hold their best word: {each(told)}"
    return Finding("natural n-grams hardly ever fill every slot (Elec)", ours, judged, body, why)


def _filled(card: Card) -> float:
    """The share of slots of the best natural n-grams that hold the best word there is for them."""
    best = card["top_possible"][0]["words"]
    common = sum(a == b for ngram in card["top_natural"] for a, b in zip(ngram["words"], best, strict=True))
    return float(common / (len(card["top_natural"]) * len(best)))


def _slots(card: Card) -> str:
    slots = [[code(f"{word['word']} {word['score']:.2f}") for word in slot] for slot in card["slots"]]
    words = zip(*slots, strict=True)
    rows = [
        (i + 1, *_scored(ngram), *best)
        for i, (ngram, best) in enumerate(zip(card["top_natural"], words, strict=False))
    ]
    head = ("rank", "top n-gram", "score", "slots", *(f"slot {j + 1}" for j in range(card["region"])))
    return table(head, rows)


def table3(studies: Sequence[Study]) -> Finding:
    """Clusters of a filter's n-grams by what they give its slots."""
    cards = {study: study.cards() for study in studies}
    several = {study: [card for card in made if card["groups"] > 1] for study, made in cards.items()}
    shown = {study: _clustered(several[study] or made) for study, made in cards.items()}
    body = "\n".join(_title(study, card) + _clusters(card) for study, card in shown.items())
    told = {study.name: f"{len(several[study])} of {len(made)} filters" for study, made in cards.items()}
    held = {study.name: bool(found) for study, found in several.items()}
    judged, why = verdict(held, "filters detect several patterns")
    return Finding("filters have several clusters (Yelp)", each(told), judged, body, why)


def _clustered(made: Sequence[Card]) -> Card:
    """The filter whose n-grams are spread most evenly over clusters."""

    def evenness(card: Card) -> tuple[bool, float]:
        clusters = card["clusters"]
        return len(clusters) > 1, -clusters[0]["share"] if clusters else -2

    return max(made, key=evenness)


def _clusters(card: Card) -> str:
    rows = [
        (
            i + 1,
            ", ".join(f"{value:.2f}" for value in cluster["centroid"]),
            cluster["ngrams"],
            ", ".join(code(ngram["text"]) for ngram in cluster["examples"]),
        )
        for i, cluster in enumerate(card["clusters"])
    ]
    return table(("cluster", "centroid (slots)", "n-grams", "best of them"), rows)


def table4(studies: Sequence[Study]) -> Finding:
    """N-grams that differ by a word from those that pass, and do not pass."""
    cards = {study: study.cards() for study in studies}
    negated = {
        study: sorted({row[1] for card in made for row in _negative(card) if row[3]})
        for study, made in cards.items()
    }
    rows = [
        (
            study.name,
            sum(of["total"] for card in made for of in card["negatives"]),
            sum(of["case_2"] for card in made for of in card["negatives"]),
            ", ".join(map(code, negated[study][:5])),
        )
        for study, made in cards.items()
    ]
    chosen = {study: max(made, key=_negations) for study, made in cards.items()}
    head = ("corpus", "negative n-grams", "of case 2", "with a negation, among them")
    body = (
        "Negative n-grams are natural ones that differ by one word from a top n-gram of a cluster and do not pass; those "
        f"of case 2 would without their most negative slot.\n\n{table(head, rows)}\n"
        + "\n".join(_title(study, card) + _turned_off(card) for study, card in chosen.items())
    )
    told = {name: f"{few:,} of {every:,}" for name, every, few, _ in rows}
    judged, why = verdict(
        {study.name: bool(found) for study, found in negated.items()}, "negations are among them"
    )
    return Finding("negations turn n-grams off (Elec)", f"of case 2: {each(told)}", judged, body, why)


def _negative(card: Card) -> list[tuple[str, str, float, bool]]:
    """The lowest n-grams of case 2 of a filter: what they differ from, themselves, scores, whether by a negation."""
    return [
        (of["of"]["text"], low["text"], low["score"], _negates(low["words"], of["of"]["words"]))
        for of in card["negatives"]
        for low in (one["ngram"] for one in of["lowest"] if one["case_2"])
    ]


def _negates(words: Sequence[str], top: Sequence[str]) -> bool:
    return bool(NEGATIONS & ({word.lower() for word in words} - {word.lower() for word in top}))


def _negations(card: Card) -> tuple[int, int]:
    """How many n-grams of case 2 hold a negation, and how many there are."""
    found = _negative(card)
    return sum(row[3] for row in found), len(found)


def _turned_off(card: Card) -> str:
    found = sorted(_negative(card), key=lambda row: not row[3])[:6]
    return table(
        ("top n-gram", "negative n-gram of case 2", "score"),
        [(code(top), code(low), f"{score:.2f}") for top, low, score, _ in found],
    )
