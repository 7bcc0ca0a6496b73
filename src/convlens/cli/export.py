"""`convlens export`: a model, written for another program and proven to answer the same."""

from pathlib import Path
from typing import Annotated

import typer

from convlens.adopt import FORMATS, NotEqual, check_export_target
from convlens.adopt import export as write_export
from convlens.cli import options
from convlens.cli.console import put, put_json, say
from convlens.data import read
from convlens.models import load
from convlens.shown import visible

UNEQUAL = 1


def export(
    model: options.Model,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the export.")] = Path("exported"),
    format: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "onnx",
    prove_on: Annotated[
        Path | None, typer.Option(help="A file of texts on which both must agree, besides hard ones.")
    ] = None,
    text: options.Text = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Write a model as ONNX, for PyTorch or for Keras, and prove that what was written answers the same.

    The folder has the network (model.onnx, weights.safetensors or model.keras), vocabulary.json with the number of each word, and
    settings.json with the labels and how texts are cut and padded. None of them needs ConvLens, and none holds code.

    Exit code 1: what was written answers otherwise, and is not kept; the line on stderr tells the text and both answers.

    Examples:

      convlens export model -o served

      convlens export model --format keras --prove-on texts.csv -o served
    """
    check_export_target(output, force=force)
    classifier = load(model)
    texts = None if prove_on is None else read(prove_on, text=text, labelled=False).texts
    try:
        result = write_export(classifier, output, format=format, prove_on=texts, force=force)
    except NotEqual as error:
        say(str(error))
        raise typer.Exit(UNEQUAL) from None
    if as_json:
        values = {"format": result.format, "files": result.files, "notes": result.notes}
        put_json({**values, "proof": vars(result.proof)})
    else:
        put(visible(result.told))
        for note in result.notes:
            put(visible(note))
    say(f"wrote {output} ({', '.join(result.files)})")
