"""A network with no exact answers as a classifier that is asked from outside: where it looks vectors up, and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from convlens.adopt.conversion import ZERO, rows_of, tokenizer_of
from convlens.adopt.graph import CannotRead
from convlens.adopt.proof import Answers, Comparison, check, hard_texts, in_kind
from convlens.adopt.served import Chosen, Served
from convlens.adopt.vocabulary import Vocabulary
from convlens.arrays import Floats, Ints
from convlens.errors import InputError
from convlens.models import Classifier, Foreign, ForeignConfig, Makes, Padding, Proof
from convlens.shown import listed, shown
from convlens.text import Cutter, TextConfig

OUTSIDE = "a function of texts is all that is there: ask convlens.explain_predictor"
BESIDES = "it reads word numbers besides their vectors, so its vectors alone do not say what it answers"
SHOWN = 200  # characters of a text that the proof keeps
CAUSE = "the padding, the vocabulary or the tokeniser is not what its service has"


@dataclass(frozen=True)
class Outside:
    """A network, how texts become its numbers, and the labels."""

    network: Chosen
    config: TextConfig
    cutter: Cutter | None
    words: Vocabulary
    padding: Padding
    labels: tuple[str, ...]
    separator: str

    def classifier(self, texts: Sequence[str]) -> tuple[Classifier, Served]:
        """The classifier, what the network makes of its logits told by what it gives for the texts."""
        rows = rows_of(self.words)
        served = Served(self.network, self.words.padding, self.padding)
        tokenizer = tokenizer_of(self.config, self.cutter, self.words)
        row = int(next(row for row in rows[1:] if row not in (ZERO, rows[0])))
        lookup, table = looked_up(self.network, torch.full((2, self.padding.length or 40), row))
        if (rows >= len(table)).any():
            raise InputError(
                f"the vocabulary has rows up to {rows.max():,}, and the embedding {len(table):,} from 0 on: give the vocabulary of this network"
            )
        makes = self._makes(_outputs(served, [rows[tokenizer.encode(text).ids] for text in texts]))
        vectors = torch.cat([table, table.new_zeros(1, table.shape[1])])[torch.from_numpy(rows)]
        config = ForeignConfig(type(self.network.module).__name__, vectors.shape[1], makes, self.padding)
        model: Any = Foreign(
            config, self.network, lookup, vectors, (self.words.padding or 0, row), len(self.labels)
        ).eval()
        separator = self.separator if makes == "probabilities of each label" else None
        return Classifier(model, tokenizer, self.labels, label_separator=separator), served

    def _makes(self, outputs: Floats) -> Makes:
        classes = len(self.labels)
        if outputs.shape[1] not in (classes, 1) or (outputs.shape[1] == 1 and classes != 2):
            raise InputError(
                f"the network has {outputs.shape[1]} outputs, and {classes} labels are named: name one for each class"
            )
        kind = Answers.of(outputs, len(outputs), classes, several=False).kind
        if kind == "logits" and outputs.shape[1] > 1 and ((outputs >= 0) & (outputs <= 1)).all():
            return "probabilities of each label"
        return kind  # type: ignore[return-value]  # Answers has these three

    def proof(self, texts: Sequence[str], tolerance: float, reference: Any) -> tuple[Classifier, Proof]:
        """The classifier, proven to answer as the network does, and as its service."""
        classifier, served = self.classifier(texts)
        rows, encode, several = rows_of(self.words), classifier.tokenizer.encode, classifier.multilabel
        hard = [
            text
            for text in hard_texts(classifier, texts, self.padding.length)
            if self._answers(classifier, served, text)
        ]
        every = (*texts, *hard)
        outputs = served.outputs([rows[encode(text).ids] for text in every]).astype(np.float64)
        kind = "probabilities" if several else self._makes(outputs)
        alone = Comparison(outputs, self._ours(classifier, every, kind, outputs), kind, several)
        check(alone, every, tolerance, "the network and itself by its vectors", lambda: BESIDES)
        comparisons, service_name = [(alone, every)], ""
        if reference is not None:
            answers = Answers.of(reference(list(texts)), len(texts), len(self.labels), several=several)
            ours = self._ours(classifier, texts, answers.kind, answers.values)
            service = Comparison(answers.values, ours, answers.kind, several)
            check(service, texts, tolerance, "the reference and the network", lambda: CAUSE)
            comparisons.append((service, tuple(texts)))
            service_name = f"the {answers.kind} of its service"
        largest, where = max(
            (float(one.excess.max()), names[int(one.excess.argmax())]) for one, names in comparisons
        )
        return classifier, Proof(len(texts), len(hard), kind, largest, where[:SHOWN], tolerance, service_name)

    @staticmethod
    def _ours(classifier: Classifier, texts: Sequence[str], kind: str, theirs: Floats) -> Floats:
        return in_kind(classifier, classifier.logits(texts).astype(np.float64), kind, theirs.shape[1])

    def _answers(self, classifier: Classifier, served: Served, text: str) -> bool:
        """Whether the network answers a text at all. One that spells its padding word is no word to a mask, and left out."""
        try:
            numbers = rows_of(self.words)[classifier.tokenizer.encode(text).ids]
            served.outputs([numbers])
            return len(numbers) > 0 and self.words.padding not in numbers
        except Exception:  # noqa: BLE001  whatever a network raises for what it cannot read
            return False


def _outputs(served: Served, documents: Sequence[Ints]) -> Floats:
    """What the network gives for the user's texts; `InputError` where it fails on one."""
    try:
        return served.outputs(documents)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  whatever somebody's own code raises
        raise InputError(
            f"the network itself fails on one of your texts ({type(error).__name__}: {shown(str(error), 100)}): say how texts are padded "
            "before it, by padding=Padding(least=...) or Padding(length=...)"
        ) from None


def looked_up(network: nn.Module, ids: Tensor) -> tuple[nn.Module, Tensor]:
    """The part of a network that looks vectors up, and its table (V, d); `CannotRead` where there is none, or several."""
    lookups: list[nn.Module] = []

    def listen(module: nn.Module, inputs: Any, outputs: Any) -> None:
        numbers = inputs[0] if inputs else None
        if not isinstance(numbers, Tensor) or not isinstance(outputs, Tensor) or outputs.ndim != 3:
            return
        of_words = not torch.is_floating_point(numbers) and torch.is_floating_point(outputs)
        if of_words and numbers.shape == outputs.shape[:2] == ids.shape:
            lookups.append(module)

    handles = [module.register_forward_hook(listen) for module in network.modules()]
    try:
        with torch.no_grad():
            network(ids)
    except Exception as error:  # noqa: BLE001  whatever somebody's own code raises
        raise CannotRead(
            f"the network itself fails on a text of {ids.shape[1]} words ({type(error).__name__}: {shown(str(error), 100)}): where it takes "
            "texts of one length only, give padding=Padding(length=...)"
        ) from None
    finally:
        for handle in handles:
            handle.remove()
    tables = [(one, table) for one in lookups if (table := _table(one)) is not None]
    if len(tables) != 1:
        names = listed([type(one).__name__ for one, _ in tables])
        raise CannotRead(
            f"the network looks vectors up in {len(tables)} parts ({names or 'none'}), and slopes are taken by one: {OUTSIDE}"
        )
    return tables[0]


def _table(module: nn.Module) -> Tensor | None:
    """The vectors (V, d) of a module that has nothing but these."""
    tensors = list(module.parameters()) + list(module.buffers())
    if len(tensors) != 1 or tensors[0].ndim != 2:
        return None
    return tensors[0].detach().float()
