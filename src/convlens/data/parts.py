"""Files with a column `split` or `fold` that tells which rows are for training and which for testing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from convlens.data.building import build, header
from convlens.data.columns import Columns, choose, show
from convlens.data.corpus import Corpus
from convlens.data.reading import open_table
from convlens.data.splits import Splits
from convlens.data.tables import Row
from convlens.shown import clipped

TRAIN, TEST, VALIDATION = "train", "test", "validation"
PARTS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("test", "testing"), TEST),
    **dict.fromkeys(("validation", "valid", "dev", "val"), VALIDATION),
}
SHOWN = 3  # values in a notice


def read_parts(path: Path, columns: Columns, *, labelled: bool, allow_rejects: bool) -> Corpus | Splits:
    """Read a file as `read` does, in the parts that a column `split` or `fold` names; whole where none does.

    Validation rows are the test rows where there are no others, else they are trained on: training holds out its own.
    A notice says what became of the column.
    """
    table = open_table(path, labelled=labelled)
    corpus = build(table, columns, labelled=labelled, allow_rejects=allow_rejects)
    choice = choose(header(table), columns, labelled=labelled)
    chosen = None
    for index in choice.parts:
        rows = (row for row in table.pull(index, choice.label) if isinstance(row, Row))
        values = {row.line: str(row.text or "").strip() for row in rows}
        parts = {line: PARTS.get(value.lower(), "") for line, value in values.items()}
        kinds = {parts.get(line, "") for line in corpus.lines}
        if chosen is None and TRAIN in kinds and len(kinds) > 1 and "" not in kinds:
            chosen = show(table.names[index]), parts
        else:
            corpus = corpus.saying(_unused(corpus, show(table.names[index]), values))
    return corpus if chosen is None else _splits(corpus, *chosen)


def _unused(corpus: Corpus, name: str, values: Mapping[int, str]) -> str:
    distinct = list(dict.fromkeys(values.get(line, "") for line in corpus.lines))
    listed = ", ".join(repr(clipped(value, 20)) for value in distinct[:SHOWN])
    more = ", ..." if len(distinct) > SHOWN else ""
    return (
        f"{corpus.source}: not using column {name}, which holds {listed}{more}: "
        "only train and test (or validation) in all rows would keep rows for testing"
    )


def _splits(corpus: Corpus, name: str, parts: Mapping[int, str]) -> Splits:
    """The rows of a corpus by the part of each line; rows set aside go with their part."""
    kinds = [parts[line] for line in corpus.lines]
    tested = TEST if TEST in kinds else VALIDATION
    test = [row for row, kind in enumerate(kinds) if kind == tested]
    train = [row for row, kind in enumerate(kinds) if kind != tested]
    said = (
        f"{corpus.source}: column {name} parts the rows: {len(train):,} to train on, {len(test):,} to test on"
    )
    if tested == VALIDATION:
        said += ", which are those of validation"
    elif VALIDATION in kinds:
        said += (
            f"; validation rows ({kinds.count(VALIDATION):,}) are trained on too, as fit holds out its own"
        )
    aside = [one for one in corpus.rejected if parts.get(one.line) == tested]
    others = tuple(one for one in corpus.rejected if parts.get(one.line) != tested)
    return Splits(
        replace(
            corpus.take(train),
            source=f"{corpus.source}@train",
            rejected=others,
            notices=(*corpus.notices, said),
        ),
        replace(corpus.take(test), source=f"{corpus.source}@{tested}", rejected=tuple(aside)),
    )
