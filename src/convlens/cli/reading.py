"""How commands read texts and corpora."""

import codecs
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from convlens.cli.console import notices_of, say, tell
from convlens.data import (
    STDIN,
    Columns,
    Corpus,
    Splits,
    align_labels,
    align_to,
    check_trainable,
    split,
)
from convlens.errors import InputError
from convlens.models import Classifier, Measured, check_one_label, measured_rows

TEST_SHARE = 0.1  # held out for testing where data has no test rows of its own


def read_data(
    spec: str,
    columns: Columns,
    *,
    labelled: bool = True,
    allow_rejects: bool = False,
) -> Corpus | Splits:
    """Open DATA, and tell what was assumed and set aside."""
    from convlens.data import open_data  # here, as texts of the command line need no reader

    data = open_data(spec, columns, labelled=labelled, allow_rejects=allow_rejects)
    parts = [data.train, data.test] if isinstance(data, Splits) else [data]
    for part in parts:
        tell(part)
    return data


def read_test(spec: str, columns: Columns, *, labelled: bool = True, allow_rejects: bool = False) -> Corpus:
    """Open DATA for testing: the test part where it has one."""
    return _test_part(read_data(spec, columns, labelled=labelled, allow_rejects=allow_rejects))


def read_train(spec: str, columns: Columns, *, labelled: bool = True, allow_rejects: bool = False) -> Corpus:
    """Open DATA for what a model has learned: the training part where it has one."""
    data = read_data(spec, columns, labelled=labelled, allow_rejects=allow_rejects)
    return data.train if isinstance(data, Splits) else data


def splits_of(data: Corpus | Splits, test: Corpus | None, *, share: float, seed: int) -> Splits:
    """Training and test rows: given, the data set's own, or a share held out."""
    if isinstance(data, Splits):
        return data if test is None else Splits(data.train, align_labels(data.train, test))
    check_trainable(data)
    return split(data, share=share, seed=seed) if test is None else Splits(data, align_labels(data, test))


@dataclass(frozen=True)
class Reading:
    """How commands that measure read DATA: `whole` measures rows that the model was trained on too.

    Of a model of several labels at once `of_label` is the one that is asked about: the rows have it or have it not. With `sets` all
    labels of a text are.
    """

    columns: Columns
    labelled: bool = True
    allow_rejects: bool = False
    whole: bool = False
    of_label: str | None = None
    sets: bool = False

    def decision(self, classifier: Classifier) -> Classifier:
        """The classifier, or that of the one label: what gives one decision a text."""
        if self.of_label is not None:
            return classifier.of_label(self.of_label)
        if not self.sets:
            check_one_label(classifier)
        return classifier

    def open(self, classifier: Classifier, spec: str) -> Corpus | Splits:
        """DATA, with sets of labels for a model of several labels."""
        from convlens.data import open_data

        columns = replace(self.columns, separator=classifier.label_separator)
        return open_data(spec, columns, labelled=self.labelled, allow_rejects=self.allow_rejects)

    def _rows(self, classifier: Classifier, corpus: Corpus) -> Measured:
        """The rows to measure on: divided as the fit's, then of the one label."""
        rows = measured_rows(classifier, align_to(classifier.labels, corpus), whole=self.whole)
        if self.of_label is None:
            return rows
        return replace(
            rows, corpus=rows.corpus.of_label(self.of_label), trained=rows.trained.of_label(self.of_label)
        )

    def measured(self, classifier: Classifier, spec: str) -> Measured:
        """The rows of DATA that the model was not trained on, of the test part where it has one. `say_rows` tells of the others."""
        self.decision(classifier)
        data = self.open(classifier, spec)
        rows = self._rows(classifier, _test_part(data))
        notices = _notices(data)
        if (
            classifier.trained_on is None
            and classifier.record.data
            and not (len(rows.trained) or isinstance(data, Splits))
        ):
            notices.append(
                f"{data.source}: the model is of an older ConvLens, which kept no fingerprints: rows it was trained on are not known"
            )
        return replace(rows, notices=tuple(notices))

    def fit_data(self, classifier: Classifier, spec: str, test: str | None) -> "FitData":
        """The rows of DATA that the model was trained on, and the others, or those of --test, to test it on.

        Where both are those of `convlens fit`, so are the rows.
        """
        self.decision(classifier)
        data = self.open(classifier, spec)
        parts = [data.train, data.test] if isinstance(data, Splits) else [data]
        tested = parts[1:] if test is None else [_test_part(self.open(classifier, test))]
        train, *others = (self._rows(classifier, part) for part in (parts[0], *tested))
        rows = others[0] if others else _by_default(classifier, train)
        rows = replace(rows, notices=tuple(_notices(*parts[:1], *tested)))
        if classifier.trained_on is None and others and not len(train.trained):
            train = replace(train, trained=train.corpus)
        texts = [text for part in (parts[0], *(one.corpus for one in others)) for text in part.texts]
        return FitData(Splits(train.trained if others else rows.trained, rows.corpus), rows, texts)


