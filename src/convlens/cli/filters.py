"""`convlens filters`: what has the model learned?"""

from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.console import err, out, put_json, say
from convlens.cli.reading import read_train
from convlens.data import Columns
from convlens.files import check_table, check_target, write_table, write_text
from convlens.filters import CardConfig, FilterCards, filter_cards
from convlens.filters.terminal import render_card, render_cards
from convlens.models import load, one_layer
from convlens.progress import ProgressBar
from convlens.trace import check_backend

WRITTEN = (".parquet", ".jsonl")


def filters(
    model: options.Model,
    data: options.Data,
    text: options.Text = None,
    number: Annotated[
        list[int] | None, typer.Option("--filter", help="Only this filter, whole; may be given again.")
    ] = None,
    purity: Annotated[
        float, typer.Option(help="Share of texts with its class from which on a filter tells it.")
    ] = CardConfig.purity,
    top: Annotated[
        int, typer.Option(help="Best n-grams of a card, and best words of a slot.")
    ] = CardConfig.top,
    clusters: Annotated[int, typer.Option(help="Largest clusters of a card.")] = CardConfig.clusters,
    negatives: Annotated[
        int, typer.Option(help="N-grams that do not pass, for each best n-gram of a cluster (0: none).")
    ] = CardConfig.negatives,
    distance: Annotated[
        int, typer.Option(help="Words in which those may differ from it.")
    ] = CardConfig.distance,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each filter.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the cards to a .parquet or .jsonl file.")
    ] = None,
    backend: options.Backend = "auto",
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
) -> None:
    """Show what each filter has learned, as a card (Jacovi et al. 2018).

    A card tells the class of a filter, from which value on it tells it, the n-grams that pass, in clusters, and n-grams a word
    away that do not. DATA needs no labels; of a data set with parts the training part is taken.

    Examples:

      convlens filters model train.csv

      convlens filters model mr --filter 17

      convlens filters model imdb --purity 0.9 --json | jq .threshold

      convlens filters model imdb -o cards.parquet
    """
    chosen = None if number is None else tuple(number)
    config = CardConfig(
        purity, top, clusters, negatives=negatives, distance=distance, filters=chosen, seed=seed
    )
    check_backend(backend)
    if output is not None:
        check_table(output, WRITTEN)
    classifier = load(model)
    config.chosen(len(one_layer(classifier.model, "a card of a filter").config.widths))
    corpus = read_train(data, Columns(text), labelled=False, allow_rejects=allow_rejects)
    if output is not None:
        check_target(output, force=force)
    cards = filter_cards(classifier, corpus, config, backend=backend, watch=ProgressBar(err, quiet=quiet))
    if output is not None:
        _write(cards, output)
        say(f"wrote {output}")
    if as_json:
        for card in cards:
            put_json(card.to_dict())
    elif output is None:
        _show(cards, whole=chosen is not None)


def _write(cards: FilterCards, output: Path) -> None:
    if output.suffix.lower() == ".jsonl":
        write_text(output, "".join(card.to_json() + "\n" for card in cards))
    else:
        write_table(cards.frame, output)


def _show(cards: FilterCards, *, whole: bool) -> None:
    if not whole:
        out.print(render_cards(cards))
        return
    for place, card in enumerate(cards):
        out.print(*([""] if place else []), render_card(card, cards), sep="\n")
