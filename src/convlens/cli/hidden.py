"""`convlens explain --hidden`: what hidden units detect in each text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convlens.cli.answers import fragments, in_order, show_each
from convlens.cli.console import say
from convlens.data import Corpus
from convlens.errors import InputError
from convlens.files import write_text
from convlens.models import Classifier
from convlens.units import Ascent, UnitConfig, hidden_units


@dataclass(frozen=True)
class Shown:
    """Where the units go: JSON lines on stdout, a page, or else the terminal."""

    as_json: bool
    html: Path | None
    page: str


def unit_config(layer: int | None, top: int | None, seed: int | None) -> UnitConfig:
    """The settings, with our defaults where an option was not given."""
    default = UnitConfig()
    return UnitConfig(
        layer=default.layer if layer is None else layer,
        top=default.top if top is None else top,
        ascent=Ascent(seed=default.ascent.seed if seed is None else seed),
    )


def check_alone(given: Mapping[str, bool]) -> None:
    """Refuse the options that have no part in hidden units, by name and whether each was given."""
    names = [name for name, is_given in given.items() if is_given]
    if names:
        raise InputError(
            f"--hidden explains places of a layer, not words, and takes no {' or '.join(names)}: give one or the other"
        )


def explain_hidden(
    classifier: Classifier, corpus: Corpus, target: str | None, config: UnitConfig, shown: Shown
) -> None:
    """Find the units of all texts at once, and print them or write the page."""
    units = hidden_units(classifier, corpus.texts, target=target, config=config)
    answers = show_each(in_order(corpus, units), as_json=shown.as_json, keep=shown.html is not None)
    if shown.html is not None:
        write_text(shown.html, shown.page.format(fragments=fragments(answers)))
        say(f"wrote {shown.html}")
