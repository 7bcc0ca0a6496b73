"""The front door of the command line: one string for a file, a data set of the hub, or a named one."""

import os.path
from pathlib import Path

from convlens.data.columns import Columns
from convlens.data.corpus import Corpus
from convlens.data.hub import read_hub
from convlens.data.named import NAMED, load, near
from convlens.data.reading import FORMATS, read
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

    Named data sets have columns of their own, `columns` does not apply to them. Raises `InputError`
    for what is none of the three, and what `read`, `read_hub` and `load` raise.
    """
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
    return read(spec, columns, labelled=labelled, allow_rejects=allow_rejects)


def _is_bare(spec: str) -> bool:
    """Tell a word from a path."""
    return not os.path.exists(spec) and not Path(spec).suffix and Path(spec).name == spec
