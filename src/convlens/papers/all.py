"""All papers by name."""

from difflib import get_close_matches

from convlens.errors import InputError
from convlens.papers import arras2016, imdb_filters, jacovi2018, xudu2020, yuan2019
from convlens.papers.artifact import Paper

PAPERS: dict[str, Paper] = {
    module.PAPER.name: module.PAPER for module in (arras2016, jacovi2018, xudu2020, yuan2019, imdb_filters)
}


def find_paper(name: str) -> Paper:
    """A paper of `PAPERS`; `InputError` lists them and suggests the nearest."""
    if name in PAPERS:
        return PAPERS[name]
    near = get_close_matches(name, PAPERS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise InputError(f"there is no paper {name!r}: {hint}the papers are {', '.join(PAPERS)}, or all")
