"""The networks of the IMDb filter paper, what it tells of them, and ours trained anew on less."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from convlens.compress import Trained, ablate, prune_words
from convlens.data import Corpus, Splits, split
from convlens.models import PRESETS, Classifier, Watch, fit
from convlens.papers.store import ArtifactStore
from convlens.text import WordVectors, build_tokenizer, train_word2vec

DATA = ("imdb",)
ABLATED = {"kept": 0.8319, "within": 0.8137, "across": 0.7845, "random": 0.6793}  # table 2
KEPT = {
    100.0: 0.8319,
    80.0: 0.8316,
    50.0: 0.8314,
    10.0: 0.8367,
    5.0: 0.8253,
    1.0: 0.7816,
    0.5: 0.7462,
}  # table 4
BASELINES = {"top": 0.8442, "all": 0.8533, "random": 0.6429, "rest": 0.7452}  # table 5
CROWDED = {
    1: 1.0,
    5: 0.8504,
    10: 0.6209,
    20: 0.5081,
    100: 0.3609,
    200: 0.3198,
    500: 0.2230,
    1000: 0.2113,
    2000: 0.1064,
}  # table 3: share of the words in the largest cluster
SQUARES = {
    5: 218_924,
    10: 204_173,
    20: 191_238,
    100: 155_071,
    200: 134_379,
    500: 98_158,
    1000: 63_640,
    2000: 32_948,
}  # table 3: sum of squared distances; none is given for k = 1
EPOCH_SECONDS = {"top": 36.3062, "all": 81.6395, "random": 36.1543, "rest": 79.6917}  # table 5
PARAMETERS = 2_476_097  # table 1


def data(store: ArtifactStore) -> Splits:
    """All 50,000 reviews, a tenth of them held out."""
    whole = store.data("imdb")
    train, test = whole.train, whole.test
    assert train.labels is not None
    assert test.labels is not None
    everything = replace(train, texts=train.texts + test.texts, labels=train.labels + test.labels)
    if store.quick:
        everything = everything.take(range(0, len(everything), 3))
    return split(everything, share=0.1, seed=0)


def vectors(store: ArtifactStore, corpus: Corpus) -> WordVectors:
    """word2vec of 100 numbers, trained on the reviews."""
    config = PRESETS["imdb-filters"].config

    def make() -> WordVectors:
        return train_word2vec(build_tokenizer(corpus.texts, config.text), corpus.texts, dim=100)

    return store.vectors("imdb-word2vec", make)


def model(store: ArtifactStore, seed: int = 0, *, tuned: bool = False) -> Classifier:
    """Their network, its word vectors frozen or tuned."""
    config = PRESETS["imdb-filters"].config
    epochs = store.few(config.train.epochs, 2)
    config = replace(config, train=replace(config.train, tune_vectors=tuned, epochs=epochs, seed=seed))

    def make() -> Classifier:
        corpus = data(store).train
        return fit(corpus, config, vectors=vectors(store, corpus), watch=Watch())

    return store.classifier(f"imdb-{'tuned' if tuned else 'frozen'}-{seed}", make)


def _trained(trained: Trained) -> dict[str, Any]:
    """What a training gave, and after each epoch the seconds so far and the accuracy on the rows held out in training."""
    epochs = trained.classifier.record.epochs
    seconds = np.cumsum([epoch.seconds for epoch in epochs]).tolist()
    return {**trained.to_dict(), "curve": [seconds, [epoch.validation_accuracy for epoch in epochs]]}


def _kept(
    store: ArtifactStore, name: str, make: Callable[[], list[dict[str, Any]]]
) -> dict[Any, dict[str, Any]]:
    rows: list[dict[str, Any]] = store.part(name, make)
    return {(row["kind"], row["share"]): row for row in rows}


def ablated(store: ArtifactStore, seed: int) -> dict[str, float]:
    """Table 2 of one seed: accuracies by what became of the first convolution."""

    def make() -> list[dict[str, Any]]:
        splits = data(store)
        start = vectors(store, splits.train)
        return [
            _trained(trained)
            for trained in ablate(model(store, seed), splits, vectors=start, seed=seed, watch=Watch())
        ]

    return {kind: row["accuracy"] for (kind, _), row in _kept(store, f"imdb-table2-{seed}", make).items()}


def pruned(
    store: ArtifactStore, by: str, shares: list[float], *, tuned: bool = False
) -> dict[Any, dict[str, Any]]:
    """Tables 4 and 5: what trainings on shares of the words gave, by kind and share."""

    def make() -> list[dict[str, Any]]:
        splits = data(store)
        start = vectors(store, splits.train)
        models = prune_words(model(store, tuned=tuned), splits, shares, by=by, vectors=start, watch=Watch())
        return [_trained(trained) for trained in models]

    return _kept(store, f"imdb-pruned-{by}{'-tuned' if tuned else ''}", make)


def curves(store: ArtifactStore) -> dict[str, dict[Any, dict[str, Any]]]:
    """Accuracies by the share of the words that is kept, for two importances."""
    shares = [share for share in KEPT if share < 100 and (share in (5.0, 1.0) or not store.quick)]
    few = [share for share in shares if share <= 5]
    return {"printed": pruned(store, "printed", shares), "evidence": pruned(store, "evidence", few)}
