"""Whether any edit turns a decision: every single one is tried; several are bounded, and decided where that is not enough."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from convlens.arrays import Floats
from convlens.attack.attacked import AttackedDocument, Edit, Edits, deleted, swapped
from convlens.attack.bounds import IntervalBounds
from convlens.attack.branch_and_bound import BranchAndBound, Start
from convlens.attack.candidates import Candidates
from convlens.attack.config import AttackConfig, CertifyConfig
from convlens.attack.exact import Swaps
from convlens.attack.greedy_batch import AttackOutcome
from convlens.attack.lookalikes import unknown_word
from convlens.attack.roundoff import roundoff
from convlens.attack.search import lowest, search, searcher
from convlens.attack.verification import Verification, verify_edits
from convlens.errors import InputError
from convlens.models import Classifier
from convlens.text import UNKNOWN, Documents

CERTIFIED, BROKEN, UNDECIDED = "certified", "broken", "unknown"
BEAM = 4  # states of the search for a break that comes before bounds


@dataclass(frozen=True, eq=False)
class Verdict:
    """`verdict` on a document; the outcome holds the edits that break it. `lowest` bounds the margin of all edits."""

    outcome: AttackOutcome
    verdict: str
    lowest: float


@dataclass(frozen=True, eq=False)
class Certifier:
    """What all documents share."""

    classifier: Classifier
    config: CertifyConfig
    swaps: Swaps = field(init=False)
    candidates: Candidates = field(init=False)
    margin: Floats = field(init=False)

    def __post_init__(self) -> None:
        swaps = Swaps(self.classifier.model)
        if self.classifier.tokenizer.masked:
            raise InputError(
                "no certificate covers a model with n-grams switched off, as one edit may switch several words: certify the "
                "model that it was made from"
            )
        candidates = Candidates(swaps.model, self.config.nearest, unknown=True)
        for name, value in {
            "swaps": swaps,
            "candidates": candidates,
            "margin": roundoff(swaps.model),
        }.items():
            object.__setattr__(self, name, value)

    def verdict(self, attacked: AttackedDocument) -> Verdict:
        """Certified: no allowed edits turn the decision. Broken: these do. Unknown: it would take too much to tell."""
        near, least = self._single(attacked)
        verification = verify_edits(self.classifier, attacked, near, self.config.budget)
        if verification.broken or not verification.all or self.config.edits == 1:
            return self._said(verification, least)
        settings = AttackConfig("swap", edits=self.config.edits, beam=BEAM)
        tool = searcher(self.classifier, self.swaps, self.candidates, "exact", settings)
        outcome = search(tool, attacked)
        if outcome.success:
            return Verdict(outcome, BROKEN, least)
        return self._several(attacked, verification)

    def _several(self, attacked: AttackedDocument, single: Verification) -> Verdict:
        """Up to so many edits, by branch and bound."""
        ids = attacked.tokens.ids[: None if attacked.most is None else attacked.most + self.config.edits]
        start = Start(len(ids), attacked.most or len(ids), self.config.edits)
        if start.count > self.config.budget:
            return self._said(Verification(single.outcome, all=False), -np.inf)
        bounds = IntervalBounds(self.swaps, ids, self.candidates.of(ids))
        threshold = float(self.margin[attacked.label])
        differences = self.swaps.differences(attacked.label)
        branches = BranchAndBound(bounds, start, differences, threshold, self.config.budget)
        edits = (self._edits(attacked, bounds, gone, rows) for gone, rows in branches.near())
        verification = verify_edits(self.classifier, attacked, edits, self.config.budget)
        verification = Verification(verification.outcome, verification.all and branches.all)
        return self._said(verification, branches.least)

    @staticmethod
    def _said(verification: Verification, least: float) -> Verdict:
        verdict = BROKEN if verification.broken else CERTIFIED if verification.all else UNDECIDED
        return Verdict(verification.outcome, verdict, least)

    def _edits(
        self, attacked: AttackedDocument, bounds: IntervalBounds, gone: list[int], rows: list[int]
    ) -> Edits:
        """The edits that a decided document of `IntervalBounds` stands for."""
        chosen = [divmod(row - 2 * bounds.count, bounds.each) for row in rows if row >= 2 * bounds.count]
        ids = bounds.candidates
        swaps = [self._swap(attacked, p, int(ids[p, m])) for p, m in chosen if ids[p, m] != bounds.ids[p]]
        return (*(deleted(p) for p in gone), *swaps)

    def _single(self, attacked: AttackedDocument) -> tuple[Iterator[Edits], float]:
        """Single edits whose margin is not clearly above round-off, the lowest first, and the lowest margin of all."""
        ids, label = attacked.ids, attacked.label
        words = self.candidates.of(ids)
        swapping = self.swaps.margins(ids, words, label) if len(ids) else np.zeros((0, words.shape[1]))
        words = np.broadcast_to(words, swapping.shape)
        swapping[words == ids[:, None]] = np.inf
        deleting = self._deletions(attacked)
        margins = np.concatenate([swapping.reshape(-1), deleting])
        near = lowest(margins, int((margins <= self.margin[label]).sum()))

        def edits() -> Iterator[Edits]:
            for place in near.tolist():
                p, m = divmod(place, max(words.shape[1], 1))
                is_swap = place < swapping.size
                yield (
                    (self._swap(attacked, p, int(words[p, m])),)
                    if is_swap
                    else (deleted(place - swapping.size),)
                )

        return edits(), float(margins.min(initial=np.inf))

    def _deletions(self, attacked: AttackedDocument) -> Floats:
        """The margin without each word: (L,)."""
        whole, count = attacked.tokens.ids, len(attacked.ids)
        rest = np.tile(whole, (count, 1))[~np.eye(count, len(whole), dtype=bool)].reshape(
            count, max(len(whole) - 1, 0)
        )
        rest = rest[:, : attacked.most]
        documents = Documents(rest.reshape(-1), np.arange(count + 1) * rest.shape[1])
        logits = self.swaps.read(documents)
        margins: Floats = logits[:, attacked.label] - np.delete(logits, attacked.label, 1).max(1)
        return margins

    def _swap(self, attacked: AttackedDocument, place: int, number: int) -> Edit:
        tokenizer = self.classifier.tokenizer
        if number == UNKNOWN:
            return Edit(place, 1, unknown_word(attacked.tokens.words[place], tokenizer), (UNKNOWN,))
        return swapped(attacked, place, tokenizer.word(number), number, lower=tokenizer.config.lower)
