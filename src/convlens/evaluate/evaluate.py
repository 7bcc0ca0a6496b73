"""The front door: a classifier and labelled documents in, how far its explanations can be trusted out."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from convlens.arguments import checked
from convlens.arrays import evenly
from convlens.data import Corpus
from convlens.evaluate.agreement import agree, agreement
from convlens.evaluate.config import EXACT, EvaluateConfig
from convlens.evaluate.deletion import areas, curves, delete_words, turned
from convlens.evaluate.documents import encode, scored
from convlens.evaluate.eraser import erase, erasure
from convlens.evaluate.evaluation import Evaluation
from convlens.evaluate.sanity import KINDS, sanity
from convlens.models import Classifier, aligned
from convlens.progress import Progress
from convlens.text import Documents, Tokens
from convlens.trace import Tracer, shared_tracer, vocabulary_table

REMOVING = (EXACT, "greedy")  # they ask again after every removal: a table pays for any number of words


@checked
def evaluate(
    classifier: Classifier,
    corpus: Corpus,
    config: EvaluateConfig = EvaluateConfig(),  # noqa: B008 (frozen)
    *,
    watch: Progress | None = None,
) -> Evaluation:
    """Measure the methods of `config` on a labelled corpus: word deletion, ERASER, agreement, sanity."""
    methods = config.chosen(classifier.model)
    tokens, truths, available = encode(classifier, aligned(classifier, corpus), config)
    watch = watch or Progress()
    with watch:
        watch.on_stage("documents", len(tokens))
        measured = []
        source = _source(classifier, Documents.of([text.ids for text in tokens]), methods)
        for document in scored(classifier, tokens, truths, methods, source=source):
            right = delete_words(classifier.model, document, methods, config, source=source)
            lost = erase(classifier.model, document, methods, config)
            measured.append((right, lost, agree(document, config)))
            watch.on_step()
        watch.on_stage("randomised models")
        randomised = _checked(classifier, tokens, methods, config)
    right, lost, agreed = (np.stack(parts) for parts in zip(*measured, strict=True))
    return Evaluation(
        methods,
        documents=len(tokens),
        available=available,
        correct=int((right[:, 0, 0] > 0.5).sum()),
        ranking=turned(right, methods, config),
        curves=curves(right, methods),
        areas=areas(right, methods, config),
        erasure=erasure(lost, [name for name in methods if name != EXACT], config),
        agreement=agreement(agreed, methods),
        sanity=randomised,
        config=config,
    )


def _source(classifier: Classifier, documents: Documents, methods: Sequence[str]) -> Tracer | None:
    """What traces the documents of an evaluation; None for a deep model."""
    table = vocabulary_table(classifier.network) if set(methods) & set(REMOVING) else None
    return table or shared_tracer(classifier.network, documents)


def _checked(
    classifier: Classifier, tokens: Sequence[Tokens], methods: Sequence[str], config: EvaluateConfig
) -> pl.DataFrame:
    """The sanity check on some of the documents, spread evenly over them."""
    if not config.sanity:
        return pl.DataFrame(schema=KINDS)
    chosen = [tokens[i] for i in evenly(len(tokens), config.sanity)]
    return sanity(classifier, chosen, methods, config.seed)
