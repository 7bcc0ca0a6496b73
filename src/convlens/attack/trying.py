"""Edits tried on the text: what the tokeniser makes of it, and how the model itself decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from convlens.attack.advancing import Outcome, decided, turned
from convlens.attack.victims import Edits, Victim, realised
from convlens.models import Classifier

TEXTS = 64  # given to the model at a time


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of the edits tried, and whether `all` were that there are."""

    outcome: Outcome
    all: bool

    @property
    def broken(self) -> bool:
        """Whether one turned the decision."""
        return self.outcome.success


def try_texts(classifier: Classifier, victim: Victim, edits: Iterable[Edits], most: int) -> Trial:
    """Try edits in their order until the decision turns, `most` at most."""
    left, tried, unrealised = iter(edits), 0, 0
    while some := list(islice(left, TEXTS)):
        tried += len(some)
        texts = [victim.written(one) for one in some]
        good = realised(classifier.tokenizer, texts, [victim.expected(one) for one in some])
        unrealised += good.count(False)
        able = [pair for pair, fits in zip(zip(some, texts, strict=True), good, strict=True) if fits]
        for (one, text), c in zip(able, decided(classifier, [text for _, text in able]), strict=True):
            if turned(c, victim.label, None):
                return Trial(Outcome(victim, one, text, True, int(c), unrealised), all=True)
        if tried >= most:
            break
    intact = Outcome(victim, (), victim.tokens.text, False, victim.label, unrealised)
    return Trial(intact, all=next(left, None) is None)
