"""One evaluation of the toy classifier, which several tests look at."""

import pytest

from convlens.evaluate import EvaluateConfig, Evaluation, evaluate
from convlens.models import Classifier


@pytest.fixture(scope="session")
def evaluation(classifier: Classifier, corpus) -> Evaluation:
    config = EvaluateConfig(deletions=6, runs=3, resamples=200, sanity=10, documents=30)
    return evaluate(classifier, corpus, config)
