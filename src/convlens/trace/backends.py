"""Which backend traces: what was asked for, what pays, and what this machine can do."""

import logging
from typing import TYPE_CHECKING

import numpy as np

from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.models import Weights, weights_of

if TYPE_CHECKING:
    from convlens.models import TextModel

WORTHWHILE = 50_000  # tokens; below, loading the compiled kernels takes longer than the work
BACKENDS = ("auto", "table", "numpy", "torch")
log = logging.getLogger("convlens")


def choose(model: "TextModel | Weights", tokens: int, backend: str = "auto") -> str:
    """The backend for so many words: the forced one, or what `auto` comes to, which for few words is NumPy."""
    few = backend == "auto" and tokens < WORTHWHILE
    chosen = ("torch" if weights_of(model) is None else "numpy") if few else effective(model, backend)
    log.info("tracing %d words by %s", tokens, chosen)
    return chosen


def effective(model: "TextModel | Weights", backend: str) -> str:
    """What traces many words: `table`, `numpy` where that is asked for, or else `torch`.

    Raises `InputError` for an unknown backend, and where the table is asked for and cannot be had.
    """
    check_backend(backend)
    if backend == "torch":
        return "torch"
    weights = weights_of(model)
    takes = weights is not None and weights.vectors.dtype == np.float32 and compiles()
    if backend == "table" and not takes:
        raise InputError(
            "no slot table here: it takes a TextCNN of float32 on a CPU and a working Numba, choose the backend torch"
        )
    if backend == "numpy" and weights is None:
        raise InputError(
            "no arrays here: the backend numpy takes a TextCNN of float32 or float64 on a CPU, choose the backend torch"
        )
    return backend if backend == "numpy" else "table" if takes else "torch"


def check_backend(backend: str) -> None:
    """Raise `InputError` for a backend that is not in `BACKENDS`."""
    if backend not in BACKENDS:
        raise InputError(f"unknown backend {backend!r}: choose one of {', '.join(BACKENDS)}")
