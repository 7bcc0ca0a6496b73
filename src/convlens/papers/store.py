"""Where a reproduction keeps what it has made, so that a run that was stopped goes on where it was."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from convlens.arrays import evenly
from convlens.data import Corpus, Splits
from convlens.data import load as load_data
from convlens.decoding import read_json
from convlens.errors import InputError
from convlens.files import replacing_file, write_text
from convlens.models import Classifier, FitConfig, Watch, fit, is_model, load, measure, save
from convlens.text import WordVectors, read_vectors

FOLDER = "CONVLENS_DATA"
QUICK_ROWS = 600  # documents to train on, and half as many to test


def _silent(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class ArtifactStore:
    """A folder of finished parts. With `quick` data sets are cut to some rows, and one seed stands for all."""

    folder: Path
    quick: bool = False
    most_seeds: int = 3
    tell: Callable[[str], None] = _silent
    loaded: dict[str, Splits] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.most_seeds < 1:
            raise InputError(f"seeds must be at least 1, got {self.most_seeds}")
        kind, place = {"quick": self.quick}, self.folder / "settings.json"
        if not place.exists():
            write_text(place, json.dumps(kind) + "\n")
        elif read_json(place, dict[str, bool], "give another folder") != kind:
            other = "a whole run" if self.quick else "a --quick run"
            raise InputError(f"{self.folder} holds {other}: give another folder")

    @property
    def seeds(self) -> range:
        """The seeds of trainings that are repeated."""
        return range(1 if self.quick else self.most_seeds)

    def few(self, whole: int, quick: int) -> int:
        """How many of something: `whole`, or `quick` in a quick run."""
        return quick if self.quick else whole

    def data(self, name: str) -> Splits:
        """A data set by name; in a quick run evenly spread rows of it."""
        if name not in self.loaded:
            splits = load_data(name)
            if self.quick:
                splits = Splits(_some(splits.train, QUICK_ROWS), _some(splits.test, QUICK_ROWS // 2))
            self.loaded[name] = splits
        return self.loaded[name]

    def missing(self, data: Sequence[str]) -> list[str]:
        """Why some of the data sets are not to be had, a sentence each; `glove-50` is word vectors."""
        reasons = []
        for name in data:
            try:
                glove(int(name.removeprefix("glove-"))) if name.startswith("glove-") else self.data(name)
            except InputError as error:
                reasons.append(str(error))
        return reasons

    def caveat(self, data: str, name: str) -> str:
        """What to add where a number rests on a data set that is not whole; nothing for one that is."""
        note = self.data(data).train.note
        return f"; {name} is trained on {note}" if note else ""

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        """JSON values that `make` gives, made once and kept."""
        place = self.folder / "parts" / f"{name}.json"
        if not place.exists():
            self.tell(name)
            write_text(place, json.dumps(make()) + "\n")
        return read_json(place, Any, f"remove {place.name}, and the part is made again")

    def classifier(self, name: str, make: Callable[[], Classifier]) -> Classifier:
        """A classifier that `make` trains, trained once and kept."""
        place = self.folder / "models" / name
        if not is_model(place):
            self.tell(f"training {name}")
            save(make(), place)
        return load(place)

    def vectors(self, name: str, make: Callable[[], WordVectors]) -> WordVectors:
        """Word vectors that `make` trains, trained once and kept."""
        place = self.folder / "models" / f"{name}.npy"
        if not place.exists():
            self.tell(f"training {name}")
            vectors = make()
            write_text(place.with_suffix(".words.txt"), "".join(f"{word}\n" for word in vectors.words))
            with replacing_file(place) as temporary, temporary.open("wb") as file:
                np.save(file, vectors.matrix, allow_pickle=False)
        return read_vectors(place)

    def fitted(
        self, name: str, data: str, config: FitConfig, *, vectors: Callable[[], WordVectors] | None = None
    ) -> Classifier:
        """A classifier with these settings, trained on a data set."""
        train = self.data(data).train

        def make() -> Classifier:
            return fit(train, config, vectors=None if vectors is None else vectors(), watch=Watch())

        return self.classifier(name, make)

    def accuracy(self, name: str, classifier: Callable[[], Classifier], data: str) -> float:
        """Accuracy of a classifier on the test rows of a data set."""
        return float(self.part(name, lambda: measure(classifier(), self.data(data).test).accuracy))


def glove(dim: int) -> WordVectors:
    """GloVe's vectors (6B) of 50 or 100 numbers, from the folder that CONVLENS_DATA names."""
    folder = os.environ.get(FOLDER, "")
    for name in (f"glove.6B.{dim}d.npy", f"glove.6B.{dim}d.txt"):
        if folder and (Path(folder) / name).is_file():
            return read_vectors(Path(folder) / name)
    raise InputError(
        f"GloVe's vectors of {dim} numbers are not here: put glove.6B.{dim}d.txt (nlp.stanford.edu/projects/glove) "
        f"into a folder and name it in {FOLDER}"
    )


def _some(corpus: Corpus, rows: int) -> Corpus:
    """So many rows, spread evenly over the corpus."""
    return corpus.take(evenly(len(corpus), rows))
