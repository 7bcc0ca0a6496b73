"""Lists and frames as corpora."""

from collections.abc import Iterable, Iterator, Sequence

from convlens.arguments import checked
from convlens.data.building import build
from convlens.data.columnar import frame_table
from convlens.data.columns import Columns
from convlens.data.corpus import Corpus
from convlens.data.labels import label_name, label_set, one_line
from convlens.data.tables import Row, Table
from convlens.errors import InputError


@checked
def from_lists(
    texts: Iterable[object],
    labels: Iterable[object] | None = None,
    label_names: Sequence[str] | None = None,
    source: str = "lists",
    separator: str | None = None,
) -> Corpus:
    """Make a corpus of texts and, if given, a label for each, or with a `separator` a list of labels or a string of them.

    Labels are names or, with `label_names`, also indices into them. Rows without text or label are kept
    in `rejected`. Raises `InputError` for lists of different length and labels that `label_names` lacks.
    """
    contents, values = list(texts), None if labels is None else list(labels)
    if values is not None and len(values) != len(contents):
        raise InputError(
            f"{len(contents):,} texts came with {len(values):,} labels: give one label for each text"
        )
    if not contents:
        raise InputError(f"{source}: the list of texts is empty: give at least one text")
    classes = None if label_names is None else tuple(one_line(str(name)) for name in label_names)
    columns = Columns(separator=separator)
    _check_labels(values, classes, columns)

    def rows(text: int, label: int | None) -> Iterator[Row]:
        for i, content in enumerate(contents):
            name = None if values is None else values[i]
            yield Row(i + 1, content, name, (content, name))

    names = ("text",) if values is None else ("text", "label")
    table = Table(source, names, rows, {} if classes is None else {"label": classes})
    return build(table, columns, labelled=values is not None, allow_rejects=False)


@checked
def from_frame(
    frame: object,
    columns: Columns = Columns(),  # noqa: B008 (frozen)
    *,
    labelled: bool = True,
    allow_rejects: bool = False,
    source: str = "frame",
) -> Corpus:
    """Make a corpus of two columns of a Polars or pandas frame, under the rules of `read`."""
    return build(frame_table(frame, source), columns, labelled=labelled, allow_rejects=allow_rejects)


def _check_labels(labels: list[object] | None, classes: tuple[str, ...] | None, columns: Columns) -> None:
    for row, label in enumerate(labels or [], 1):
        try:
            if columns.separator is None:
                label_name(label, classes)
            else:
                label_set(label, classes, columns.separator)
        except TypeError as error:
            raise InputError(f"text {row}: {error}") from None
