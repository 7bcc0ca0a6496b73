"""How commands read texts and corpora."""

import sys
from collections.abc import Sequence
from pathlib import Path

from convlens.cli.console import tell
from convlens.data import Columns, Corpus, Splits, open_data, write_rejects
from convlens.errors import InputError


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


def read_texts(
    texts: Sequence[str] | None, file: Path | None, text_column: str | None, *, allow_rejects: bool
) -> Sequence[str]:
    """Texts from the command line, a file, or the lines of a pipe."""
    if texts and file:
        raise InputError("both TEXT and --file were given: give one of them")
    if texts:
        return texts
    if file is not None:
        columns = Columns(text=text_column)
        return read_test(str(file), columns, labelled=False, allow_rejects=allow_rejects).texts
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError("no text came: give TEXT, --file FILE, or pipe lines in")
    lines = sys.stdin.buffer.read().decode("utf-8", "replace").splitlines()
    if not lines:
        raise InputError("no text came: standard input is empty, give TEXT or --file FILE")
    return lines
