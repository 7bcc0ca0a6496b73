"""`convlens adopt`: a network that was trained elsewhere, taken over and proven equal."""

import importlib
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from convlens.adopt import NotEqual, Vocabulary, vocabulary_of
from convlens.adopt import adopt as take_over
from convlens.adopt.files import ENDINGS
from convlens.adopt.recipe import OneLayer, state_of
from convlens.cli import options
from convlens.cli.console import put, put_json, say
from convlens.cli.settings import padding_of
from convlens.data import read
from convlens.decoding import read_json
from convlens.errors import InputError
from convlens.models import check_model_target, save
from convlens.shown import shown, visible

UNEQUAL = 1


def adopt(
    network: Annotated[
        Path | None,
        typer.Argument(
            metavar="[NETWORK]",
            help="A file of Keras (.keras, .h5), ONNX (.onnx) or torch.export (.pt2); or --module.",
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the model.")] = Path("adopted"),
    vocabulary: Annotated[
        Path | None, typer.Option(help="Words and their rows: JSON, CSV, or one word a line.")
    ] = None,
    tokenizer: Annotated[
        str, typer.Option(help="split, words, treebank, characters, or the JSON of Keras' Tokenizer.")
    ] = "split",
    labels: Annotated[str, typer.Option(help="The classes in the order of the outputs: neg,pos.")] = "",
    prove_on: Annotated[
        Path | None, typer.Option(help="A file of 32 or more texts, on which both must agree.")
    ] = None,
    text: options.Text = None,
    padding: Annotated[
        str | None, typer.Option(help="How texts are padded: length=400,left, least=5 (see fit).")
    ] = None,
    length: Annotated[
        int | None, typer.Option(help="Texts are cut and padded to so many words: --padding length=N.", min=1)
    ] = None,
    pad_row: Annotated[
        int | None, typer.Option(help="The row of padding (default: that of <pad>, or row 0).", min=0)
    ] = None,
    unknown_row: Annotated[
        int | None, typer.Option(help="The row of unknown words (default: that of <unk>).", min=0)
    ] = None,
    module: Annotated[
        str | None, typer.Option(help="The class of a PyTorch network, package.file:Class: its code is run.")
    ] = None,
    arguments: Annotated[
        Path | None, typer.Option(help="JSON with the arguments that the class is made with.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Its weights: .safetensors, or a state dict (.pt).")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="JSON with the names of the layers, where only --weights are there.")
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Take over a text CNN that was trained elsewhere, prove on your texts that it answers the same, and save it.

    Exit code 1: it was read, and answers otherwise; the line on stderr tells the text, both answers and the most probable cause.

    Examples:

      convlens adopt model.keras --vocabulary vocab.json --labels neg,pos --padding length=400,left --prove-on texts.csv

      convlens adopt --module mine.model:TextCNN --arguments args.json --weights model.safetensors --vocabulary vocab.txt --labels neg,pos --prove-on texts.csv -o folder
    """
    if prove_on is None or not labels:
        raise InputError(
            "a proof needs texts and the names of the classes: give --prove-on FILE and --labels neg,pos"
        )
    if length is not None and padding is not None:
        raise InputError("--length N is --padding length=N: give one of them")
    padding = padding if length is None else f"length={length}"
    check_model_target(output, force=force)
    model = _network(network, module, arguments, weights, recipe)
    if vocabulary is None and not (pad_row is None and unknown_row is None):
        raise InputError("--pad-row and --unknown-row are rows of a vocabulary: give --vocabulary FILE too")
    words = None if vocabulary is None else _with_rows(vocabulary_of(vocabulary), pad_row, unknown_row)
    try:
        classifier = take_over(
            model,
            tokenizer=tokenizer,
            vocabulary=words,
            labels=labels.split(","),
            padding=None if padding is None else padding_of(padding),
            prove_on=read(prove_on, text=text, labelled=False).texts,
        )
    except NotEqual as error:
        say(str(error))
        raise typer.Exit(UNEQUAL) from None
    save(classifier, output, force=force)
    adoption = classifier.adoption
    assert adoption is not None
    if as_json:
        put_json(
            {
                "network": adoption.network,
                "padding": adoption.padding,
                "notes": adoption.notes,
                "proof": vars(adoption.proof),
            }
        )
    else:
        for line in (adoption.network, adoption.told, *adoption.notes):
            put(visible(line))
    say(f"wrote {output}")


def _with_rows(words: Vocabulary, padding: int | None, unknown: int | None) -> Vocabulary:
    """A vocabulary with the rows of padding and unknown words that were given."""
    padding = words.padding if padding is None else padding
    return Vocabulary(words.rows, padding, words.unknown if unknown is None else unknown)


def _network(
    network: Path | None,
    module: str | None,
    arguments: Path | None,
    weights: Path | None,
    recipe: Path | None,
) -> Any:
    """The path of a network's file, or a network of PyTorch by its class or the names of its layers, and its weights."""
    if sum(way is not None for way in (network, module, recipe)) != 1:
        raise InputError(
            f"give the path of a network ({ENDINGS}), or --module package.file:Class or --recipe FILE with --weights, and one of these"
        )
    if network is not None:
        return network
    if weights is None:
        raise InputError(f"{module or recipe} is a network without weights: give --weights FILE")
    if recipe is not None:
        return _built(weights, recipe)
    assert module is not None
    built = _class(module)(
        **({} if arguments is None else read_json(arguments, dict[str, Any], "write a JSON object"))
    )
    try:
        built.load_state_dict(state_of(weights))
    except (RuntimeError, AttributeError) as error:
        raise InputError(
            f"{weights} does not fit {module} ({shown(str(error))}): give the arguments it was made with"
        ) from None
    return built


def _built(weights: Path, recipe: Path) -> OneLayer:
    """A network of weights, whose layers a file names."""
    advice = 'write {"embedding": "embed", "convolutions": ["convs.0", "convs.1"], "head": "fc"}'
    try:
        return OneLayer(weights, **read_json(recipe, dict[str, Any], advice))
    except TypeError as error:
        raise InputError(f"{recipe} is no recipe ({shown(str(error))}): {advice}") from None


def _class(name: str) -> Any:
    """A class by the name of its module; the folder where the command runs is looked in too."""
    path, _, attribute = name.partition(":")
    if not attribute:
        raise InputError(f"--module is package.file:Class, got {name!r}: name the class after a colon")
    sys.path.insert(0, os.getcwd())
    try:
        return getattr(importlib.import_module(path), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{name} is not to be had ({error}): run in the folder that holds the package"
        ) from None
    finally:
        sys.path.remove(os.getcwd())
