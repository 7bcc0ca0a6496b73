"""The papers' data sets: from the folder that CONVLENS_DATA names, else from the Hugging Face hub or scikit-learn.

Where neither has one that is hard to get, a smaller file of the folder may stand in for it, and says so in its note.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from convlens.data.columnar import parquet_table
from convlens.data.corpus import Corpus
from convlens.data.hub import hub_splits
from convlens.data.splits import Splits, split
from convlens.decoding import read_json
from convlens.errors import InputError

FOLDER = "CONVLENS_DATA"
LABEL_NAMES = "label_names.json"
STAND_IN = "stand-in"  # with this begins the note of a corpus that is another than its name says


@dataclass(frozen=True, slots=True)
class Standard:
    """Where a data set is found, and how many rows it officially has.

    `files` are its training and test file in the folder (one file: no official split; FILE@PART: the rows of
    which the column `split` says PART), `hub` its name on the hub (empty: not there), `labels` its label names,
    `clean` what is done to each text, `sklearn` whether scikit-learn has it, `stand_in` what is taken where it is
    not to be had, `note` what a stand-in is.
    """

    name: str
    files: tuple[str, ...]
    rows: tuple[int, ...]
    labels: tuple[str, ...]
    hub: str = ""
    clean: Callable[[str], str] = str
    sklearn: bool = False
    stand_in: "Standard | None" = None
    note: str = ""


def without_header(post: str) -> str:
    """A news post without its header: what follows the first blank line, as scikit-learn cuts it."""
    return post.partition("\n\n")[2]


OPINION = ("negative", "positive")
NEWS = ("World", "Sports", "Business", "Sci/Tech")
MR = Standard("mr", ("mr.parquet",), (10_662,), OPINION, "cornell-movie-review-data/rotten_tomatoes")
IMDB = Standard(
    "imdb", ("imdb_train.parquet", "imdb_test.parquet"), (25_000, 25_000), OPINION, "stanfordnlp/imdb"
)
AG_NEWS = Standard(
    "ag_news", ("ag_news_train.parquet", "ag_news_test.parquet"), (120_000, 7_600), NEWS, "fancyzhx/ag_news"
)
NEWSGROUPS = Standard(
    "20newsgroups",
    ("twenty_newsgroups_train.parquet", "twenty_newsgroups_test.parquet"),
    (11_314, 7_532),
    (),
    clean=without_header,
    sklearn=True,
)
ELEC = Standard(
    "elec",
    ("elec_train.parquet", "elec_test.parquet"),
    (200_000, 25_000),
    OPINION,
    stand_in=Standard(
        "elec",
        ("elec_mds.parquet",),
        (2_000,),
        OPINION,
        note=f"{STAND_IN}: reviews of electronics in Multi-Domain Sentiment (Blitzer et al. 2007), not Elec",
    ),
)
YELP = Standard(
    "yelp",
    ("yelp_train.parquet", "yelp_test.parquet"),
    (560_000, 38_000),
    OPINION,
    "fancyzhx/yelp_polarity",
    stand_in=Standard(
        "yelp",
        ("yelp_small.parquet@train", "yelp_small.parquet@test"),
        (4_484, 4_455),
        OPINION,
        note=f"{STAND_IN}: a small part of the Yelp Open Dataset, not Yelp polarity",
    ),
)


def load_standard(data: Standard) -> Splits:
    """Load a data set whole; one without an official split is cut 90:10 by class with seed 0.

    No row is dropped, not even one without text. Raises `InputError`, saying how to get it, where neither it
    nor its stand-in is to be had.
    """
    try:
        corpora = _from_folder(data) or _from_elsewhere(data)
    except InputError:
        if data.stand_in is None or not _in_folder(data.stand_in):
            raise
        return load_standard(data.stand_in)
    noted = [_noted(corpus, data.note, official) for corpus, official in zip(corpora, data.rows, strict=True)]
    parts = Splits(*noted) if len(noted) == 2 else split(noted[0], share=0.1, seed=0)
    if parts.train.note != parts.test.note:
        return parts
    return Splits(replace(parts.train, notices=noted[0].notices), replace(parts.test, notices=()))


def _in_folder(data: Standard) -> bool:
    """Tell whether there is a folder and all files are in it."""
    folder = os.environ.get(FOLDER, "")
    return bool(folder) and all((Path(folder) / _file(place)).is_file() for place in data.files)


def _file(place: str) -> str:
    """The file's name in FILE or FILE@PART."""
    return place.partition("@")[0]


