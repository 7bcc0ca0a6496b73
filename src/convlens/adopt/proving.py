"""A model made of a network that was read, its padding found, and the steps of its proof."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlens.adopt.causes import Setting, fitting_padding, paddings, probable_cause
from convlens.adopt.conversion import rows_of, tokenizer_of, weights_of
from convlens.adopt.lengths import Reference, long_texts
from convlens.adopt.network import Network
from convlens.adopt.proof import FEWEST, Answers, Comparison, check, hard_texts, network_answers, ours
from convlens.adopt.served import Served
from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.models import Classifier, Padding, Proof
from convlens.text import Cutter

BESIDE = 32  # texts that stand in a batch with a longer one
SHOWN = 200  # characters of a text that the proof keeps
READ = "the model that was read"
OTHER_FORMULA = (
    "the network follows another formula for texts of other lengths than it was read with, give padding="
)
log = logging.getLogger("convlens")


@dataclass(frozen=True)
class Maker:
    """Makes a classifier of a network that was read, for one vocabulary and padding or another."""

    network: Network
    labels: tuple[str, ...]
    cutter: Cutter | None
    label_separator: str | None
    lengths: tuple[int, ...] = ()

    def __call__(self, setting: Setting) -> Classifier:
        rows = rows_of(setting.vocabulary)
        weights: Any = weights_of(self.network, rows, setting.padding, len(self.labels)).single()
        tokenizer = tokenizer_of(setting.config, self.cutter, setting.vocabulary)
        return Classifier(weights, tokenizer, self.labels, label_separator=self.label_separator)

    def candidates(self) -> Iterator[Padding]:
        """Ways in which texts may be padded before this network."""
        network = self.network
        around = len(network.front) + len(network.back)
        needed = max(conv.region - conv.left - conv.right - around for conv in network.convolutions)
        widest = max(conv.region for conv in network.convolutions)
        return paddings(widest, needed, self.lengths)


@dataclass(frozen=True)
class Asked:
    """What the service answers: the user's texts first, then hard and long ones."""

    texts: tuple[str, ...]
    answers: Answers


def ask(reference: Reference, texts: tuple[str, ...], classifier: Classifier) -> Asked:
    """Ask the service, and leave out of the hard texts those on which it, or the tokeniser, fails."""
    several = classifier.multilabel
    answers = Answers.of(reference(list(texts)), len(texts), len(classifier.labels), several=several)
    values, further = [answers.values], []
    for text in (*hard_texts(classifier, texts, None), *long_texts(classifier.tokenizer, texts[:FEWEST])):
        try:
            classifier.tokenizer.encode(text)
            row = np.asarray(reference([text]), np.float64).reshape(1, answers.values.shape[1])
        except Exception as error:  # noqa: BLE001  whatever a service raises for what it never gets
            log.debug("the service fails on a text that was made for the proof: %s", error)
            continue
        values.append(row)
        further.append(text)
    return Asked((*texts, *further), Answers(np.concatenate(values), answers.kind))


def found_padding(make: Maker, setting: Setting, asked: Asked | None, tolerance: float) -> Padding:
    if asked is None:
        return next(make.candidates())
    return fitting_padding(make, setting, make.candidates(), asked.texts, asked.answers, tolerance)


@dataclass(frozen=True)
class Proving:
    """The four steps of a proof: tokens, each text alone, with longer ones in a batch, and decisions."""

    make: Maker
    setting: Setting
    served: Served
    texts: tuple[str, ...]
    tolerance: float

    def run(self, asked: Asked | None) -> tuple[Classifier, Proof, tuple[str, ...]]:
        """The classifier, the proof, and what there is to say; `NotEqual` where a step fails."""
        classifier = self.make(self.setting)
        user = [(text, _ids(classifier, text)) for text in self.texts]
        hard, notes = self._hard(classifier)
        texts, documents = zip(*user, *hard, strict=True)
        alone = self._alone(classifier, documents)
        check(alone, texts, self.tolerance, f"the network and {READ}", lambda: OTHER_FORMULA)
        notes += self._in_batches(documents, alone)
        compared = [(alone, texts)]
        if asked is not None:
            answers, asked_documents = asked.answers, [_ids(classifier, text) for text in asked.texts]
            values = ours(classifier, asked_documents, answers.kind, answers.values.shape[1])
            service = Comparison(answers.values, values, answers.kind, classifier.multilabel)
            candidates = self.make.candidates()
            cause = partial(
                probable_cause, self.make, self.setting, asked.texts, answers, self.tolerance, candidates
            )
            check(service, asked.texts, self.tolerance, f"the reference and {READ}", cause)
            compared.append((service, asked.texts))
        different = alone.different_decisions
        notes += [
            f"on {different} texts the greatest values are so near that the two decide otherwise"
        ] * bool(different)
        largest, where = max(
            (float(one.excess.max()), names[int(one.excess.argmax())]) for one, names in compared
        )
        proof = Proof(
            texts=len(self.texts),
            hard=len(hard),
            compared=alone.kind,
            largest=largest,
            where=where[:SHOWN],
            tolerance=self.tolerance,
            reference="" if asked is None else f"the {asked.answers.kind} of its service",
        )
        return classifier, proof, tuple(notes)

    def _alone(self, classifier: Classifier, documents: Sequence[Ints]) -> Comparison:
        """Each text as it is answered by itself."""
        theirs = network_answers(self.served, [self.rows[ids] for ids in documents], self.make.network.squash)
        values = ours(classifier, documents, theirs.kind, theirs.values.shape[1])
        return Comparison(theirs.values, values, theirs.kind, classifier.multilabel)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The network's word number of each of ours."""
        return rows_of(self.setting.vocabulary)

    def _hard(self, classifier: Classifier) -> tuple[list[tuple[str, Ints]], list[str]]:
        """Texts that were made for the proof, but for those that the tokeniser or the network itself fails on."""
        hard, shortest = [], 0
        for text in hard_texts(classifier, self.texts, self.setting.padding.length):
            try:
                ids = _ids(classifier, text)
            except InputError:
                continue
            try:
                self.served.outputs([self.rows[ids]])
            except Exception:  # noqa: BLE001  whatever a network raises for what it cannot read
                shortest = max(shortest, len(ids) + 1)
                continue
            hard.append((text, ids))
        return hard, [f"texts of fewer than {shortest} words fail in the network itself"] * bool(shortest)

    def _in_batches(self, documents: Sequence[Ints], alone: Comparison) -> list[str]:
        """What a text's answer depends on besides itself: it is asked again in a batch with a longer one."""
        if self.setting.padding.length is not None:
            return []
        places = range(0, len(documents), max(len(documents) // BESIDE, 1))
        longest = max(len(self.served.padded(ids)) for ids in documents) + 1
        numbers = [self.rows[documents[i]] for i in places]
        together = Comparison(
            alone.theirs[places], self.served.together(numbers, longest).astype(np.float64), alone.kind
        )
        if together.excess.max() <= self.tolerance:
            return []
        moves = f"beside longer texts {alone.kind} move by up to {together.excess.max():.2g}"
        return [
            f"the network's answers depend on the batch, {moves}: the model answers as the network does for each text alone"
        ]


def _ids(classifier: Classifier, text: str) -> Ints:
    return np.asarray(classifier.tokenizer.encode(text).ids)
