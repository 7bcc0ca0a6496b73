"""`convlens units`: what do hidden units detect in each text?"""

from pathlib import Path
from typing import Annotated

import typer

from convlens.cli import options
from convlens.cli.answers import in_order, show_each, write_page
from convlens.cli.hidden import unit_config
from convlens.cli.reading import read_texts
from convlens.files import check_target
from convlens.models import load
from convlens.units import Ascent, UnitConfig, hidden_units


def units(
    model: options.Model,
    texts: options.Texts = None,
    file: options.File = None,
    text: options.Text = None,
    target: options.Target = None,
    layer: Annotated[
        int | None, typer.Option(help="The hidden layer, from the words up.")
    ] = UnitConfig.layer,
    seed: Annotated[int | None, typer.Option(help="Same seed, same answer.")] = Ascent.seed,
    top: Annotated[
        int | None, typer.Option(help="Units of each text: those that the logit depends on most.")
    ] = UnitConfig.top,
    as_json: options.JsonLines = False,
    html: Annotated[Path | None, typer.Option(help="Draw the units on this page.")] = None,
    allow_rejects: options.AllowRejects = False,
    force: options.Force = False,
) -> None:
    """Show what hidden units detect in each text (Yuan et al. 2019).

    A unit is a place of a hidden layer. Of those that the logit of a class depends on most, each is shown
    with the words nearest to the input that it answers to most strongly.

    Examples:

      convlens units model "What a good movie"

      convlens units model "What a good movie" --html units.html

      convlens units model --file new.csv --layer 2 --top 5 --json | jq .units
    """
    config = unit_config(layer, top, seed)
    if html is not None:
        check_target(html, force=force)
    corpus = read_texts(texts, file, text, allow_rejects=allow_rejects)
    answers = show_each(
        in_order(corpus, hidden_units(load(model), corpus.texts, target=target, config=config)),
        as_json=as_json,
        keep=html is not None,
    )
    if html is not None:
        write_page(answers, html)
