"""All papers by name."""

from convlens.errors import InputError
from convlens.papers import arras2016, imdb_filters, jacovi2018, xudu2020, yuan2019
from convlens.papers.artifact import Paper
from convlens.shown import suggestion

PAPERS: dict[str, Paper] = {
    module.PAPER.name: module.PAPER for module in (arras2016, jacovi2018, xudu2020, yuan2019, imdb_filters)
}


def find_paper(name: str) -> Paper:
    """A paper of `PAPERS`; `InputError` lists them and suggests the nearest."""
    if name in PAPERS:
        return PAPERS[name]
    hint = suggestion(name, PAPERS)
    raise InputError(f"there is no paper {name!r}: {hint}the papers are {', '.join(PAPERS)}, or all")
