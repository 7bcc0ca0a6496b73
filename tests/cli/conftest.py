"""Commands run in this process, and what they need: a model folder and a table of reviews."""

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.toys import toy_corpus

from convlens.cli import main
from convlens.data import Corpus
from convlens.models import Classifier, save
from convlens.shown import visible

SMALL = ["--regions", "2,3", "--filters", "8", "--dim", "8", "--lr", "0.02", "--epochs", "3", "--quiet"]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def command(*arguments: object) -> Done:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        assert visible(found.out + found.err, "\n\t") == found.out + found.err, "raw control characters"
        return Done(int(end.value.code or 0), found.out, found.err)

    return command


@pytest.fixture
def refused(run: Callable[..., Done]) -> Callable[..., str]:
    """Run a command that must end with exit code 2 and one line on stderr; give that line."""

    def command(*arguments: object) -> str:
        done = run(*arguments)
        assert (done.code, done.out) == (2, ""), done
        assert done.err.count("\n") == 1, done.err
        return done.err.strip()

    return command


@pytest.fixture(scope="session")
def saved(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "model"
    save(classifier, folder)
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A model folder that a test may damage."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """The rows that the model was trained on."""
    return table(toy_corpus(), tmp_path / "reviews.csv")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Rows that are new to the model."""
    corpus = toy_corpus()
    return table(
        replace(corpus, texts=tuple(f"{text} Yes." for text in corpus.texts)), tmp_path / "fresh.csv"
    )


def table(corpus: Corpus, path: Path) -> Path:
    """Write a corpus as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [corpus.label_names[i] for i in corpus.labels or ()]
        csv.writer(file).writerows([("text", "label"), *zip(corpus.texts, names, strict=True)])
    return path


@pytest.fixture(scope="session")
def toy_reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy corpus as a file."""
    corpus = toy_corpus()
    path = tmp_path_factory.mktemp("toys") / "toys.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [
            ("text", "label"),
            *zip(corpus.texts, (corpus.label_names[i] for i in corpus.labels), strict=True),
        ]
        csv.writer(file).writerows(rows)
    return path
