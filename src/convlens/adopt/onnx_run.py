"""Runs a file of ONNX by ONNX Runtime, on batches that are filled up with padding."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from convlens.adopt.export_proof import Outputs, joined
from convlens.adopt.onnx_graph import FILE, packages
from convlens.arrays import Ints
from convlens.errors import InputError
from convlens.models import by_length, pad
from convlens.shown import shown


@dataclass(frozen=True)
class OnnxRun:
    """A session, asked for those of its outputs that are compared."""

    session: Any

    @classmethod
    def of(cls, folder: Path) -> "OnnxRun":
        """The model of a folder; `InputError` where ONNX Runtime cannot load it."""
        _, runtime = packages()
        try:
            return cls(runtime.InferenceSession(folder / FILE, providers=["CPUExecutionProvider"]))
        except Exception as error:  # noqa: BLE001  whatever it raises
            raise InputError(
                f"onnxruntime {runtime.__version__} cannot load the model ({shown(str(error))}): install a newer one"
            ) from None

    def __call__(self, documents: Sequence[Ints]) -> Outputs:
        """Outputs for documents of word numbers, those of like length in one batch."""
        names = [name for output in self.session.get_outputs() if (name := output.name) != "words"]
        batches = by_length([len(ids) for ids in documents])
        values = []
        for places in batches:
            ids = pad([documents[i] for i in places]).numpy()
            values.append(dict(zip(names, self.session.run(names, {"ids": ids}), strict=True)))
        order = np.argsort(np.concatenate(batches))
        return {name: array[order] for name, array in joined(values).items()}
