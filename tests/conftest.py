"""What several test modules need: small models drawn by Hypothesis, the corpora, a toy classifier."""

import os
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tests.deep import DEEP
from tests.toys import TOY, toy_corpus

from convlens.data import Corpus
from convlens.models import Classifier, fit

# Of models this small two threads mostly wait for each other.
torch.set_num_threads(int(os.environ.get("CONVLENS_TEST_THREADS", "1")))
settings.register_profile(
    "convlens", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("convlens")


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return toy_corpus()


@pytest.fixture(scope="session")
def classifier(corpus: Corpus) -> Classifier:
    return fit(corpus, TOY)


@pytest.fixture(scope="session")
def deep_classifier(corpus: Corpus) -> Classifier:
    return fit(corpus, DEEP)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of the papers' corpora."""
    folder = Path(os.environ.get("CONVLENS_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "mr.parquet").is_file():
        pytest.skip(f"the papers' corpora are not in {folder}: set CONVLENS_DATA to their folder")
    return folder
