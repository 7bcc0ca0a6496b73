"""Data sets of the Hugging Face hub, through its library `datasets` (extra `convlens[hub]`).

A name is written NAME, NAME:CONFIG, NAME@SPLIT or NAME:CONFIG@SPLIT, such as `stanfordnlp/imdb`,
`nyu-mll/glue:sst2` or `fancyzhx/ag_news@train[:10%]`; NAME may also be a local folder of data files.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from convlens.data.building import build
from convlens.data.columns import Columns
from convlens.data.corpus import Corpus
from convlens.data.splits import Splits, align_to
from convlens.data.tables import Row, Table
from convlens.errors import InputError

TEST = ("test", "validation", "valid", "dev")  # the first of these that has labels is tested on


@dataclass(frozen=True, slots=True)
class HubName:
    """The parts of a name; None where it leaves one out."""

    name: str
    config: str | None = None
    part: str | None = None


def parse(text: str) -> HubName:
    """Take NAME[:CONFIG][@SPLIT] apart; raise `InputError` where it is none."""
    match = re.fullmatch(r"([^@]+?)(?::([^:@/\\]+))?(?:@([^@]+))?", text.strip())
    if match is None:
        raise InputError(
            f"hub:{text} is no name of a data set: expected hub:NAME, hub:NAME:CONFIG or hub:NAME@SPLIT"
        )
    return HubName(*match.groups())


def read_hub(
    text: str,
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    labelled: bool = True,
    allow_rejects: bool = False,
) -> Corpus | Splits:
    """Read a data set: the split that the name gives, else its training and test parts, or its only part.

    A validation part is tested on where the test part has no labels. Raises `InputError` without the
    library, for unknown names and without a training part.
    """
    name = parse(text)
    found = _load(name)
    source = name.name.rstrip("/").rpartition("/")[2]
    tables = {part: _table(found[part], f"{source}@{part}") for part in found}
    made = partial(build, columns=columns, labelled=labelled, allow_rejects=allow_rejects)
    if len(tables) == 1:
        return made(*tables.values())
    if "train" not in tables:
        raise InputError(
            f"hub:{text} has no part 'train' but {', '.join(tables)}: choose one, as in hub:{text}@{min(tables)}"
        )
    train = made(tables["train"])
    test = next(
        (t for t in (tables[p] for p in TEST if p in tables) if not labelled or _has_labels(t, columns)), None
    )
    return train if test is None else Splits(train, align_to(train.label_names, made(test)))


def hub_splits(name: str) -> dict[str, Corpus]:
    """Every labelled part of a data set whole, by name; columns `text` and `label`, no row dropped."""
    found = _load(HubName(name))
    parts = {}
    for part in ("train", "validation", "test"):
        if part in found:
            names = tuple(found[part].features["label"].names)
            parts[part] = Corpus(tuple(found[part]["text"]), tuple(found[part]["label"]), names, name)
    return parts


def _load(name: HubName) -> Mapping[str, Any]:
    """The parts of a data set by name, as the library gives them."""
    try:
        from datasets import Dataset, load_dataset
        from datasets.exceptions import DatasetsError
    except ImportError:
        raise InputError(
            f'data set {name.name!r} is read with the library datasets, which is not installed: pip install "convlens[hub]"'
        ) from None
    try:
        with _without_retries_told():
            found = load_dataset(name.name, name.config, split=name.part)
    except (DatasetsError, OSError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(
            f"cannot load {name.name!r} from the hub: {said}; check its name, configuration and split, and the network"
        ) from None
    return {name.part or "train": found} if isinstance(found, Dataset) else dict(found)


@contextmanager
def _without_retries_told() -> Iterator[None]:
    """Keep the library's warnings of every attempt off stderr: what came of them is said once."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _table(data: Any, source: str) -> Table:
    names = tuple(data.column_names)
    classes = {name: tuple(f.names) for name, f in data.features.items() if hasattr(f, "names")}

    def rows(text: int, label: int | None) -> Iterator[Row]:
        texts = list(data[names[text]])
        labels = [None] * len(texts) if label is None else list(data[names[label]])
        for number, (content, name) in enumerate(zip(texts, labels, strict=True), 1):
            yield Row(number, content, name, (content, name))

    return Table(source, names, rows, classes)


def _has_labels(table: Table, columns: Columns) -> bool:
    """Tell whether a part has labels that are not all -1 or missing, as those of contests are."""
    name = columns.label or "label"
    if name not in table.names:
        return True  # choosing the columns will find or refuse it
    label = table.names.index(name)
    return any(row.label not in (None, -1) for row in table.pull(label, label) if isinstance(row, Row))
