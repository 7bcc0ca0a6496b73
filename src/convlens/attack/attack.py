"""The front doors: a classifier and labelled documents in, what attacks and certificates found out."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import polars as pl

from convlens.arguments import checked
from convlens.attack.attacked import AttackedDocument, attackable
from convlens.attack.attacks import Attacks, Certificates, attack_rows, certificate_rows, total
from convlens.attack.candidates import Candidates
from convlens.attack.certifying import Certifier, Verdict
from convlens.attack.config import EXACT, AttackConfig, CertifyConfig
from convlens.attack.exact import Swaps
from convlens.attack.greedy_batch import AttackOutcome
from convlens.attack.insertion import filter_ngrams, insertion_attack
from convlens.attack.search import search, searcher
from convlens.attack.typos import typo_attack
from convlens.data import Corpus
from convlens.errors import InputError
from convlens.models import Classifier
from convlens.progress import Progress

TOGETHER = 1024  # documents that advance as one batch: bounds memory, and is how often a bar moves


@checked
def attack(
    classifier: Classifier,
    corpus: Corpus,
    config: AttackConfig = AttackConfig(),  # noqa: B008 (frozen)
    *,
    watch: Progress | None = None,
) -> Attacks:
    """Attack the documents of a labelled corpus that the model has right, by each order of the settings.

    A success is one of the model itself, reading the text that the edits make.
    """
    orders = config.chosen(classifier.model)
    target = None if config.target is None else classifier.target(config.target)
    _check_vocabulary(classifier)
    documents, drawn = attackable(classifier, corpus, config.documents, config.seed)
    documents = [attacked for attacked in documents if attacked.label != target]
    rows, totals = [], []
    with watch or Progress() as watching:
        for order in orders:
            watching.on_stage(f"documents, {order}", len(documents))
            begin, outcomes = time.perf_counter(), []
            for outcome in _outcomes(classifier, corpus, documents, order, config):
                outcomes.append(outcome)
                watching.on_step()
            rows.append(attack_rows(order, outcomes, classifier.labels))
            totals.append(total(order, rows[-1], time.perf_counter() - begin))
    return Attacks(drawn, len(documents), pl.concat(rows), pl.concat(totals), config)


@checked
def certify(
    classifier: Classifier,
    corpus: Corpus,
    config: CertifyConfig = CertifyConfig(),  # noqa: B008 (frozen)
    *,
    watch: Progress | None = None,
) -> Certificates:
    """Decide for documents that the model has right whether so many swaps and deletions can turn its decision."""
    tools = Certifier(classifier, config)
    documents, drawn = attackable(classifier, corpus, config.documents, config.seed)
    begin, verdicts = time.perf_counter(), list[Verdict]()
    with watch or Progress() as watching:
        watching.on_stage("documents", len(documents))
        for attacked in documents:
            verdicts.append(tools.verdict(attacked))
            watching.on_step()
    seconds = time.perf_counter() - begin
    return Certificates(drawn, len(documents), certificate_rows(verdicts, classifier.labels), seconds, config)


def _outcomes(
    classifier: Classifier,
    corpus: Corpus,
    documents: Sequence[AttackedDocument],
    order: str,
    config: AttackConfig,
) -> Iterator[AttackOutcome]:
    """Typos and insertions for many documents at a time, swaps for one after another."""
    if config.attack == "swap":
        yield from _swap(classifier, documents, order, config)
        return
    way: Callable[..., list[AttackOutcome]] = typo_attack
    if config.attack == "typo" and order == EXACT:
        way = partial(typo_attack, swaps=Swaps(classifier.model))
    elif config.attack == "insertion":
        way = partial(insertion_attack, ngrams=filter_ngrams(classifier, corpus.texts, order))
    for start in range(0, len(documents), TOGETHER):
        yield from way(classifier, documents[start : start + TOGETHER], order, config)


def _swap(
    classifier: Classifier, documents: Sequence[AttackedDocument], order: str, config: AttackConfig
) -> Iterator[AttackOutcome]:
    """Each document with all its candidates at once."""
    candidates = Candidates(classifier.model, config.nearest)
    tool = searcher(classifier, Swaps(classifier.model), candidates, order, config)
    for attacked in documents:
        yield search(tool, attacked)


def _check_vocabulary(classifier: Classifier) -> None:
    if not classifier.tokenizer.words:
        raise InputError("the model knows no words: there is nothing to change, train it on more texts")