@dataclass(frozen=True)
class FitData:
    """What a model was trained on and what it is tested on; `texts` are all of both, each row once."""

    splits: Splits
    measured: Measured
    texts: Sequence[str]

    def check_train(self) -> "FitData":
        """Refuse data of which the model was trained on no row."""
        if not len(self.splits.train):
            raise InputError(
                f"the model was trained on none of the rows of DATA, and this needs those that it was trained on: give the data "
                f"of the fit as DATA, and {self.measured.corpus.source} with --test"
            )
        return self


def _by_default(classifier: Classifier, rows: Measured) -> Measured:
    """Of a model that keeps no fingerprints, and whose record does not fit the data: the share that `fit` holds out by default."""
    if classifier.trained_on is not None or len(rows.trained):
        return rows
    seed = classifier.record.settings.get("train", {}).get("seed", 0)
    parts = split(rows.corpus, share=TEST_SHARE, seed=seed)
    return replace(rows, corpus=parts.test, trained=parts.train, guess=True)


def _test_part(data: Corpus | Splits) -> Corpus:
    return data.test if isinstance(data, Splits) else data


def say_rows(rows: Measured) -> None:
    """First what nobody may miss, then what reading assumed and set aside, and which rows are measured."""
    for sentence in (rows.warning, *rows.notices, rows.account, "" if rows.warning else rows.caution):
        if sentence:
            say(sentence)


def _notices(*data: Corpus | Splits) -> list[str]:
    """What reading assumed and set aside."""
    corpora = [
        part for one in data for part in ((one.train, one.test) if isinstance(one, Splits) else (one,))
    ]
    return [notice for corpus in corpora for notice in notices_of(corpus)]


def read_texts(
    texts: Sequence[str] | None, file: Path | None, text_column: str | None, *, allow_rejects: bool
) -> Corpus:
    """Texts from the command line, a file, or the lines of a pipe; those of a file have their lines."""
    if texts and file:
        raise InputError("both TEXT and --file were given: give one of them")
    if file is not None and str(file) != STDIN:
        from convlens.data import open_texts

        corpus = open_texts(str(file), Columns(text=text_column), allow_rejects=allow_rejects)
        tell(corpus)
        return corpus
    if texts and STDIN in texts and len(texts) > 1:
        raise InputError("'-' means standard input and stands alone: give it without other texts")
    if texts and texts[0] != STDIN:
        return Corpus(tuple(texts))
    return Corpus(tuple(_piped_lines(waiting=file is not None or bool(texts))))


def _piped_lines(*, waiting: bool) -> list[str]:
    """The lines of standard input, cut at "\\n" and "\\r\\n" alone; a terminal is read only where `waiting`."""
    if sys.stdin is None or (sys.stdin.isatty() and not waiting):
        raise InputError("no text came: give TEXT, --file FILE, or pipe lines in")
    content = sys.stdin.buffer.read().removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    if not content:
        raise InputError("no text came: standard input is empty, give TEXT or --file FILE")
    return [line.removesuffix("\r") for line in content.removesuffix("\n").split("\n")]
