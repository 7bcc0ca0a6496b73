"""`adopt`: somebody's network, read, made a model of ConvLens, and proven to answer the same."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from convlens.adopt.causes import Setting
from convlens.adopt.conversion import ZERO, rows_of, tokenizer_of
from convlens.adopt.files import length_of, load_network, source_of, versions_of
from convlens.adopt.foreign import Outside
from convlens.adopt.graph import CannotRead
from convlens.adopt.keras_files import is_keras_model, of_another_backend
from convlens.adopt.lengths import Reference, cut_lengths
from convlens.adopt.network import Network
from convlens.adopt.proof import FEWEST
from convlens.adopt.proving import Maker, Proving, ask, found_padding
from convlens.adopt.reader import read
from convlens.adopt.served import Chosen, Served
from convlens.adopt.tokenizers import parts_of
from convlens.arguments import described, texts_of
from convlens.errors import InputError
from convlens.models import Classifier, Padding, Proof
from convlens.models.adoption import Adoption
from convlens.shown import shown

LENGTH = 48  # words of the example that a network is read with, unless it needs another
LABEL_SEPARATOR = ";"
TOLERANCE = 1e-5
REMAINS = "adopt(exact=False) asks it from outside, and explain_predictor asks for outputs alone"
ASKED = "the network is asked from outside: occlusion, gradients, LIME and Shapley sampling answer, nothing is exact"


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
    exact: bool = True,
) -> Classifier:
    """A convolutional text classifier from elsewhere as a classifier of ConvLens, proven to answer the same.

    `model` is an `nn.Module` that takes word numbers (B, L) and gives logits, probabilities or log probabilities (B, C), or one
    for two classes, or a model of Keras 3 with the torch backend, or the path of a file: of Keras (.keras, .h5), ONNX (.onnx) or
    `torch.export` (.pt2), or a `OneLayer` of weights; `output` chooses of several outputs. `tokenizer` and `vocabulary` say which numbers a text has: see
    `Vocabulary` and `parts_of`. `padding` is how texts are padded before the network; without it, it is found. `prove_on` are texts, 32
    at least, on which both must agree; `reference`, from texts to what the service answers for them, is then asked too: the network alone
    cannot know a wrong vocabulary, a forgotten lower-casing or other padding. Numbers may differ by `tolerance`, or by
    that share of a value above 1.

    With `exact=False` the network is not read but asked, whatever its shape is: by occlusion, gradients, LIME or Shapley sampling, deletion curves
    and typos. Its `padding` must be given where texts are padded, and it cannot be saved.

    `Classifier.adoption` tells what was read and proven. Raises `CannotRead` for a network with no exact answers, `NotEqual` for one that
    was read and answers otherwise, `InputError` for what does not fit.
    """
    texts = texts_of(prove_on, "prove_on")
    labels = texts_of(labels, "labels")
    if len(texts) < FEWEST:
        raise InputError(f"a proof needs at least {FEWEST} texts of yours, prove_on has {len(texts)}")
    config, cutter, words = parts_of(tokenizer, vocabulary)
    module = Chosen(_module(model, padding.length if padding else None), output).eval()
    length = length_of(module.module)
    if not exact:
        padding = padding or Padding(length=length)
        outside = Outside(module, config, cutter, words, padding, labels, LABEL_SEPARATOR)
        return _with(*outside.proof(texts, tolerance, reference), model, (), padding, (ASKED,))
    if padding is None and reference is None and length is not None:
        raise InputError(
            f"this network takes texts of {length} words: say how they are padded, by padding=Padding(length={length}), or with "
            "side='left' and cut='left' (as Keras' pad_sequences does by default), or give reference="
        )
    rows = rows_of(words)
    network = _read(module, rows, length or (padding.length if padding else None))
    several = network.outputs > 1 and network.squash == "sigmoid"
    maker = Maker(network, labels, cutter, LABEL_SEPARATOR if several else None)
    setting = Setting(config, words, padding or Padding())
    asked = None
    if reference is not None:
        cutting = tokenizer_of(config, cutter, words)
        lengths = (length,) if length else cut_lengths(reference, cutting, texts[:FEWEST])
        maker = replace(maker, lengths=lengths)
        asked = ask(reference, texts, maker(setting))
    if padding is None:
        setting = replace(setting, padding=found_padding(maker, setting, asked, tolerance))
    proving = Proving(maker, setting, Served(module, words.padding, setting.padding), texts, tolerance)
    classifier, proof, notes = proving.run(asked)
    return _with(classifier, proof, model, network.folded, setting.padding, notes)


def _with(
    classifier: Classifier,
    proof: Proof,
    model: Any,
    folded: tuple[str, ...],
    padding: Padding,
    notes: tuple[str, ...],
) -> Classifier:
    """A classifier that knows how it was taken over."""
    adoption = Adoption(
        source=source_of(model),
        network=classifier.model.config.shape,
        folded=folded,
        padding=padding.told or "none",
        notes=notes,
        proof=proof,
        versions=versions_of(model),
    )
    return replace(classifier, adoption=adoption)


def _module(model: Any, words: int | None) -> nn.Module:
    if isinstance(model, nn.Module):
        return _copied(model).cpu().eval()
    if isinstance(model, str | Path):
        return load_network(Path(model), words).eval()
    if is_keras_model(model):
        return of_another_backend(model).eval()
    raise InputError(f"model must be an nn.Module or the path of a file, got {described(model)}")


def _copied(model: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(model)
    except Exception as error:  # noqa: BLE001  whatever a module raises that holds what cannot be copied
        raise InputError(
            f"this network cannot be copied ({shown(str(error), 100)}): give one without hooks that compute its weights, as after "
            "torch.nn.utils.remove_weight_norm"
        ) from None


def _read(module: Chosen, rows: NDArray[np.int64], length: int | None) -> Network:
    """The network, read with a short example, or with one of the length that it was made for."""
    known = rows[rows != ZERO]
    if not len(known):
        raise InputError("the vocabulary has no words")
    own = length or LENGTH
    for size in [LENGTH, own] if own > LENGTH else [own]:
        ids = torch.from_numpy(np.resize(known, (1, size)))
        try:
            _try(module, ids)
            return read(module.graph(ids))
        except CannotRead as error:
            if size == own:
                raise CannotRead(f"{error}; {REMAINS}") from None
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
