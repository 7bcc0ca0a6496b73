"""What cards need of a corpus: its words, their slot table, the trace, and the thresholds that follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convlens.filters.purity import Purities, purities
from convlens.models import TextCNN
from convlens.text import Tokenizer
from convlens.trace import (
    CorpusTrace,
    Documents,
    Floats,
    choose,
    filter_biases,
    filter_column,
    joined,
    trace_by_torch,
)

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


@dataclass(frozen=True, eq=False)
class Seen:
    """A corpus as a model sees it."""

    model: TextCNN
    tokenizer: Tokenizer
    texts: Sequence[str]
    documents: Documents
    table: "SlotTable | None"
    found: Purities

    @property
    def biases(self) -> list[float]:
        """Of every filter."""
        return filter_biases(self.model).tolist()

    def column(self, number: int) -> Floats:
        """What every word gives every slot of a filter: (V, n)."""
        return filter_column(self.model, number, self.table)


def see(
    model: TextCNN,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    purity: float,
    *,
    backend: str = "auto",
    traced: CorpusTrace | None = None,
) -> Seen:
    """Tokenise and trace texts, by a table of the whole vocabulary or by torch, and find the thresholds.

    Of texts that are `traced` already, only the table is made.
    """
    model.eval()
    documents = joined(tokenizer.ids(texts)) if traced is None else traced.documents
    table = None
    if choose(model, len(documents.ids), backend) == "table":
        from convlens.trace.table import SlotTable

        table = SlotTable(model)
    if traced is None:
        traced = trace_by_torch(model, documents) if table is None else table.trace(documents)
    return Seen(model, tokenizer, texts, documents, table, purities(model, traced, purity))
