"""Which rows a model is measured on: by default those that it was not trained on, and an account of it in words."""

from dataclasses import dataclass
from typing import Any

from convlens.data import Corpus, Splits, divide, fingerprints, split
from convlens.errors import InputError
from convlens.models.classifier import Classifier
from convlens.models.history import TrainingHistory


@dataclass(frozen=True)
class Measured:
    """Rows to measure a model on.

    `trained` are the rows of the data that it was trained on: set aside, or among `corpus` where `whole`. `twins` counts
    the other rows of `corpus` with the text of a training row, as the test rows of a fit may have. `guess`: an older
    model, whose training rows are taken to be those that its record of seed and counts leads to. `notices` are of reading.
    """

    corpus: Corpus
    trained: Corpus
    whole: bool
    twins: int
    guess: bool
    notices: tuple[str, ...] = ()

    @property
    def remembered(self) -> int:
        """Rows measured that the model was trained on."""
        return len(self.trained) if self.whole else 0

    @property
    def warning(self) -> str:
        """What must come before everything else: nothing here is new to the model."""
        if not len(self.corpus) or self.remembered + self.twins < len(self.corpus):
            return ""
        return (
            f"ALL {len(self.corpus):,} ROWS OF {self.corpus.source} ARE ROWS THAT THE MODEL WAS TRAINED ON: what is measured on them "
            f"tells how well it remembers, not how well it does on new texts; give texts that it has not seen{self._guessed}"
        )

    @property
    def caution(self) -> str:
        """The warning, or how many of the rows measured the model was trained on; empty where it was on none."""
        rows, source = f"of {len(self.corpus):,} documents", self.corpus.source
        if self.warning:
            return self.warning
        if self.remembered:
            return (
                f"{source}: {self.remembered:,} {rows} are rows that the model was trained on{self._guessed}"
            )
        return f"{source}: {self.twins:,} {rows} have the text of a training row too" if self.twins else ""

    @property
    def account(self) -> str:
        """How many rows were set aside; empty where none were."""
        if self.whole or not len(self.trained):
            return ""
        return (
            f"{self.corpus.source}: {len(self.corpus):,} documents that the model was not trained on; "
            f"{len(self.trained):,} training rows set aside{self._guessed}"
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "source": self.corpus.source,
            "rows": len(self.corpus),
            "trained_on": self.remembered + self.twins,
            "set_aside": 0 if self.whole else len(self.trained),
            "guess": self.guess,
            "warning": self.warning or None,
        }

    @property
    def _guessed(self) -> str:
        if not self.guess:
            return ""
        return (
            " (a guess: this model is of an older ConvLens, which kept no fingerprints of its training rows)"
        )


def measured_rows(classifier: Classifier, corpus: Corpus, *, whole: bool = False) -> Measured:
    """The rows of a corpus that the model was not trained on; all of them where it was on all, or `whole`."""
    known, guess = classifier.trained_on, classifier.trained_on is None
    parts = (
        _guess(classifier.record, corpus)
        if known is None
        else divide(corpus, known, classifier.record.held_out)
    )
    if not len(parts.train):
        parts = Splits(parts.train, corpus)  # with its notices
    whole = len(parts.train) > 0 and (whole or not len(parts.test))
    twins = 0 if known is None else int(known.has(fingerprints(parts.test.texts)).sum())
    return Measured(
        corpus if whole else parts.test, parts.train, whole, twins, guess=guess and len(parts.train) > 0
    )


def unseen(classifier: Classifier, corpus: Corpus) -> Corpus:
    """The rows of a corpus that the model was not trained on, with a notice of how many were left out.

    The corpus of the fit's own test rows comes back whole, and so does any corpus for a model from elsewhere, whose training
    rows nobody knows. Where the model was trained on all rows, none are left.
    """
    rows = measured_rows(classifier, corpus)
    if rows.whole:
        return corpus.take(()).saying(rows.warning)
    return rows.corpus.saying(*filter(None, (rows.caution, rows.account)))


def _guess(record: TrainingHistory, corpus: Corpus) -> Splits:
    """The rows of an older model's fit, where name and counts are those of the corpus."""
    train, test = record.rows.get("train", 0) + record.rows.get("validation", 0), record.rows.get("test", 0)
    if train and corpus.source == record.data and len(corpus) == train:
        return Splits(corpus, corpus.take(()))
    if train and test and corpus.source == record.data and len(corpus) == train + test and corpus.labels:
        seed = record.settings.get("train", {}).get("seed", 0)
        try:
            return split(corpus, (test - 0.5) / len(corpus), seed)
        except InputError:  # not a split of ours
            pass
    return Splits(corpus.take(()), corpus)
