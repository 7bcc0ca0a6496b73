"""`adopt`: somebody's network, read, made a model of ConvLens, and proven to answer the same."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from convlens.adopt.causes import Setting
from convlens.adopt.conversion import ZERO, rows_of, tokenizer_of
from convlens.adopt.graph import CannotRead
from convlens.adopt.lengths import Reference, cut_lengths
from convlens.adopt.network import Network
from convlens.adopt.proof import (
    FEWEST,
)
from convlens.adopt.proving import Maker, Proving, ask, found_padding
from convlens.adopt.reader import read
from convlens.adopt.served import Chosen, Served
from convlens.adopt.tokenizers import parts_of
from convlens.arguments import described, texts_of
from convlens.errors import InputError
from convlens.models import Classifier, Padding
from convlens.models.adoption import Adoption
from convlens.shown import shown

LENGTH = 48  # words of the example that a network is read with, unless it needs another
LABEL_SEPARATOR = ";"
TOLERANCE = 1e-5


def adopt(  # noqa: PLR0913  what a network's owner knows of it
    model: Any,
    *,
    tokenizer: Any,
    labels: Sequence[str],
    prove_on: Sequence[str],
    vocabulary: Any = None,
    padding: Padding | None = None,
    output: str | int | None = None,
    reference: Reference | None = None,
    tolerance: float = TOLERANCE,
) -> Classifier:
    """A convolutional text classifier from elsewhere as a classifier of ConvLens, proven to answer the same.

    `model` is an `nn.Module` that takes word numbers (B, L) and gives logits, probabilities or log probabilities (B, C), or one
    for two classes; `output` chooses of several outputs. `tokenizer` and `vocabulary` say which numbers a text has: see
    `Vocabulary` and `parts_of`. `padding` is how texts are padded before the network; without it, it is found. `prove_on` are texts, 32
    at least, on which both must agree; `reference`, from texts to what the service answers for them, is then asked too: the network alone
    cannot know a wrong vocabulary, a forgotten lower-casing or other padding. Numbers may differ by `tolerance`, or by
    that share of a value above 1.

    `Classifier.adoption` tells what was read and proven. Raises `CannotRead` for a network with no exact answers, `NotEqual` for one that
    was read and answers otherwise, `InputError` for what does not fit.
    """
    texts = texts_of(prove_on, "prove_on")
    labels = texts_of(labels, "labels")
    if len(texts) < FEWEST:
        raise InputError(f"a proof needs at least {FEWEST} texts of yours, prove_on has {len(texts)}")
    config, cutter, words = parts_of(tokenizer, vocabulary)
    module = Chosen(_module(model), output).eval()
    rows = rows_of(words)
    network = _read(module, rows, padding)
    several = len(labels) > 2 and network.squash == "sigmoid"
    maker = Maker(network, labels, cutter, LABEL_SEPARATOR if several else None)
    setting = Setting(config, words, padding or Padding())
    asked = None
    if reference is not None:
        lengths = cut_lengths(reference, tokenizer_of(config, cutter, words), texts[:FEWEST])
        maker = replace(maker, lengths=lengths)
        asked = ask(reference, texts, maker(setting))
    if padding is None:
        setting = replace(setting, padding=found_padding(maker, setting, asked, tolerance))
    proving = Proving(maker, setting, Served(module, words.padding, setting.padding), texts, tolerance)
    classifier, proof, notes = proving.run(asked)
    adoption = Adoption(
        source=_source(model),
        network=classifier.model.config.shape,
        folded=network.folded,
        padding=setting.padding.told or "none",
        notes=notes,
        proof=proof,
        versions={"torch": torch.__version__, "convlens": version("convlens")},
    )
    return replace(classifier, adoption=adoption)


def _module(model: Any) -> nn.Module:
    if isinstance(model, nn.Module):
        return copy.deepcopy(model).cpu().eval()
    if isinstance(model, str | Path):
        raise InputError(
            f"{model} is a file: load the network yourself and give the nn.Module (ConvLens never unpickles a model)"
        )
    raise InputError(f"model must be an nn.Module, got {described(model)}")


def _source(model: Any) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"


def _read(module: nn.Module, rows: NDArray[np.int64], padding: Padding | None) -> Network:
    """The network, read with a short example, or with one of the length that it was made for."""
    known = rows[rows != ZERO]
    if not len(known):
        raise InputError("the vocabulary has no words")
    own = LENGTH if padding is None or padding.length is None else padding.length
    lengths = [LENGTH, own] if own > LENGTH else [own]
    for length in lengths:
        ids = torch.from_numpy(np.resize(known, (1, length)))
        try:
            _try(module, ids)
            return read(module, ids)
        except CannotRead:
            if length == lengths[-1]:
                raise
    raise AssertionError


def _try(module: nn.Module, ids: torch.Tensor) -> None:
    """Run the network as it is, so that what is wrong with it, or with the word numbers, is not blamed on the export."""
    try:
        with torch.no_grad():
            module(ids)
    except InputError:
        raise
    except IndexError:
        raise InputError(
            f"the network has no vector for some word numbers of the vocabulary, which go up to {ids.max():,}: give the vocabulary "
            "of this network"
        ) from None
    except Exception as error:  # noqa: BLE001  whatever somebody's own code raises
        raise CannotRead(
            f"the network itself fails on a text of {ids.shape[1]} words ({type(error).__name__}: {shown(str(error))}): where it "
            "takes texts of one length only, give padding=Padding(length=...)"
        ) from None
