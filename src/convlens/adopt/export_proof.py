"""The proof that an exported network answers as the model that it was made of: logits, and windows where it gives them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convlens.adopt.proof import Comparison, NotEqual, check, hard_texts
from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import (
    Classifier,
    ForeignConfig,
    Proof,
    TextCNNConfig,
    Weights,
    arrays_of,
    by_length,
    family_name,
    pad,
)
from convlens.shown import clipped, shown
from convlens.text import Documents, TextConfig, Tokenizer
from convlens.trace import Trace, trace

TOLERANCE = 1e-5
CAUSE = "weights so large that float32 rounds them otherwise in another order"
SHOWN = 200  # characters of a text that the proof keeps


# "logits" (D, C) or, of one logit, (D, 1), and where a format gives them "peaks" and "positions" (D, k)
Outputs = Mapping[str, NDArray[Any]]
Run = Callable[[Sequence[Ints]], Outputs]  # what an exported network gives for word numbers of documents


def joined(parts: Sequence[Outputs]) -> Outputs:
    """The outputs for documents one after another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@dataclass(frozen=True)
class Asked:
    """Documents of word numbers, and the texts that they are; the user's stand first."""

    texts: tuple[str, ...]
    documents: tuple[Ints, ...]
    users: int

    @classmethod
    def of(cls, classifier: Classifier, texts: Sequence[str], shortest: int) -> "Asked":
        """The user's texts and those that most easily tell two networks apart, without those of fewer words than `shortest`."""
        words = classifier.tokenizer.words
        cutter = Tokenizer(
            TextConfig("whitespace", lower=False, min_count=1), words
        )  # hard texts have blanks
        hard = hard_texts(classifier, texts, _length(classifier))
        user = list(zip(texts, classifier.tokenizer.ids(texts), strict=True))
        pairs = [*user, *zip(hard, cutter.ids(hard), strict=True)]
        long_enough = [len(ids) >= shortest for _, ids in pairs]
        if not any(long_enough):
            raise InputError(
                f"a proof of this export needs texts of {shortest} words and more: give some by prove_on"
            )
        names, documents = zip(
            *(pair for pair, whole in zip(pairs, long_enough, strict=True) if whole), strict=True
        )
        return cls(names, documents, sum(long_enough[: len(user)]))


def _length(classifier: Classifier) -> int | None:
    """To how many words the network cuts a text."""
    config = classifier.network.config
    assert not isinstance(config, ForeignConfig)  # it is not exported
    return config.padding.length if isinstance(config, TextCNNConfig) else config.length


def prove(classifier: Classifier, run: Run, asked: Asked, name: str) -> Proof:
    """Compare an exported network with the model, in batches and alone; `NotEqual` where logits, peaks or windows differ."""
    alone = range(asked.users, len(asked.documents))
    documents = [*asked.documents, *(asked.documents[i] for i in alone)]
    texts = [*asked.texts, *(asked.texts[i] for i in alone)]
    theirs = joined([run(asked.documents), *(run([asked.documents[i]]) for i in alone)])
    sides = f"the {name} export and the model"
    if "positions" in theirs:
        ours = trace(classifier, Documents.of(documents))
        logits = ours.logits
        check(_compared(theirs["peaks"], ours.peaks, "peaks"), texts, TOLERANCE, sides, lambda: CAUSE)
        _check_windows(arrays_of(classifier.network), ours, theirs["positions"], texts)
    else:
        logits = _logits(classifier, documents)
    logits = logits[:, 1:] - logits[:, :1] if theirs["logits"].shape[1] == 1 else logits
    compared = _compared(theirs["logits"], logits, "logits")
    check(compared, texts, TOLERANCE, sides, lambda: CAUSE)
    worst = int(compared.excess.argmax())
    hard, largest = len(asked.documents) - asked.users, float(compared.excess[worst])
    return Proof(asked.users, hard, "logits", largest, clipped(texts[worst], SHOWN), TOLERANCE)


def _compared(theirs: Floats, ours: Floats, kind: str) -> Comparison:
    return Comparison(theirs.astype(np.float64), ours.astype(np.float64), kind)


def _logits(classifier: Classifier, documents: Sequence[Ints]) -> Floats:
    """What the model itself gives: (D, C)."""
    if family_name(classifier.network) == "TextCNN":
        return trace(classifier, Documents.of(documents)).logits
    logits = np.zeros((len(documents), len(classifier.labels)))
    model = classifier.model.eval()
    with torch.no_grad():
        for places in by_length([len(ids) for ids in documents]):
            ids = pad([documents[i] for i in places]).to(model.embed.weight.device)
            logits[places] = model(ids).double().cpu().numpy()
    return logits


def _check_windows(weights: Weights, ours: Trace, positions: Ints, texts: Sequence[str]) -> None:
    """Refuse a window that is not the first of the greatest value, unless rounding alone tells its value from that."""
    for document, number in np.argwhere(positions != ours.positions).tolist():
        place, peak = int(positions[document, number]), float(ours.peaks[document, number])
        value = _window(weights, ours.documents[document], number, place)
        if not abs(value - peak) <= TOLERANCE * max(abs(peak), 1):
            raise NotEqual(
                f"not equal: the export has the window of filter {number} at {place}, the model at {ours.positions[document, number]} "
                f"on {shown(texts[document])}; most probable cause: {CAUSE}"
            )


def _window(weights: Weights, ids: Ints, number: int, place: int) -> float:
    """The value of a filter's window at a place of a document as it is read, in float64; not a number where none is."""
    config, reading = weights.config, weights.reading
    ends = np.cumsum(config.counts)
    region = int(np.searchsorted(ends, number, "right"))
    n, (left, right) = config.regions[region], reading.zeros[region]
    first = reading.left - left
    last = len(ids) - (reading.right - right) - n
    if not first <= place <= max(last, first):
        return math.nan
    vectors = weights.vectors_of(ids[place : place + n]).astype(np.float64)  # (m, d)
    columns = weights.filters[region][number - ends[region]].T[: len(vectors)]
    return float((vectors * columns).sum() + weights.filter_biases[number])
