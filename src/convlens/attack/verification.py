"""Edits tried on the text: what the tokeniser makes of it, and how the model itself decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from convlens.attack.attacked import AttackedDocument, Edits, realised
from convlens.attack.greedy_batch import AttackOutcome, decided, turned
from convlens.models import Classifier

TEXTS = 64  # given to the model at a time


@dataclass(frozen=True, eq=False)
class Verification:
    """What came of the edits tried on a document, and whether `all` were that there are."""

    outcome: AttackOutcome
    all: bool

    @property
    def broken(self) -> bool:
        """Whether one turned the decision."""
        return self.outcome.success


def verify_edits(
    classifier: Classifier, attacked: AttackedDocument, edits: Iterable[Edits], most: int
) -> Verification:
    """Try edits in their order until the decision turns, `most` at most."""
    left, tried, unrealised = iter(edits), 0, 0
    while batch := list(islice(left, TEXTS)):
        tried += len(batch)
        texts = [attacked.written(edits_of_text) for edits_of_text in batch]
        good = realised(
            classifier.tokenizer, texts, [attacked.expected(edits_of_text) for edits_of_text in batch]
        )
        unrealised += good.count(False)
        able = [pair for pair, fits in zip(zip(batch, texts, strict=True), good, strict=True) if fits]
        for (edits_of_text, text), c in zip(
            able, decided(classifier, [text for _, text in able]), strict=True
        ):
            if turned(c, attacked.label, None):
                return Verification(
                    AttackOutcome(attacked, edits_of_text, text, True, int(c), unrealised), all=True
                )
        if tried >= most:
            break
    intact = AttackOutcome(attacked, (), attacked.tokens.text, False, attacked.label, unrealised)
    return Verification(intact, all=next(left, None) is None)
