"""From a classifier and a corpus to what the page shows."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from convlens.data import Corpus
from convlens.errors import InputError
from convlens.explain import find_method
from convlens.filters import filter_table
from convlens.models import Classifier, TextCNN, count, family_of
from convlens.report.data import ClassWords, Document, FilterRow, Head, ReportData, Scores
from convlens.report.documents import show, split_texts
from convlens.report.facts import data_facts, model_facts, notes, title
from convlens.report.totals import Totals
from convlens.trace import CorpusTrace, head_biases, trace_texts
from convlens.version import VERSION

TOP = 25  # words shown for a class, and against it


def collect(
    classifier: Classifier, corpus: Corpus, *, documents: int = 1000, today: date | None = None
) -> ReportData:
    """Metrics and filters over the whole corpus, words over at most `documents`, spread evenly over it.

    The numbers in `corpus.labels` must be those of the classifier's labels (`align_to`).
    """
    if corpus.labels is not None and corpus.label_names != classifier.labels:
        raise InputError(
            f"the data have the labels {', '.join(corpus.label_names)}, "
            f"the model {', '.join(classifier.labels)}: align the data to the model first"
        )
    logits, filters, head = _network(classifier, corpus.texts)
    chosen = spread(len(corpus), documents)
    rows, words = _documents(classifier, corpus, chosen)
    labels = classifier.labels
    return ReportData(
        title=title(corpus),
        date=(today or date.today()).isoformat(),
        version=VERSION,
        labels=labels,
        model=model_facts(classifier),
        data=data_facts(corpus, labels, len(rows)),
        notes=notes(classifier, corpus),
        total=len(corpus),
        metrics=count(corpus.labels, logits.argmax(1), labels) if corpus.labels else None,
        documents=rows,
        words=words,
        filters=filters,
        head=head,
        exact=find_method(family_of(classifier.model).method).sums == "exact",
    )


def spread(rows: int, most: int) -> list[int]:
    """At most `most` of `rows` places, at equal distances."""
    if most < 1:
        raise InputError(f"documents must be at least 1, got {most}")
    return list(range(rows)) if rows <= most else [i * rows // most for i in range(most)]


def _documents(
    classifier: Classifier, corpus: Corpus, chosen: Sequence[int]
) -> tuple[tuple[Document, ...], tuple[ClassWords, ...]]:
    """The chosen documents, and the strongest words over all of them."""
    found: list[Document] = []
    totals = Totals(len(classifier.labels))
    lower, model = classifier.tokenizer.config.lower, classifier.model
    widths = model.config.widths if isinstance(model, TextCNN) else ()
    splits = split_texts(classifier, [corpus.texts[i] for i in chosen])
    for row, split in zip(chosen, splits, strict=True):
        truth = None if corpus.labels is None else corpus.labels[row]
        found.append(show(split, number=row + 1, truth=truth, widths=widths))
        words = split.tokens.words
        totals.add([word.lower() for word in words] if lower else words, split.scores)
    strongest = tuple(totals.strongest(label, TOP) for label in range(len(classifier.labels)))
    return tuple(found), strongest


def _network(classifier: Classifier, texts: Sequence[str]) -> tuple[Scores, tuple[FilterRow, ...], Head]:
    """Logits of all texts, and the filters and the head of a one-layer model; a deep one shows none."""
    model = classifier.model
    if isinstance(model, TextCNN):
        traced = trace_texts(classifier, texts)
        return traced.logits, _filters(classifier, texts, traced), _head(model)
    return classifier.logits(texts), (), Head(np.zeros((0, model.classes)), np.zeros(model.classes))


def _filters(classifier: Classifier, texts: Sequence[str], traced: CorpusTrace) -> tuple[FilterRow, ...]:
    rows = filter_table(classifier, texts, traced=traced).iter_rows(named=True)
    return tuple(
        FilterRow(
            number=row["filter"],
            region=row["region"],
            label=row["class"],
            mean=row["mean"],
            active=row["active"],
            ngrams=tuple((ngram["text"][:200], ngram["activation"]) for ngram in row["ngrams"]),
        )
        for row in rows
    )


def _head(model: TextCNN) -> Head:
    return Head(model.head.weight.detach().T.cpu().numpy(), np.asarray(head_biases(model).cpu().numpy()))
