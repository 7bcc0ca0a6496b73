"""Data sets of the Hugging Face hub, through its library `datasets` (extra `convlens[hub]`).

A name is written NAME, NAME:CONFIG, NAME@SPLIT or NAME:CONFIG@SPLIT, such as `stanfordnlp/imdb`,
`nyu-mll/glue:sst2` or `fancyzhx/ag_news@train[:10%]`; NAME may also be a local folder of data files.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from convlens.data.building import build, header
from convlens.data.columns import Columns, choose
from convlens.data.corpus import Corpus
from convlens.data.labels import one_line
from convlens.data.splits import Splits, align_to
from convlens.data.tables import Row, Table, missing
from convlens.errors import InputError

TEST = ("test", "validation", "valid", "dev")  # the first of these that has labels is tested on
AS_WRITTEN = {"keep_default_na": False, "na_values": [""]}
NO_LABEL = {"-1", "-1.0", "?", "-", "na", "n/a", "nan", "none", "null"}  # beside nothing at all


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
    datasets = _load(name)
    source = name.name.rstrip("/").rpartition("/")[2]
    tables = {part: _table(datasets[part], f"{source}@{part}") for part in datasets}
    made = partial(build, columns=columns, labelled=labelled, allow_rejects=allow_rejects)
    if len(tables) == 1:
        return made(*tables.values())
    if "train" not in tables:
        raise InputError(
            f"hub:{text} has no part 'train' but {', '.join(tables)}: choose one, as in hub:{text}@{min(tables)}"
        )
    train = made(tables["train"])
    parts = [part for part in TEST if part in tables]
    tested = next((part for part in parts if not labelled or _has_labels(tables[part], columns)), None)
    if tested != next(iter(parts), None):
        instead = (
            f"the part {tested!r} is tested on" if tested else "test rows are held out of the training part"
        )
        train = train.saying(f"{source}: the part {parts[0]!r} has no labels, so {instead}")
    return train if tested is None else Splits(train, align_to(train.label_names, made(tables[tested])))


def hub_splits(name: str) -> dict[str, Corpus]:
    """Every labelled part of a data set whole, by name; columns `text` and `label`, no row dropped."""
    datasets = _load(HubName(name))
    parts = {}
    for part in ("train", "validation", "test"):
        if part in datasets:
            names = tuple(datasets[part].features["label"].names)
            parts[part] = Corpus(tuple(datasets[part]["text"]), tuple(datasets[part]["label"]), names, name)
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
            dataset = load_dataset(name.name, name.config, split=name.part)
            if _is_csv(dataset):  # "NA" and "null" are texts, as where the file is read by itself
                with suppress(
                    DatasetsError, OSError, ValueError, RuntimeError
                ):  # unless numbers are missing so
                    dataset = load_dataset(name.name, name.config, split=name.part, **AS_WRITTEN)
    except (DatasetsError, OSError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())[:300]
        raise InputError(
            f"cannot load {name.name!r} from the hub: {said}; check its name, configuration and split, and the network"
        ) from None
    return {name.part or "train": dataset} if isinstance(dataset, Dataset) else dict(dataset)


def _is_csv(data: Any) -> bool:
    part = data if hasattr(data, "info") else next(iter(data.values()))
    return bool(part.info.builder_name == "csv")


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
    classes = {
        name: tuple(map(one_line, f.names)) for name, f in data.features.items() if hasattr(f, "names")
    }

    def rows(text: int, label: int | None) -> Iterator[Row]:
        texts = list(data[names[text]])
        labels = [None] * len(texts) if label is None else list(data[names[label]])
        for number, (content, name) in enumerate(zip(texts, labels, strict=True), 1):
            yield Row(number, content, name, (content, name))

    return Table(source, names, rows, classes)


def _has_labels(table: Table, columns: Columns) -> bool:
    """Tell whether a part has labels that are not all -1 or stand for none, as those of contests are."""
    try:
        label = choose(header(table), columns, labelled=True).label
    except InputError:
        return True  # reading the part will say what is wrong
    if label is None:
        return True
    return any(_is_label(row.label) for row in table.pull(label, label) if isinstance(row, Row))


def _is_label(value: object) -> bool:
    return not missing(value) and one_line(str(value)).lower() not in NO_LABEL
