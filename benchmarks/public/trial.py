"""One network of a public repository in a process of its own: built, adopted, explained; prints a row as JSON.

    python -m benchmarks.public.trial NAME

The files of the repository lie in the working folder. Their code is run.
"""

import dataclasses
import importlib
import json
import random
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

import convlens
from benchmarks.public.network import SEED, PublicNetwork
from benchmarks.public.row import Row
from benchmarks.public.table import NETWORKS
from convlens import Classifier, Vocabulary
from convlens.errors import InputError

TEXTS = 64
SHORT, LONG = 8, 80  # words: of every fourth text fewer, of others up to so many
UNKNOWN_SHARE = 0.1
EXPLAINED = 16  # texts


def made_up_texts(network: PublicNetwork) -> list[str]:
    """Texts of words of the vocabulary, every tenth word none of it."""
    generator = np.random.default_rng(SEED)
    words = [*network.vocabulary]
    texts = []
    for place in range(TEXTS):
        length = generator.integers(1, SHORT if place % 4 == 0 else LONG)
        chosen = generator.choice(words, length)
        unknown = generator.random(length) < UNKNOWN_SHARE
        texts.append(" ".join(np.where(unknown, "nowhere", chosen).tolist()))
    return texts


def module_of(network: PublicNetwork, folder: Path) -> ModuleType:
    """The module of a network's file, or of the cells of a notebook that define it."""
    sys.path.insert(0, str((folder / network.root).resolve()))
    path = folder / network.file
    if path.suffix == ".ipynb":
        return _of_cells(path, network.cell)
    parts = path.relative_to(folder / network.root).with_suffix("").parts
    return importlib.import_module(".".join(parts))


def _of_cells(path: Path, mark: str) -> ModuleType:
    """What the cells of a notebook that hold a mark define, run where torch is imported."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    module = ModuleType(path.stem)
    vars(module).update(torch=torch, nn=torch.nn, F=torch.nn.functional)
    for source in sources:
        if mark in source:
            exec(compile(source, path.name, "exec"), vars(module))  # noqa: S102  the code of a cell
    return module


def adopted(network: PublicNetwork, model: Any) -> Classifier:
    """A network as a classifier of ConvLens."""
    return convlens.adopt(
        model,
        tokenizer="split",
        vocabulary=Vocabulary(network.vocabulary, network.padding_row, network.unknown_row),
        labels=[f"class {number}" for number in range(network.classes)],
        prove_on=made_up_texts(network),
        padding=network.padding,
        output=network.output,
    )


def tried(network: PublicNetwork, folder: Path) -> Row:
    """What became of a network: adopted, or refused with a sentence, or failed in its own code."""
    random.seed(SEED)  # which Keras takes its seeds from
    torch.manual_seed(SEED)
    start = time.perf_counter()
    try:
        model = network.build(module_of(network, folder))
    except Exception as error:  # noqa: BLE001  whatever code of another time raises
        return Row(failure=f"{type(error).__name__}: {error}")
    try:
        classifier = adopted(network, model)
    except InputError as error:
        return Row(refusal=str(error))
    adoption = classifier.adoption
    assert adoption is not None
    explanations = [convlens.explain(classifier, text) for text in made_up_texts(network)[:EXPLAINED]]
    return Row(
        read=adoption.network,
        folded=adoption.folded,
        padding=adoption.padding,
        compared=adoption.proof.compared,
        texts=adoption.proof.texts,
        hard=adoption.proof.hard,
        largest=adoption.proof.largest,
        residual=max(one.residual for one in explanations if one.residual is not None),
        seconds=time.perf_counter() - start,
    )


def main() -> None:
    """Print one row; what the repository's code prints goes to stderr."""
    with redirect_stdout(sys.stderr):
        row = tried(NETWORKS[sys.argv[1]], Path())
    print(json.dumps(dataclasses.asdict(row)))


if __name__ == "__main__":
    main()
