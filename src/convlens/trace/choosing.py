"""Which backend traces: what was asked for, what pays, and what this machine can do."""

import logging

import torch

from convlens.errors import InputError
from convlens.kernels import compiles
from convlens.models import TextCNN, TextModel

WORTHWHILE = 50_000  # tokens; below, loading the compiled kernels takes longer than the work
BACKENDS = ("auto", "table", "torch")
log = logging.getLogger("convlens")


def choose(model: TextModel, tokens: int, backend: str = "auto") -> str:
    """The backend for so many words: the forced one, or what `auto` comes to."""
    few = backend == "auto" and tokens < WORTHWHILE
    chosen = "torch" if few else effective(model, backend)
    log.info("tracing %d words by %s", tokens, chosen)
    return chosen


def effective(model: TextModel, backend: str) -> str:
    """Whether slot tables are used for many words: `table`, or else `torch`.

    Raises `InputError` for an unknown backend, and where the table is asked for and cannot be had.
    """
    check_backend(backend)
    if backend == "torch":
        return "torch"
    weight = model.embed.weight
    fits = isinstance(model, TextCNN) and weight.device.type == "cpu" and weight.dtype == torch.float32
    takes = fits and compiles()
    if backend == "table" and not takes:
        raise InputError(
            "no slot table here: it takes a TextCNN of float32 on a CPU and a working Numba, choose the backend torch"
        )
    return "table" if takes else "torch"


def check_backend(backend: str) -> None:
    """Raise `InputError` for a backend that is not in `BACKENDS`."""
    if backend not in BACKENDS:
        raise InputError(f"unknown backend {backend!r}: choose one of {', '.join(BACKENDS)}")
