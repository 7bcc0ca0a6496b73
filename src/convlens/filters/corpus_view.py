"""What cards need of a corpus: its words, their slot table, the trace, and the thresholds that follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from convlens.arrays import Floats, evenly
from convlens.filters.config import CardConfig
from convlens.filters.thresholds import FilterClasses, Purities, filter_classes, purities
from convlens.models import Classifier, TextCNN, one_layer
from convlens.text import Documents, Tokenizer
from convlens.trace import Trace, choose, filter_column, trace

if TYPE_CHECKING:
    from convlens.trace.table import SlotTable


@dataclass(frozen=True, eq=False)
class CorpusView:
    """A corpus as a model sees it: the `purities` of all of its `words`, and `documents` and `texts` to take n-grams from."""

    model: TextCNN
    tokenizer: Tokenizer
    texts: Sequence[str]
    documents: Documents
    table: "SlotTable | None"
    purities: Purities
    words: int

    @cached_property
    def biases(self) -> list[float]:
        """Of every filter."""
        return self.model.filter_biases.tolist()

    @cached_property
    def classes(self) -> FilterClasses:
        """`filter_classes` of the model: once for all cards, as it looks at every weight of the head."""
        return filter_classes(self.model)

    def column(self, number: int) -> Floats:
        """What every word gives every slot of a filter: (V, n)."""
        return filter_column(self.model, number, self.table)


def view_corpus(
    classifier: Classifier,
    texts: Sequence[str],
    config: CardConfig,
    *,
    backend: str = "auto",
    traced: Trace | None = None,
) -> CorpusView:
    """Tokenise and trace texts, by a table of the whole vocabulary, by NumPy or by torch, and find the thresholds.

    Of texts that are `traced` already, only the table is made. N-grams are for documents of `config.words` words only.
    """
    model, tokenizer = one_layer(classifier.model, "a card of a filter").eval(), classifier.tokenizer
    documents = tokenizer.documents(texts) if traced is None else traced.documents.without_padding
    table, chosen = None, choose(model, len(documents.ids), backend)
    if chosen == "table":
        from convlens.trace.table import SlotTable

        table = SlotTable(model)
    if traced is None:
        traced = trace(model, documents, backend=chosen) if table is None else table.trace(documents)
    of_filters, words = (
        purities(model, traced, config.purity, multilabel=classifier.multilabel),
        len(documents.ids),
    )
    if config.words is not None and words > config.words:
        most = -(-len(texts) * config.words // words)
        rows = evenly(len(texts), most)
        texts, documents = [texts[i] for i in rows], Documents.of([documents[i] for i in rows])
    return CorpusView(model, tokenizer, texts, documents, table, of_filters, words)
