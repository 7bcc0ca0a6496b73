"""How commands read texts and corpora."""

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path

from convlens.cli.console import tell
from convlens.data import (
    STDIN,
    Columns,
    Corpus,
    Splits,
    align_labels,
    align_to,
    check_trainable,
    open_data,
    open_texts,
    split,
    write_rejects,
)
from convlens.errors import InputError
from convlens.models import Classifier

TEST_SHARE = 0.1  # held out for testing where data has no test rows of its own


def read_data(
    spec: str,
    columns: Columns,
    *,
    labelled: bool = True,
    rejects: Path | None = None,
    allow_rejects: bool = False,
) -> Corpus | Splits:
    """Open DATA, tell what was assumed and set aside, and write the rows set aside."""
    data = open_data(spec, columns, labelled=labelled, allow_rejects=allow_rejects)
    parts = [data.train, data.test] if isinstance(data, Splits) else [data]
    for part in parts:
        tell(part)
    if rejects is not None:
        write_rejects(parts, rejects)
    return data


def read_test(spec: str, columns: Columns, *, labelled: bool = True, allow_rejects: bool = False) -> Corpus:
    """Open DATA for testing: the test part where it has one."""
    data = read_data(spec, columns, labelled=labelled, allow_rejects=allow_rejects)
    return data.test if isinstance(data, Splits) else data


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


def read_parts(
    classifier: Classifier, spec: str, test: str | None, columns: Columns, *, allow_rejects: bool
) -> Splits:
    """The rows that `convlens fit` trained the model on and tested it on, where DATA and --test are those of the fit."""
    opened = read_data(spec, columns, allow_rejects=allow_rejects)
    tested = None if test is None else read_test(test, columns, allow_rejects=allow_rejects)
    seed = classifier.record.settings.get("train", {}).get("seed", 0)
    found = splits_of(opened, tested, share=TEST_SHARE, seed=seed)
    return Splits(align_to(classifier.labels, found.train), align_to(classifier.labels, found.test))


def read_texts(
    texts: Sequence[str] | None, file: Path | None, text_column: str | None, *, allow_rejects: bool
) -> Corpus:
    """Texts from the command line, a file, or the lines of a pipe; those of a file have their lines."""
    if texts and file:
        raise InputError("both TEXT and --file were given: give one of them")
    if file is not None and str(file) != STDIN:
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
