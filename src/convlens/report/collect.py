"""From a classifier and a corpus to what the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from convlens.arrays import Floats, evenly
from convlens.data import Corpus
from convlens.errors import InputError
from convlens.evaluate import Evaluation
from convlens.explain import VarianceCut, choose_cut, variance_sweep
from convlens.filters import CardConfig, FilterCards, filter_cards
from convlens.models import Classifier, TextCNN, check_one_label, count
from convlens.report.data import ClassWords, Head, Points, ReportData
from convlens.report.documents import Attributions, score_all, show_all
from convlens.report.facts import data_facts, model_facts, notes, title
from convlens.report.methods import left_out, shown_methods
from convlens.report.projections import project_documents, word_map
from convlens.report.words import Totals, important_words
from convlens.shown import clipped
from convlens.text import ManyTokens
from convlens.trace import Trace, trace_texts
from convlens.version import VERSION

TOP = 25  # words shown for a class, and against it
CARDS = CardConfig(negatives=3, words=2**20)  # more words take minutes and show much the same
POINTS = 400  # documents drawn for every filter
SCORES = 10_000_000  # words times classes of the documents shown: about 15 MB of a page
HEAD = 16  # words that take as much of a page as what stands there once for each class of a document: logit, sum, step
SAMPLED = 200  # documents whose words tell how many fit
FAIR = 10  # at least one in so many documents of a page is one that the model has right, where there are any
FEWEST = 20  # documents shown however many classes there are


def collect(
    classifier: Classifier,
    corpus: Corpus,
    *,
    documents: int = 1000,
    evaluation: Evaluation | None = None,
    today: date | None = None,
) -> ReportData:
    """Metrics, filters and cuts over the whole corpus, words over at most `documents`, spread evenly over it.

    So many documents are shown, all errors among them as far as there is room; fewer where their scores for all classes
    would fill the page (`SCORES`).

    The numbers in `corpus.labels` must be those of the classifier's labels (`align_to`).
    """
    _check_labels(classifier, corpus)
    if documents < 1:
        raise InputError(f"documents must be at least 1, got {documents}")
    model, labels = classifier.model, classifier.labels
    documents = _room(classifier, corpus, documents)
    outputs = _outputs(classifier, corpus)
    even, chosen = evenly(len(corpus), documents), _shown(outputs.logits, corpus, documents)
    methods = shown_methods(model)
    tokens = classifier.tokenizer.encode_all([corpus.texts[i] for i in chosen])
    truths = None if corpus.labels is None else [corpus.labels[i] for i in chosen]
    attributions = score_all(classifier, tokens, [method.name for method in methods], truths)
    counted, scores = tokens, attributions
    if even != chosen:  # errors in a row would say of the words what is true of errors alone
        counted = classifier.tokenizer.encode_all([corpus.texts[i] for i in even])
        scores = score_all(classifier, counted, [methods[0].name])
    predicted = next(iter(attributions.values())).logits.argmax(1).tolist()
    return ReportData(
        title=title(corpus),
        date=(today or date.today()).isoformat(),
        version=VERSION,
        labels=labels,
        model=model_facts(classifier),
        data=data_facts(corpus, labels, len(chosen), errors=even != chosen),
        notes=notes(classifier, corpus),
        total=len(corpus),
        predicted=tuple(np.bincount(outputs.logits.argmax(1), minlength=len(labels)).tolist()),
        metrics=count(corpus.labels, outputs.logits.argmax(1), labels) if corpus.labels else None,
        methods=methods,
        left_out=left_out(model),
        documents=tuple(
            show_all(tokens, attributions, [i + 1 for i in chosen], truths, outputs.head.regions)
        ),
        words=_words(classifier, counted, scores),
        importance=important_words(classifier, counted, scores),
        plane=word_map(classifier),
        filters=outputs.filters,
        points=_points(outputs.traced, chosen),
        head=outputs.head,
        cuts=outputs.cuts,
        fit_cut=choose_cut(outputs.cuts),
        projection=project_documents(
            classifier, tokens, attributions, predicted if truths is None else truths
        ),
        evaluation=evaluation,
    )


def _check_labels(classifier: Classifier, corpus: Corpus) -> None:
    check_one_label(classifier)
    if corpus.labels is not None and corpus.label_names != classifier.labels:
        data, model = (clipped(", ".join(labels), 80) for labels in (corpus.label_names, classifier.labels))
        raise InputError(
            f"the data have the labels {data}, the model {model}: align the data to the model first"
        )


def _words(classifier: Classifier, tokens: ManyTokens, attributions: Attributions) -> tuple[ClassWords, ...]:
    """The strongest words over documents, by the family's own method."""
    first, totals = next(iter(attributions.values())), Totals(len(classifier.labels))
    lower = classifier.tokenizer.config.lower
    for i, text in enumerate(tokens):
        scores = first.scores[first.offsets[i] : first.offsets[i + 1]]
        totals.add([word.lower() for word in text.words] if lower else text.words, scores)
    return tuple(totals.strongest(label, TOP) for label in range(len(classifier.labels)))


