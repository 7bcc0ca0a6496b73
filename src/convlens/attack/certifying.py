"""Whether any edit turns a decision: every single one is tried; several are bounded, and decided where that is not enough."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from convlens.attack.advancing import Outcome
from convlens.attack.candidates import Candidates
from convlens.attack.config import AttackConfig, CertifyConfig
from convlens.attack.exact import Swaps
from convlens.attack.lookalikes import unknown_word
from convlens.attack.reach import Reach
from convlens.attack.roundoff import roundoff
from convlens.attack.search import lowest, search, searcher
from convlens.attack.several import Bounded, Start
from convlens.attack.trying import Trial, try_texts
from convlens.attack.victims import Edit, Edits, Victim, deleted, swapped
from convlens.errors import InputError
from convlens.models import Classifier
from convlens.text import UNKNOWN, Documents
from convlens.trace import Floats

CERTIFIED, BROKEN, UNDECIDED = "certified", "broken", "unknown"
BEAM = 4  # states of the search for a break that comes before bounds


@dataclass(frozen=True, eq=False)
class Verdict:
    """`verdict` on a document; the outcome holds the edits that break it. `lowest` bounds the margin of all edits."""

    outcome: Outcome
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

    def verdict(self, victim: Victim) -> Verdict:
        """Certified: no allowed edits turn the decision. Broken: these do. Unknown: it would take too much to tell."""
        near, least = self._single(victim)
        trial = try_texts(self.classifier, victim, near, self.config.budget)
        if trial.broken or not trial.all or self.config.edits == 1:
            return self._said(trial, least)
        settings = AttackConfig("swap", edits=self.config.edits, beam=BEAM)
        tool = searcher(self.classifier, self.swaps, self.candidates, "exact", settings)
        attacked = search(tool, victim)
        if attacked.success:
            return Verdict(attacked, BROKEN, least)
        return self._several(victim, trial)

    def _several(self, victim: Victim, single: Trial) -> Verdict:
        """Up to so many edits, by bounds."""
        ids = victim.tokens.ids[: None if victim.most is None else victim.most + self.config.edits]
        start = Start(len(ids), victim.most or len(ids), self.config.edits)
        if start.count > self.config.budget:
            return self._said(Trial(single.outcome, all=False), -np.inf)
        reach = Reach(self.swaps, ids, self.candidates.of(ids))
        threshold = float(self.margin[victim.label])
        differences = self.swaps.differences(victim.label)
        leaves = Bounded(reach, start, differences, threshold, self.config.budget)
        edits = (self._edits(victim, reach, gone, rows) for gone, rows in leaves.near())
        found = try_texts(self.classifier, victim, edits, self.config.budget)
        found = Trial(found.outcome, found.all and leaves.all)
        return self._said(found, leaves.least)

    @staticmethod
    def _said(trial: Trial, least: float) -> Verdict:
        verdict = BROKEN if trial.broken else CERTIFIED if trial.all else UNDECIDED
        return Verdict(trial.outcome, verdict, least)

    def _edits(self, victim: Victim, reach: Reach, gone: list[int], rows: list[int]) -> Edits:
        """The edits that a decided document of `Reach` stands for."""
        chosen = [divmod(row - 2 * reach.count, reach.each) for row in rows if row >= 2 * reach.count]
        ids = reach.candidates
        swaps = [self._swap(victim, p, int(ids[p, m])) for p, m in chosen if ids[p, m] != reach.ids[p]]
        return (*(deleted(p) for p in gone), *swaps)

    def _single(self, victim: Victim) -> tuple[Iterator[Edits], float]:
        """Single edits whose margin is not clearly above round-off, the lowest first, and the lowest margin of all."""
        ids, label = victim.ids, victim.label
        words = self.candidates.of(ids)
        swapping = self.swaps.margins(ids, words, label) if len(ids) else np.zeros((0, words.shape[1]))
        words = np.broadcast_to(words, swapping.shape)
        swapping[words == ids[:, None]] = np.inf
        deleting = self._deletions(victim)
        margins = np.concatenate([swapping.reshape(-1), deleting])
        near = lowest(margins, int((margins <= self.margin[label]).sum()))

        def edits() -> Iterator[Edits]:
            for place in near.tolist():
                p, m = divmod(place, max(words.shape[1], 1))
                is_swap = place < swapping.size
                yield (
                    (self._swap(victim, p, int(words[p, m])),)
                    if is_swap
                    else (deleted(place - swapping.size),)
                )

        return edits(), float(margins.min(initial=np.inf))

    def _deletions(self, victim: Victim) -> Floats:
        """The margin without each word: (L,)."""
        whole, count = victim.tokens.ids, len(victim.ids)
        kept = np.tile(whole, (count, 1))[~np.eye(count, len(whole), dtype=bool)].reshape(
            count, max(len(whole) - 1, 0)
        )
        kept = kept[:, : victim.most]
        documents = Documents(kept.reshape(-1), np.arange(count + 1) * kept.shape[1])
        logits = self.swaps.read(documents)
        found: Floats = logits[:, victim.label] - np.delete(logits, victim.label, 1).max(1)
        return found

    def _swap(self, victim: Victim, place: int, number: int) -> Edit:
        tokenizer = self.classifier.tokenizer
        if number == UNKNOWN:
            return Edit(place, 1, unknown_word(victim.tokens.words[place], tokenizer), (UNKNOWN,))
        return swapped(victim, place, tokenizer.word(number), number, lower=tokenizer.config.lower)