def _from_folder(data: Standard) -> list[Corpus]:
    """The files of the data set as corpora; empty where there is no folder or it lacks one of them."""
    if not _in_folder(data):
        return []
    folder = Path(os.environ[FOLDER])
    names = _label_names(folder / LABEL_NAMES, tuple(map(_file, data.files)))
    return [_part(data, folder / place, names[_file(place)]) for place in data.files]


def _label_names(listed: Path, files: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    advice = f"it must give the label names of {', '.join(files)}"
    names = read_json(listed, dict[str, tuple[str, ...]], advice)
    if missing := [file for file in files if file not in names]:
        raise InputError(f"{listed} lacks {missing[0]}: {advice}")
    return names


def _part(data: Standard, place: Path, label_names: tuple[str, ...]) -> Corpus:
    path, part = place.with_name(_file(place.name)), place.name.partition("@")[2]
    columns = ["text", "label", *(["split"] if part else [])]
    missing = set(columns) - set(parquet_table(path).names)
    if missing:
        raise InputError(f"{path} lacks the column {min(missing)!r}: expected {' and '.join(columns)}")
    frame = pl.read_parquet(path, columns=columns, glob=False)
    if part:
        frame = frame.filter(pl.col("split") == part)
    texts, labels = frame["text"], frame["label"]
    if texts.dtype != pl.String or not labels.dtype.is_integer() or texts.has_nulls() or labels.has_nulls():
        raise InputError(
            f"{path} must hold strings in text and whole numbers in label, and none may be missing"
        )
    return Corpus(tuple(map(data.clean, texts)), tuple(labels), label_names, data.name)


def _from_elsewhere(data: Standard) -> list[Corpus]:
    try:
        if data.hub:
            return _from_hub(data)
        if data.sklearn:
            return _from_sklearn(data)
        raise InputError("neither the hub nor scikit-learn has it")
    except InputError as error:
        raise InputError(
            f"data set {data.name!r} is not to be had ({error}): set {FOLDER} to a folder with "
            f"{', '.join(data.files)} and {LABEL_NAMES}, or give a file of your own"
        ) from None


def _from_hub(data: Standard) -> list[Corpus]:
    """The official parts; all joined to one where the data set has no official split."""
    parts = hub_splits(data.hub)
    if len(data.files) == 2:
        return [replace(parts[name], label_names=data.labels, source=data.name) for name in ("train", "test")]
    texts = tuple(text for part in parts.values() for text in part.texts)
    labels = tuple(label for part in parts.values() for label in part.labels or ())
    return [Corpus(texts, labels, data.labels, data.name)]


def _from_sklearn(data: Standard) -> list[Corpus]:
    from sklearn.datasets import fetch_20newsgroups

    corpora = []
    for part in ("train", "test"):
        try:
            posts = fetch_20newsgroups(subset=part, shuffle=False, remove=("headers",))
        except OSError as error:
            raise InputError(f"scikit-learn could not fetch it: {error}") from None
        labels = tuple(posts.target.tolist())
        corpora.append(Corpus(tuple(posts.data), labels, tuple(posts.target_names), data.name))
    return corpora


def _noted(corpus: Corpus, note: str, official: int) -> Corpus:
    """The corpus; where it is not the official one, with a note that says so."""
    rows = "" if len(corpus) == official else f"{len(corpus):,} of the official {official:,} rows"
    note = "; ".join(filter(None, (note, rows)))
    if not note:
        return corpus
    return replace(corpus, note=note).saying(
        f"{corpus.source}: {note}, so not comparable with published numbers"
    )
