"""A model of Keras as an exported program, made in a process of its own where Keras runs on torch.

    python -m convlens.adopt.keras_elsewhere MODEL.keras PROGRAM.pt2

Keras takes its backend once in a process. Where it runs on TensorFlow or JAX already, a file of its is read here and handed back as a program.
"""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from torch import nn

from convlens.errors import InputError
from convlens.shown import shown

SECONDS = 300  # in which a text CNN is loaded and exported
WORDS = 48  # of the example of a model that takes any number


def load_elsewhere(path: Path) -> nn.Module:
    """The model of a file, read where Keras runs on torch."""
    from convlens.adopt.exported import load_exported

    with TemporaryDirectory() as folder:
        program = Path(folder) / "model.pt2"
        command = [sys.executable, "-W", "ignore", "-m", __name__, str(path.resolve()), str(program)]
        variables = os.environ | {"KERAS_BACKEND": "torch"}
        try:
            run = subprocess.run(
                command, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"{path} was not read in {SECONDS} s where Keras runs on torch") from None
        if run.returncode:
            lines = run.stderr.strip().splitlines() or ["it ended"]
            raise InputError(
                lines[-1] if lines[-1].startswith(str(path)) else f"{path} cannot be read: {shown(lines[-1])}"
            )
        return load_exported(program, None)


def main() -> None:
    """Load, export, write; one line on stderr where that fails."""
    import torch

    from convlens.adopt.keras_files import input_length, load_keras

    path, program = (Path(argument) for argument in sys.argv[1:3])
    try:
        model = load_keras(path).eval()
    except InputError as error:
        sys.exit(str(error))
    example = torch.zeros(1, input_length(model) or WORDS, dtype=torch.int64)
    with torch.no_grad():
        torch.export.save(torch.export.export(model, (example,), strict=False), program)


if __name__ == "__main__":
    main()
