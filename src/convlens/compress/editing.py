"""Switching off filters, words and n-grams of a trained model, exactly and for every method."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from convlens.errors import InputError
from convlens.models import Classifier, TextCNN, TextModel, one_layer
from convlens.text import MASK, UNKNOWN, Tokenizer, occurrences, starts

KINDS = ("filter", "word", "ngram")


@dataclass(frozen=True)
class Pattern:
    """What is to be switched off: `kind` of `KINDS`, `text` as it was given, word or filter numbers of the model."""

    kind: str
    text: str
    numbers: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """For the record of the model."""
        return f"{'n-gram' if self.kind == 'ngram' else self.kind} {self.text!r} switched off"


def find_pattern(classifier: Classifier, spec: str) -> Pattern:
    """Read `filter:17`, `word:foo` or `ngram:two words`; `InputError` for what the model does not have."""
    kind, _, text = spec.partition(":")
    if kind not in KINDS or not text.strip():
        raise InputError(f"cannot switch off {spec!r}: give filter:17, word:foo or ngram:'two words'")
    if kind == "filter":
        return Pattern(kind, text.strip(), (_filter(classifier.model, text.strip()),))
    tokens = classifier.tokenizer.whole.encode(text)
    unknown = [word for word, number in zip(tokens.words, tokens.ids, strict=True) if number == UNKNOWN]
    if unknown:
        raise InputError(f"{spec!r} matches nothing: {unknown[0]!r} is not in the vocabulary of the model")
    wanted = len(tokens.ids) == 1 if kind == "word" else len(tokens.ids) > 1
    if not wanted:
        raise InputError(
            f"{spec!r} is {len(tokens.ids)} words to this model: word: takes one, ngram: takes two or more"
        )
    return Pattern(kind, text.strip(), tuple(tokens.ids.tolist()))


def disable(classifier: Classifier, patterns: Sequence[Pattern]) -> Classifier:
    """A copy of a classifier in which filters pool nothing, words are zero vectors, and n-grams are masked.

    A filter gets a gate of infinity. A word's vector becomes zero, as in word deletion: it keeps its place and says
    nothing. The tokenizer reads the words of an n-gram, where it occurs, as one more word whose vector is zero; so
    neither the n-gram nor a window with a part of it says anything there, and elsewhere its words mean what they did.
    As all of it is in the model and its tokenizer, every backend and method answers for the model as it is then.
    """
    model, tokenizer = copy.deepcopy(classifier.model), classifier.tokenizer
    filters = [number for p in patterns if p.kind == "filter" for number in p.numbers]
    if filters:
        shallow = one_layer(model, "switching filters off")
        _switch_off(shallow, filters)
    with torch.no_grad():
        model.embed.weight[[number for p in patterns if p.kind == "word" for number in p.numbers]] = 0
    masked = [tuple(tokenizer.word(i) for i in p.numbers) for p in patterns if p.kind == "ngram"]
    if masked:
        tokenizer = _masking(model, tokenizer, masked)
    record = classifier.record.changed(*(p.sentence for p in patterns))
    return replace(classifier, model=model, tokenizer=tokenizer, record=record)


@torch.no_grad()
def _switch_off(model: TextCNN, filters: Sequence[int]) -> None:
    """Let no value of these filters pass: by gates, or, where no ReLU is that they could stand for, by weights of zero."""
    if model.config.activation != "relu":
        [*model.dense_layers, model.head][0].weight[:, filters] = 0
        return
    old = model.gates
    model.gates = model.head.weight.new_zeros(len(model.config.widths)) if old is None else old.clone()
    model.gates[filters] = torch.inf


def count_matches(classifier: Classifier, patterns: Sequence[Pattern], texts: Sequence[str]) -> list[int]:
    """How often each pattern occurs in texts, a filter in how many it pools something; `InputError` for one that never does."""
    documents = replace(classifier.tokenizer, masked=()).ids(texts)
    ids = np.concatenate([np.zeros(0, np.int64), *documents])
    edges = starts([len(document) for document in documents])
    counts = [
        len(texts) if p.kind == "filter" else len(occurrences(ids, edges, np.array(p.numbers)))
        for p in patterns
    ]
    for pattern, count in zip(patterns, counts, strict=True):
        if not count:
            raise InputError(
                f"{pattern.kind}:{pattern.text} matches nothing in the data: there is nothing to switch off, leave it out"
            )
    return counts


def _filter(model: TextModel, text: str) -> int:
    count = len(one_layer(model, "switching filters off").config.widths)
    if not text.isdecimal() or int(text) >= count:
        raise InputError(f"there is no filter {text!r}: the filters of this model are 0 to {count - 1}")
    return int(text)


def _masking(model: TextModel, tokenizer: Tokenizer, ngrams: Sequence[tuple[str, ...]]) -> Tokenizer:
    """The tokenizer that masks n-grams too; `model` gets the zero vector that they are read as."""
    masked = tuple(dict.fromkeys((*tokenizer.masked, *ngrams)))
    if tokenizer.masked:
        return replace(tokenizer, masked=masked)
    weight = model.embed.weight.detach()
    longer = nn.Embedding(len(weight) + 1, weight.shape[1], padding_idx=model.embed.padding_idx).to(weight)
    with torch.no_grad():
        longer.weight[:-1], longer.weight[-1] = weight, 0
    model.embed = longer
    return replace(tokenizer, words=(*tokenizer.words, MASK), masked=masked)
