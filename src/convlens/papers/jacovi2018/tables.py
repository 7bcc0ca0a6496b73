"""Tables 1 to 4 of Jacovi et al. 2018: what filters detect, and what turns them off."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from convlens.papers.artifact import Result, code, table
from convlens.papers.jacovi2018.corpora import HARDLY_EVER, NEGATIVES, Card, Study, each, verdict

GAP = {"elec": 0.30}  # by corpus
SCORE, SLOTS = "score, with bias", "each word gives"
_SUM = (
    "The score is the sum of what each word gives in its place (the slots) and the filter's bias, one number for all "
    "n-grams of the filter: so the slots alone do not add up to it."
)
SHOWN = 3  # filters of each corpus in table 1
NEGATIONS = {"not", "n't", "never", "no"}


def table1(studies: Sequence[Study]) -> Result:
    """The best natural n-gram of each filter beside the best possible one."""
    cards = {study: study.cards() for study in studies}
    gaps = {
        study: float(np.mean([card["gap"] for card in of_study if card["gap"] is not None]))
        for study, of_study in cards.items()
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
        for study, of_study in cards.items()
        for card in of_study[:: max(len(of_study) // SHOWN, 1)]
    ]
    natural = ("top natural", SCORE, SLOTS, "top possible", SCORE, SLOTS)
    body = (
        "A natural n-gram occurs in the training texts; a possible one has, in each place, the word that gives the most "
        f"there. {_SUM}\n\n"
        "How much less the best natural n-gram scores than the best possible one, the mean of all filters:\n\n"
        f"{table(('corpus', 'filters', 'theirs', 'ours'), gap_rows)}\nA filter of each region size, that is of two, "
        "three and four words; `class` is the class that it speaks for:\n\n"
        f"{table(('corpus', 'filter', 'class', *natural), rows)}"
    )
    gaps_by_name = {study.name: f"{gap:.0%}" for study, gap in gaps.items()}
    holds_on = {study.name: gap > 0.15 for study, gap in gaps.items()}
    judged, why = verdict(holds_on, "natural n-grams fall well short of the possible")
    return Result("natural 30% below possible (Elec)", each(gaps_by_name), judged, body, why)


def _filter(card: Card) -> tuple[int, str]:
    return card["filter"], card["class"]


def _scored(ngram: dict[str, Any]) -> tuple[str, str, str]:
    return code(ngram["text"]), f"{ngram['score']:.2f}", ", ".join(f"{slot:.2f}" for slot in ngram["slots"])


def _title(study: Study, card: Card) -> str:
    """The line above what is shown of one filter."""
    return f"**{study.name}**, filter {card['filter']}, which speaks for {card['class']}:\n\n"


def table2(studies: Sequence[Study]) -> Result:
    """The best words of each slot of a filter, and its best n-grams."""
    chosen = {
        study: max(
            (card for card in study.cards() if card["region"] == 3),
            key=lambda card: card["coverage"] if card["threshold"] else 0,
        )
        for study in studies
    }
    filled = {study: _filled(study.cards()) for study in studies}
    rows = [
        (study.name, every, full, f"{_share(full, every):.1%}", f"{slots:.0%}")
        for study, (full, every, slots) in filled.items()
    ]
    head = (
        "corpus",
        "top n-grams, all filters",
        "that fill every slot",
        "share",
        "slots with their best word",
    )
    body = (
        f"{_FILLED}\n\n{table(head, rows)}\nOf each corpus the filter of three words with the most coverage. On "
        f"the left its best natural n-grams, on the right the best words of each place, with what they give. {_SUM}\n\n"
        + "\n".join(_title(study, card) + _slots(card) for study, card in chosen.items())
    )
    counts_by_name = {study.name: f"{full} of {every}" for study, (full, every, _) in filled.items()}
    holds_on = {study.name: _share(full, every) < HARDLY_EVER for study, (full, every, _) in filled.items()}
    claim = f"natural n-grams fill every slot hardly ever (under {HARDLY_EVER:.0%})"
    judged, why = verdict(holds_on, claim)
    ours = f"top n-grams that do: {each(counts_by_name)}"
    return Result("natural n-grams hardly ever fill every slot (Elec)", ours, judged, body, why)


_FILLED = (
    "A natural n-gram fills every slot if it has the best word there is in each place, and so is the best possible "
    "one. Counted over the best natural n-grams of every filter:"
)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _filled(cards: Sequence[Card]) -> tuple[int, int, float]:
    """How many of the top natural n-grams are the best possible one, of how many, and the share of slots they fill."""
    same = [
        [a == b for a, b in zip(ngram["words"], card["top_possible"][0]["words"], strict=True)]
        for card in cards
        for ngram in card["top_natural"]
    ]
    return sum(map(all, same)), len(same), _share(sum(map(sum, same)), sum(map(len, same)))


def _slots(card: Card) -> str:
    slots = [[code(f"{word['word']} {word['score']:.2f}") for word in slot] for slot in card["slots"]]
    words = zip(*slots, strict=True)
    rows = [
        (i + 1, *_scored(ngram), *best)
        for i, (ngram, best) in enumerate(zip(card["top_natural"], words, strict=False))
    ]
    places = (f"best of slot {j + 1}" for j in range(card["region"]))
    head = ("rank", "top n-gram", SCORE, SLOTS, *places)
    return table(head, rows)


def table3(studies: Sequence[Study]) -> Result:
    """Clusters of a filter's n-grams by what they give its slots."""
    cards = {study: study.cards() for study in studies}
    several = {study: [card for card in of_study if card["groups"] > 1] for study, of_study in cards.items()}
    shown = {study: _clustered(several[study] or of_study) for study, of_study in cards.items()}
    body = (
        "The n-grams of a filter that pass its threshold, clustered by what each of their words gives (Mean Shift). Of "
        "each corpus the filter whose n-grams are spread most evenly; a centroid is the mean of its cluster.\n\n"
        + "\n".join(_title(study, card) + _clusters(card) for study, card in shown.items())
    )
    counts_by_name = {
        study.name: f"{len(several[study])} of {len(of_study)} filters" for study, of_study in cards.items()
    }
    holds_on = {study.name: 2 * len(of_study) > len(cards[study]) for study, of_study in several.items()}
    judged, why = verdict(holds_on, "most filters detect several patterns")
    return Result("filters have several clusters (Yelp)", each(counts_by_name), judged, body, why)


