"""Commands that run out of memory say so in a sentence, and leave nothing that is half written."""

import errno
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
import torch
from polars.exceptions import ComputeError, PanicException

from convlens.cli import console

LIMITED = """
import resource, sys
import torch
from convlens.cli import main
pages = int(open("/proc/self/statm").read().split()[0])
most = pages * resource.getpagesize() + 2**31
resource.setrlimit(resource.RLIMIT_AS, (most, most))
main(sys.argv[1:])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc and limits the address space")
@pytest.mark.parametrize("output", ["new", "model"])
def test_a_fit_that_does_not_fit_into_memory_is_one_sentence(model, reviews, tmp_path, output):
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    options = ["--dim", "30000000", "--filters", "1", "--regions", "1", "--quiet", "--force"]
    command = [sys.executable, "-c", LIMITED, "fit", reviews, "-o", tmp_path / output, *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"convlens: {console.SHORT}\n")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def too_much_for_numpy():
    np.empty(2**62, dtype=np.int8)


def too_much_for_torch():
    torch.empty(2**62, dtype=torch.int8)


def raising(error):
    def act():
        raise error

    return act


ACTS = {
    "numpy": too_much_for_numpy,
    "torch": too_much_for_torch,
    "python": lambda: [0] * 2**60,
    "polars": raising(ComputeError("Cannot allocate memory (os error 12)")),
    "panic": raising(PanicException("memory allocation failed")),
    "system": raising(OSError(errno.ENOMEM, "Cannot allocate memory", "a.csv")),
    "library": raising(ImportError("libx.so: failed to map segment from shared object: Cannot allocate memory")),
    "thread": raising(RuntimeError("can't start new thread")),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_whoever_runs_out_of_memory_the_sentence_is_the_same(name, capsys):
    with pytest.raises(SystemExit) as end:
        console.ending_well(ACTS[name])()
    assert (end.value.code, capsys.readouterr().err) == (2, f"convlens: {console.SHORT}\n")


def test_other_errors_are_not_hidden():
    for error in (RuntimeError("shapes differ"), KeyError("x"), pl.exceptions.ShapeError("x")):
        with pytest.raises(type(error)):
            console.ending_well(raising(error))()
