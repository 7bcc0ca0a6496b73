"""Cards in a terminal: all of them as a table, or one whole."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from convlens.filters.card import Cluster, FilterCard, FilterCards, Negatives, Ngram
from convlens.shown import visible

BEST = 3  # n-grams with negatives that are shown


def render_cards(cards: FilterCards) -> RenderableType:
    """One line for each filter."""
    head = Text(f"{len(cards):,} filters over {cards.documents:,} texts of {cards.words:,} words\n")
    table = Table(box=None, pad_edge=False)
    names = ("filter", "words", "class", "weight above next", "threshold", "purity", "coverage", "detects")
    dense = any(card.speaks is not None for card in cards)
    for name in (*names[:3], "speaks for it", *names[3:]) if dense else names:
        table.add_column(name, justify="left" if name in ("class", "detects") else "right")
    for card in cards:
        table.add_row(
            str(card.filter),
            str(card.region),
            Text(visible(card.label)),
            *([f"{card.speaks or 0:.1%}"] if dense else []),
            f"{card.margin:.2f}",
            *_threshold_cells(card),
        )
    short = sum(card.threshold is None for card in cards)
    share = f"{cards.config.purity:.0%}"
    notes = [Text(f"\n{short:,} of them never reach a purity of {share}, with -")] if short else []
    return Group(head, table, *notes)


def _threshold_cells(card: FilterCard) -> Iterator[RenderableType]:
    """Threshold, purity, coverage, and what passes."""
    if card.threshold is None or card.purity is None:
        yield from ("-", "-", "-")
        yield Text(visible(" · ".join(card.detects)), "dim")
        return
    yield from (f"{card.threshold:.3f}", f"{card.purity:.1%}", f"{card.coverage:.1%}")
    yield Text(visible(" · ".join(card.detects)))


def render_card(card: FilterCard, cards: FilterCards) -> RenderableType:
    """Everything a card holds but the long lists of negatives."""
    parts: list[RenderableType] = [_head(card, cards)]
    parts += _section("n-grams of the texts that score most", card.top_natural, card.region)
    parts += _section(
        "n-grams that words of the vocabulary could form at best", card.top_possible, card.region
    )
    if card.gap is not None:
        parts.append(
            Text(f"the best n-gram of the texts scores {card.gap:.0%} less than the best possible one")
        )
    parts += [Text("\nwords that each slot likes best", "bold"), _slots(card)]
    for number, cluster in enumerate(card.clusters, 1):
        parts += _cluster(number, cluster, card)
    chosen = sorted(card.negatives, key=lambda negatives: -negatives.case_2)[:BEST]
    for negatives in chosen:
        parts += _negatives(negatives, card.region)
    if card.clusters and cards.config.negatives and not chosen:
        words = "a word" if cards.config.distance == 1 else f"{cards.config.distance} words"
        parts.append(Text(f"\nno n-gram of the texts within {words} of these fails to pass"))
    return Group(*parts)


def _head(card: FilterCard, cards: FilterCards) -> Text:
    head = Text.assemble(
        (f"filter {card.filter}", "bold"),
        f" of {card.region} words, for ",
        (visible(card.label), "bold"),
        f": weight {card.weight:+.3f}, {card.margin:.3f} above the next class; bias {card.bias:+.3f}\n",
    )
    if card.speaks is not None:
        head.append(
            f"through the dense layers it speaks for {visible(card.label)} in {card.speaks:.1%} of the texts that it adds to; the weight is "
            "that with every unit open\n"
        )
    if card.threshold is None or card.purity is None:
        return head.append(
            f"never reaches a purity of {cards.config.purity:.0%}: from no value on do so many of the texts get its class"
        )
    looked = "" if card.sampled == 1 else f", clustered by a sample of {card.sampled:.1%} of the n-grams"
    return head.append(
        f"passes from {card.threshold:.3f} on: {card.coverage:.1%} of {cards.documents:,} texts, of which "
        f"{card.purity:.1%} get its class; {card.passing:,} n-grams pass, each counted as often as it occurs, "
        f"in {card.groups:,} cluster{'s' * (card.groups != 1)}{looked}"
    )


def _section(title: str, ngrams: Sequence[Ngram], n: int) -> list[RenderableType]:
    return [Text(f"\n{title}", "bold"), _ngrams(ngrams, n)]


def _ngrams(ngrams: Sequence[Ngram], n: int, more: Sequence[str] = ()) -> Table:
    """N-grams with score, slots and count, and perhaps a word on each."""
    table = Table(box=None, pad_edge=False)
    for name in ("score", *(f"slot {j + 1}" for j in range(n)), "count"):
        table.add_column(name, justify="right")
    table.add_column("n-gram")
    table.add_column("")
    for i, ngram in enumerate(ngrams):
        numbers = (f"{ngram.score:.3f}", *(f"{slot:+.2f}" for slot in ngram.slots), f"{ngram.count:,}")
        table.add_row(*numbers, Text(visible(ngram.text)), Text(more[i] if more else "", "dim"))
    return table


def _slots(card: FilterCard) -> Table:
    table = Table(box=None, pad_edge=False)
    for j in range(card.region):
        table.add_column(f"slot {j + 1}", justify="left")
    for words in zip(*card.slots, strict=True):
        table.add_row(*(Text(f"{word.score:+.2f} {visible(word.word)}") for word in words))
    return table


def _cluster(number: int, cluster: Cluster, card: FilterCard) -> list[RenderableType]:
    centroid = ", ".join(f"{value:+.2f}" for value in cluster.centroid)
    head = f"cluster {number}: {cluster.share:.1%}, {cluster.ngrams:,} different n-grams about ({centroid})"
    return _section(head, cluster.examples, card.region)


def _negatives(negatives: Negatives, n: int) -> list[RenderableType]:
    """An n-gram that passes and the lowest of those near it that do not."""
    count = "1 n-gram does" if negatives.total == 1 else f"{negatives.total:,} n-grams do"
    title = (
        f"near “{visible(negatives.of.text)}” ({negatives.of.score:.3f}) {count} not pass, "
        f"{negatives.case_2:,} held down by negative words (case 2)"
    )
    lowest = [negative.ngram for negative in negatives.lowest]
    return [
        Text(f"\n{title}", "bold"),
        _ngrams(lowest, n, ["case 2" if negative.case_2 else "" for negative in negatives.lowest]),
    ]