@dataclass(frozen=True, eq=False)
class ModelOutputs:
    """Logits of all texts, and what a one-layer model has besides: a deep one has no filters, head or cuts to show."""

    logits: Floats
    filters: FilterCards | None
    traced: Trace | None
    head: Head
    cuts: tuple[VarianceCut, ...]


def _outputs(classifier: Classifier, corpus: Corpus) -> ModelOutputs:
    model, texts = classifier.model, corpus.texts
    if not isinstance(model, TextCNN):
        none = Head(np.zeros((0, model.classes)), np.zeros(model.classes), ())
        return ModelOutputs(classifier.logits(texts), None, None, none, ())
    traced, head = trace_texts(classifier, texts), _head(model)
    of_corpus = variance_sweep(traced, head.weights, head.biases, corpus.labels)
    if not len(traced.documents.without_padding.ids):
        return ModelOutputs(traced.logits, None, None, head, of_corpus)
    cards = filter_cards(classifier, texts, CARDS, traced=traced)
    return ModelOutputs(traced.logits, cards, traced, head, of_corpus)


def _room(classifier: Classifier, corpus: Corpus, documents: int) -> int:
    """How many documents the page shows: `documents`, or fewer where the words of those have too many scores."""
    texts = [corpus.texts[i] for i in evenly(len(corpus), min(documents, SAMPLED))]
    words = sum(map(len, classifier.tokenizer.ids(texts))) / max(len(texts), 1)
    return max(
        min(documents, int(SCORES / ((words + HEAD) * len(classifier.labels)))), min(documents, FEWEST)
    )


def _shown(logits: Floats, corpus: Corpus, documents: int) -> list[int]:
    """The documents on the page: spread evenly, but for all that are classified wrongly."""
    if corpus.labels is None or len(corpus) <= documents:
        return evenly(len(corpus), documents)
    return with_errors(logits.argmax(1) != np.array(corpus.labels), documents)


def with_errors(wrong: NDArray[np.bool_], most: int) -> list[int]:
    """At most `most` places of (rows,): all that are `wrong`, as far as they leave room for a tenth of others."""
    errors, others = np.flatnonzero(wrong), np.flatnonzero(~wrong)
    taken = errors[evenly(len(errors), max(most - min(len(others), -(-most // FAIR)), 1))]
    rest = others[evenly(len(others), most - len(taken))] if most > len(taken) else others[:0]
    places: list[int] = np.sort(np.concatenate([taken, rest])).tolist()
    return places


def _points(traced: Trace | None, chosen: Sequence[int]) -> Points | None:
    """At most `POINTS` documents with words, spread evenly: of those `chosen` for the page if they are so many."""
    if traced is None:
        return None
    filled = np.flatnonzero(traced.documents.without_padding.lengths > 0)
    among = np.intersect1d(filled, chosen) if len(chosen) >= POINTS else filled
    rows = among[evenly(len(among), POINTS)]
    predicted = traced.logits[rows].argmax(1).tolist()
    return Points(tuple((rows + 1).tolist()), tuple(predicted), traced.pooled[rows], len(filled))


def _head(model: TextCNN) -> Head:
    biases = np.asarray(model.head_biases.cpu().numpy())
    if model.config.hidden:  # what a filter weighs differs from text to text
        return Head(np.zeros((0, model.classes)), biases, ())
    return Head(model.head_weights.T.cpu().numpy(), biases, tuple(model.config.widths))
