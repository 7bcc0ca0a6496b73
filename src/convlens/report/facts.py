"""The lines at the head of the page: what the model is, and what the data are."""

from pathlib import PurePath

from convlens.data import Corpus
from convlens.models import (
    Classifier,
    ForeignConfig,
    ModelConfig,
    TextCNNConfig,
    family_of,
    measured_rows,
)

EVENLY = {
    False: "spread evenly over the data",
    True: "all errors among them as far as they fit, spread evenly otherwise",
}

AnyConfig = ModelConfig | ForeignConfig


def title(corpus: Corpus) -> str:
    """A title from the name of the file or data set."""
    return f"{PurePath(corpus.source).name or 'Documents'}, explained word by word"


def model_facts(classifier: Classifier) -> tuple[tuple[str, str], ...]:
    """Shape, vocabulary, word vectors and training."""
    config, record = classifier.model.config, classifier.record
    origin = "trained from random ones" if classifier.adoption is None else "as they were trained elsewhere"
    vectors = record.vectors or f"{config.dim} numbers, {origin}"
    facts = [
        ("Model", family_of(classifier.model).title),
        _layers(config),
        *_padding(config),
        ("Vocabulary", f"{len(classifier.tokenizer.words):,} words"),
        ("Word vectors", vectors),
    ]
    if record.data:
        rows = f", {record.rows['train']:,} documents" if "train" in record.rows else ""
        facts.append(("Trained on", f"{record.data}{rows}"))
    return (*facts, *_adoption(classifier))


def _adoption(classifier: Classifier) -> list[tuple[str, str]]:
    """What a model from elsewhere was, and the proof that it answers the same."""
    adoption = classifier.adoption
    if adoption is None:
        return []
    return [
        ("Taken over from", adoption.source),
        ("Proof", adoption.told),
        *(("Note", note) for note in adoption.notes),
    ]


def _layers(config: AnyConfig) -> tuple[str, str]:
    if not isinstance(config, TextCNNConfig):
        return "Layers", config.shape
    counts = [f"{count} of {n} words" for n, count in zip(config.regions, config.counts, strict=True)]
    dense = [f"then dense {width}" for width in config.hidden]
    others = [config.activation] * (config.activation != "relu") + dense
    return "Filters", ", ".join([f"{len(config.widths)}: {_and(counts)}", *others])


def _padding(config: AnyConfig) -> list[tuple[str, str]]:
    if not isinstance(config, TextCNNConfig) or not config.padding.adds:
        return []
    return [("Padding", config.padding.told)]


def data_facts(
    corpus: Corpus, labels: tuple[str, ...], shown: int, *, errors: bool
) -> tuple[tuple[str, str], ...]:
    """Source, size, classes, rows set aside."""
    facts = [
        ("Data", corpus.source or "not named"),
        ("Documents", f"{len(corpus):,}"),
        ("Classes", f"{len(labels)}: {_and(labels)}" if len(labels) <= 6 else f"{len(labels)}"),
    ]
    if corpus.rejected:
        facts.append(("Set aside", f"{len(corpus.rejected):,} rows that could not be read"))
    if shown < len(corpus):
        facts.append(("On this page", f"{shown:,} documents, {EVENLY[errors]}"))
    return tuple(facts)


def notes(classifier: Classifier, corpus: Corpus) -> tuple[str, ...]:
    """What the reader must not miss about the data, and about those the model learned from."""
    learned = classifier.record.note
    others = [f"About the training data: {learned}"] if learned and learned != corpus.note else []
    caution = measured_rows(classifier, corpus, whole=True).caution
    return tuple(note for note in (caution, corpus.note, *others, *corpus.notices) if note)


def _and(parts: list[str] | tuple[str, ...]) -> str:
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else "".join(parts)