def _clustered(cards: Sequence[Card]) -> Card:
    """The filter whose n-grams are spread most evenly over clusters."""

    def evenness(card: Card) -> tuple[bool, float]:
        clusters = card["clusters"]
        return len(clusters) > 1, -clusters[0]["share"] if clusters else -2

    return max(cards, key=evenness)


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
    return table(("cluster", "centroid, by place", "n-grams", "best of them"), rows)


def table4(studies: Sequence[Study]) -> Result:
    """N-grams that differ by a word from those that pass, and do not pass."""
    cards = {study: study.cards() for study in studies}
    negatives = {
        study: [row for card in of_study for row in _negative(card)] for study, of_study in cards.items()
    }
    negated = {study: [row for row in rows if row[3]] for study, rows in negatives.items()}
    rows = [
        (
            study.name,
            sum(of["total"] for card in of_study for of in card["negatives"]),
            sum(of["case_2"] for card in of_study for of in card["negatives"]),
            len(negatives[study]),
            len(negated[study]),
            f"{_share(len(negated[study]), len(negatives[study])):.1%}",
            f"{sum(_negations(card)[0] > 0 for card in of_study)} of {len(of_study)}",
            ", ".join(map(code, sorted({row[1] for row in negated[study]})[:5])),
        )
        for study, of_study in cards.items()
    ]
    chosen = {study: max(of_study, key=_negations) for study, of_study in cards.items()}
    body = f"{_CASE}\n\n{table(_HEAD, rows)}\n" + "\n".join(
        _title(study, card) + _turned_off(card) for study, card in chosen.items()
    )
    counts_by_name = {study.name: f"{len(negated[study])} of {len(negatives[study])}" for study in studies}
    shares = {s.name: f"{_share(len(negated[s]), len(negatives[s])):.1%}" for s in studies}
    judged, why = verdict(
        {s.name: bool(negated[s]) for s in studies}, "some n-grams are turned off by a negation"
    )
    why = f"{why}; they are few of case 2: {each(shares)}"
    ours = f"n-grams of case 2 with a negation: {each(counts_by_name)}"
    return Result("negations turn n-grams off (Elec)", ours, judged, body, why)


_HEAD = (
    *("corpus", "negative n-grams", "of case 2", "of these the lowest", "with a negation", "share"),
    *("filters with one", "such as"),
)
_CASE = (
    "Negative n-grams occur in the training texts, differ by one word from a top n-gram of a cluster and do not pass. Case "
    "1: the word put in gives less than the one it replaces. Case 2: the n-gram has a word that counts against it, and "
    f"would pass if what its most negative word gives were left out. Of each top n-gram the {NEGATIVES} lowest negative ones are "
    f"looked at; those of case 2 among them are searched for a negation ({', '.join(sorted(NEGATIONS))}) that the top "
    "n-gram does not have. The paper shows the n-grams of one filter, and counts none."
)


def _negative(card: Card) -> list[tuple[str, str, float, bool]]:
    """The lowest n-grams of case 2 of a filter: what they differ from, themselves, scores, whether by a negation."""
    return [
        (of["of"]["text"], low["text"], low["score"], _negates(low["words"], of["of"]["words"]))
        for of in card["negatives"]
        for low in (negative["ngram"] for negative in of["lowest"] if negative["case_2"])
    ]


def _negates(words: Sequence[str], top: Sequence[str]) -> bool:
    return bool(NEGATIONS & ({word.lower() for word in words} - {word.lower() for word in top}))


def _negations(card: Card) -> tuple[int, int]:
    """How many n-grams of case 2 hold a negation, and how many there are."""
    negatives = _negative(card)
    return sum(row[3] for row in negatives), len(negatives)


def _turned_off(card: Card) -> str:
    negatives = sorted(_negative(card), key=lambda row: not row[3])[:6]
    return table(
        ("top n-gram", "negative n-gram of case 2", "score"),
        [(code(top), code(low), f"{score:.2f}") for top, low, score, _ in negatives],
    )
