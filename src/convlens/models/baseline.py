"""What the simple alternative gets on the same rows: TF-IDF of n-grams with logistic regression, by scikit-learn."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.data import Splits
from convlens.models.metrics import LabelMetrics, Metrics, count, count_sets
from convlens.text import lacks_spaces

C = 10.0  # inverse strength of the penalty
OFTEN = 10_000_000  # letters of the training texts above which an n-gram must stand in two of them: about 2 million words
LETTERS = 120_000_000  # above which n-grams are single and hashed
FEATURES = 2**20  # of a hash
STEPS = 1000  # of the optimiser at most


@dataclass(frozen=True, eq=False)
class Baseline:
    """What it is, its metrics on the test rows, and the seconds that it took."""

    told: str
    metrics: Metrics | LabelMetrics
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        metrics = self.metrics
        values = {"model": self.told, "accuracy": metrics.accuracy, "macro_f1": metrics.macro_f1}
        return values | {"seconds": self.seconds}


def tf_idf_baseline(splits: Splits, labels: tuple[str, ...]) -> Baseline:
    """TF-IDF (sublinear, of words and pairs of them, or of 1 to 3 characters where texts have no spaces) with logistic regression.

    It is trained on all training rows, those that decide when a network stops included, and sees no test row before that. Of several labels
    at once each has a regression of its own.
    """
    start = time.perf_counter()
    train, test = splits.train, splits.test
    vectorizer, told = _vectorizer(train.texts)
    features = vectorizer.fit_transform(train.texts)
    if train.sets is not None:
        truth = train.membership()
        columns = [_fitted(features, truth[:, i]) for i in range(len(labels))]
        unseen = vectorizer.transform(test.texts)
        predicted = np.stack([column(unseen) for column in columns], 1).astype(bool)
        metrics: Metrics | LabelMetrics = count_sets(test, predicted, labels)
    else:
        predict = _fitted(features, np.array(train.labels))
        metrics = count(test.labels or (), predict(vectorizer.transform(test.texts)), labels)
    return Baseline(f"TF-IDF of {told} with logistic regression", metrics, time.perf_counter() - start)


def _vectorizer(texts: Sequence[str]) -> tuple[Any, str]:
    """What makes features of texts, and what these are."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer, TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    if lacks_spaces(texts):
        characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        return characters, "1 to 3 characters"
    letters = sum(map(len, texts))
    if letters > LETTERS:
        hashed = HashingVectorizer(n_features=FEATURES, alternate_sign=False, norm=None)
        return make_pipeline(
            hashed, TfidfTransformer(sublinear_tf=True)
        ), "hashed words, as the data are large,"
    if letters > OFTEN:
        often = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        return often, "words and pairs in two texts or more"
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), "words and pairs"


def _fitted(features: Any, truth: NDArray[Any]) -> Any:
    """What predicts classes of features; the one class where there is one alone."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(truth)) == 1:
        return lambda unseen: np.repeat(truth[:1], unseen.shape[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=C, max_iter=STEPS).fit(features, truth).predict
