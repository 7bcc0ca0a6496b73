"""The front door of the command line: one string for a file, a data set of the hub, or a named one."""

import os.path
from pathlib import Path

from convlens.data.building import build_texts
from convlens.data.columns import Columns
from convlens.data.corpus import STDIN, Corpus
from convlens.data.hub import read_hub
from convlens.data.named import NAMED, load, near
from convlens.data.parts import read_parts
from convlens.data.plain import lines_table
from convlens.data.reading import FORMATS, open_table
from convlens.data.splits import Splits
from convlens.errors import InputError

HUB = "hub:"


def open_data(
    spec: str,
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    labelled: bool = True,
    allow_rejects: bool = False,
) -> Corpus | Splits:
    """Open DATA: a file, `hub:NAME`, or a named data set; a file of that name wins.

    A column `split` or `fold` that says train and test in a file parts its rows.

    Named data sets have columns of their own, `columns` does not apply to them. Raises `InputError`
    for what is none of the three, and what `read_parts`, `read_hub` and `load` raise.
    """
    if spec == STDIN:
        raise InputError(
            "DATA cannot be '-': standard input has no name that tells its format, so write it to a file and give that"
        )
    if not os.path.isfile(spec):  # Path.is_file raises for names too long
        if spec.startswith(HUB):
            return read_hub(spec.removeprefix(HUB), columns, labelled=labelled, allow_rejects=allow_rejects)
        if spec in NAMED:
            return load(spec)
        if _is_bare(spec):
            raise InputError(
                f"{spec!r} is neither a file nor a data set: {near(spec)}give a file ({' '.join(FORMATS)}), "
                f"hub:NAME, or one of {', '.join(NAMED)}"
            )
    return read_parts(Path(spec), columns, labelled=labelled, allow_rejects=allow_rejects)


def open_texts(
    spec: str,
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    allow_rejects: bool = False,
) -> Corpus:
    """Open DATA for its texts: every row keeps its place, one without a text as an empty text.

    Of data with a test part that part is taken. Raises `InputError` as `open_data` does.
    """
    if os.path.isfile(spec):
        formats = FORMATS | {".txt": lines_table}
        table = open_table(Path(spec), labelled=False, formats=formats)
        return build_texts(table, columns, allow_rejects=allow_rejects)
    data = open_data(spec, columns, labelled=False, allow_rejects=allow_rejects)
    return data.test if isinstance(data, Splits) else data


def _is_bare(spec: str) -> bool:
    """Tell a word from a path."""
    return not os.path.exists(spec) and not Path(spec).suffix and Path(spec).name == spec
