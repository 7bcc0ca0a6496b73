"""Data sets that can be asked for by name."""

import difflib
from collections.abc import Callable
from functools import partial

from convlens.arguments import checked
from convlens.data.demo import load_demo
from convlens.data.splits import Splits
from convlens.data.standard import AG_NEWS, ELEC, IMDB, MR, NEWSGROUPS, YELP, load_standard
from convlens.errors import InputError

NAMED: dict[str, Callable[[], Splits]] = {
    "mr": partial(load_standard, MR),
    "imdb": partial(load_standard, IMDB),
    "ag_news": partial(load_standard, AG_NEWS),
    "20newsgroups": partial(load_standard, NEWSGROUPS),
    "elec": partial(load_standard, ELEC),
    "yelp": partial(load_standard, YELP),
    "demo": load_demo,
}


@checked
def load_data(name: str) -> Splits:
    """Load a named data set; raise `InputError` for unknown names and sets that are not to be had."""
    if name not in NAMED:
        raise InputError(f"there is no data set {name!r}: {near(name)}the data sets are {', '.join(NAMED)}")
    return NAMED[name]()


load = load_data  # the name within the room


def near(name: str) -> str:
    """The most similar name of a data set as a question, or nothing."""
    found = difflib.get_close_matches(name.lower(), NAMED, n=1)
    return f"did you mean {found[0]}? " if found else ""
