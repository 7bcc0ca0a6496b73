"""Greedy attacks on many documents: each takes its next edit, and all are classified again as one batch."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.arrays import Floats, Ints
from convlens.attack.attacked import AttackedDocument, Edit, Edits, realised
from convlens.models import Classifier, TextCNN, by_length, pad
from convlens.text import Documents
from convlens.trace import trace


@dataclass(frozen=True, eq=False)
class AttackOutcome:
    """What became of a document: the text after its edits, whether the model's decision turned, and its class then.

    `unrealised` counts edits that were left out, as their text would have been read as other tokens.
    """

    attacked: AttackedDocument
    edits: Edits
    text: str
    success: bool
    became: int
    unrealised: int = 0


class _Run:
    """One document on its way."""

    def __init__(self, attacked: AttackedDocument, proposals: Iterable[Edit]) -> None:
        self.attacked, self.left = attacked, iter(proposals)
        self.edits: Edits = ()
        self.text, self.became, self.unrealised = attacked.tokens.text, attacked.label, 0
        self.success = False


def greedy_batch(
    classifier: Classifier,
    documents: Sequence[AttackedDocument],
    proposals: Sequence[Iterable[Edit]],
    edits: int,
    *,
    targets: Sequence[int | None],
    apart: bool,
) -> list[AttackOutcome]:
    """Apply proposals to each document, up to `edits`, until the model's own decision about the text turns."""
    runs = [
        _Run(attacked, edits_in_order) for attacked, edits_in_order in zip(documents, proposals, strict=True)
    ]
    active = list(zip(runs, targets, strict=True))
    while active:
        moved = list(_propose(classifier, active, apart))
        _judge(classifier, moved)
        active = [(run, target) for run, target in moved if not run.success and len(run.edits) < edits]
    return [AttackOutcome(r.attacked, r.edits, r.text, r.success, r.became, r.unrealised) for r in runs]


def _propose(
    classifier: Classifier, active: Sequence[tuple[_Run, int | None]], apart: bool
) -> Iterator[tuple[_Run, int | None]]:
    """Take the next edit of each that the tokeniser reads as it should; who has none left drops out."""
    while active:
        offered = [(run, target, edit) for run, target in active if (edit := next(run.left, None))]
        tried = [(*run.edits, edit) for run, _, edit in offered]
        pairs = list(zip(offered, tried, strict=True))
        texts = [run.attacked.written(edits, apart=apart) for (run, _, _), edits in pairs]
        expected = [run.attacked.expected(edits) for (run, _, _), edits in pairs]
        again = []
        good = realised(classifier.tokenizer, texts, expected)
        for ((run, target, _), edits), text, fits in zip(pairs, texts, good, strict=True):
            if fits:
                run.edits, run.text = edits, text
                yield run, target
            else:
                run.unrealised += 1
                again.append((run, target))
        active = again


def _judge(classifier: Classifier, moved: Sequence[tuple[_Run, int | None]]) -> None:
    """Find what may have turned by the fast way, and let the model itself decide about those texts."""
    classes = logits_of(classifier, [run.attacked.expected(run.edits) for run, _ in moved]).argmax(1)
    may = [pair for pair, c in zip(moved, classes, strict=True) if turned(c, pair[0].attacked.label, pair[1])]
    for (run, target), c in zip(may, decided(classifier, [run.text for run, _ in may]), strict=True):
        run.success, run.became = turned(c, run.attacked.label, target), int(c)


def turned(predicted: int, label: int, target: int | None) -> bool:
    """Whether a class is what the attack is after: the target, or any but the true one."""
    return bool(predicted != label if target is None else predicted == target)


def decided(classifier: Classifier, texts: Sequence[str]) -> Ints:
    """The classes of texts, by the model itself."""
    classes: NDArray[np.int64] = classifier.logits(texts).argmax(1)
    return classes


@torch.no_grad()
def logits_of(classifier: Classifier, documents: Sequence[Ints]) -> Floats:
    """Logits (documents, C) of word numbers: from slot tables where that is faster, else by the model."""
    model = classifier.model.eval()
    if isinstance(model, TextCNN):
        return trace(model, Documents.of(documents)).logits
    logits = np.zeros((len(documents), model.classes), dtype=np.float32)
    for places in by_length([len(ids) for ids in documents]):
        ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
        logits[places] = model(ids).float().cpu().numpy()
    return logits
