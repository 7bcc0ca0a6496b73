"""How long a single answer takes: help, a prediction, an explanation, on the command line and in Python.

    python -m benchmarks answers [--against FOLDER ...] [--times 5] [--only PART ...]

Processor seconds, medians of so many runs, all threads counted; kernels are compiled before. The model is untrained, with
100 filters each of 3, 4 and 5 words over vectors of 300, and a vocabulary of 20,000 words; texts are drawn from it. Each
`--against` is a checkout of another version, such as `git worktree add FOLDER COMMIT` makes, and gives a column of its own
in the same table: every run of one version is followed by one of the next. Texts are new at every call, so that most of
their words are, too. A version without `convlens.warm` answers as it does without. `--only` takes the rows whose
names hold one of these parts. Beside them, for one text: torch, ONNX Runtime and
Captum, those of them that are installed.
"""

import argparse
import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from convlens.models import Classifier, TextCNN, TextCNNConfig, save
from convlens.text import TextConfig, Tokenizer

ROOT = Path(__file__).resolve().parents[1]
WORDS = [f"word{i}" for i in range(20_000)]
COMMANDS = {
    "`convlens --help`": ["--help"],
    "`convlens --version`": ["--version"],
    "`convlens predict MODEL TEXT`": ["predict", "model", "word1 word2 word3"],
    "`convlens explain MODEL TEXT`": ["explain", "model", "word1 word2 word3"],
}
IN_PYTHON = """
import random, sys, time
import convlens
from convlens.explain import explain_all
model, chance = convlens.load("model"), random.Random(0)
def text(words): return " ".join(f"word{chance.randrange(20_000)}" for _ in range(words))
words, texts = map(int, sys.argv[1:3])
if len(sys.argv) > 3 and hasattr(convlens, "warm"): convlens.warm(model)
batches = [[text(words) for _ in range(texts)] for _ in range(20)]
answer = (lambda batch: convlens.explain(model, batch[0])) if texts == 1 else (lambda batch: explain_all(model, batch))
for batch in batches[:3]: answer(batch)
begin = time.process_time()
for batch in batches: answer(batch)
print((time.process_time() - begin) / len(batches))
"""
ANSWERS = {
    "`convlens.explain`, 20 words": (20, 1),
    "`convlens.explain`, 20 words, after `convlens.warm`": (20, 1, "warm"),
    "`convlens.explain`, 250 words": (250, 1),
    "`convlens.explain`, 250 words, after `convlens.warm`": (250, 1, "warm"),
    "`explain_all`, 64 texts of 20 words": (20, 64),
    "`explain_all`, 64 texts of 20 words, after `convlens.warm`": (20, 64, "warm"),
    "`explain_all`, 64 texts of 250 words, after `convlens.warm`": (250, 64, "warm"),
}

DELETING = """
import inspect, random, time
import torch
import convlens
from convlens.evaluate.exact import exact_order
classifier, chance = convlens.load("model"), random.Random(0)
model = classifier.model.eval()
takes = inspect.signature(exact_order).parameters
source = {}
if "source" in takes:
    from convlens.trace import vocabulary_table
    source = {"source": vocabulary_table(model)}
documents = [torch.tensor([chance.randrange(2, 20_000) for _ in range(250)]) for _ in range(6)]
exact_order(model, documents[0], 0, 1, 50, **source)
begin = time.process_time()
for ids in documents[1:]: exact_order(model, ids, 0, 1, 50, **source)
print((time.process_time() - begin) / 250)
"""

BESIDE = """
import sys, time
import numpy as np
from benchmarks import peers
from convlens import load
from convlens.text import Documents
model, chance = load("model").model, np.random.default_rng(0)
texts = [Documents.of([chance.integers(2, 20_000, 20)]) for _ in range(50)]
form = peers.fastest(model, Documents.of([text[0] for text in texts]))[1]
way = {
    "torch": lambda text: peers.torch_forward(model, peers.batches(text, 1), form),
    "onnx": lambda text: peers.onnx_forward(model, text),
    "captum": lambda text: peers.input_x_gradient(model, text),
}[sys.argv[1]]
for text in texts[:5]: way(text)
begin = time.process_time()
for text in texts: way(text)
print((time.process_time() - begin) / len(texts))
"""
OTHERS = {
    "torch's forward pass, fastest form, 20 words": ("torch", "torch"),
    "ONNX Runtime's forward pass, 20 words": ("onnx", "onnxruntime"),
    "Captum's input x gradient for one class, 20 words": ("captum", "captum"),
}


def untrained() -> Classifier:
    """The model that answers."""
    torch.manual_seed(0)
    model = TextCNN(TextCNNConfig((3, 4, 5), 100, 300), len(WORDS) + 2, 2)
    return Classifier(model.eval(), Tokenizer(TextConfig("whitespace"), tuple(WORDS)), ("no", "yes"))


def spent(code: list[str], source: Path, folder: Path) -> tuple[float, str]:
    """Processor seconds of a Python process of one version, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(source / "src")}
    run = subprocess.run(
        [sys.executable, *code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, run.stdout


def beside(way: str, folder: Path) -> str:
    """Seconds that another library takes for a text of the same model."""
    path = os.pathsep.join(str(ROOT / part) for part in ("src", "."))
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", BESIDE, way],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def cases(folder: Path) -> dict[str, Callable[[Path], float]]:
    """What is measured of a version: by its name, to seconds or milliseconds with their unit."""

    def started(code: list[str]) -> Callable[[Path], float]:
        return lambda source: spent(code, source, folder)[0]

    def answered(*size: int | str) -> Callable[[Path], float]:
        code = ["-c", IN_PYTHON, *map(str, size)]
        return lambda source: 1000 * float(spent(code, source, folder)[1])

    seconds = {"`import convlens`": started(["-c", "import convlens"])}
    seconds |= {name: started(["-m", "convlens", *arguments]) for name, arguments in COMMANDS.items()}
    milliseconds = {name: answered(*size) for name, size in ANSWERS.items()}
    milliseconds["a deletion in the order `exact`, 250 words"] = lambda source: (
        1000 * float(spent(["-c", DELETING], source, folder)[1])
    )
    return {f"{name}, s": run for name, run in seconds.items()} | {
        f"{name}, ms": run for name, run in milliseconds.items()
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--against", nargs="*", type=Path, default=[], metavar="FOLDER")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[""], metavar="PART")
    options = parser.parse_args()

    def wanted(row: str) -> bool:
        return any(part in row for part in options.only)

    sources = [*(folder.resolve() for folder in options.against), ROOT]
    names = [*(folder.name for folder in options.against), "this version"]
    print(f"| | {' | '.join(names)} |\n| --- |{' --: |' * len(names)}")
    with tempfile.TemporaryDirectory() as name:
        save(untrained(), Path(name) / "model")
        rows = {what: run for what, run in cases(Path(name)).items() if wanted(what)}
        for what, run in rows.items():
            for source in sources:
                run(source)
            measured = [[run(source) for source in sources] for _ in range(options.times)]
            medians = (statistics.median(column) for column in zip(*measured, strict=True))
            print(f"| {what} | {' | '.join(f'{value:.2f}' for value in medians)} |", flush=True)
        blank = "| " * len(options.against)
        for what, (way, package) in OTHERS.items():
            if wanted(what) and importlib.util.find_spec(package) is not None:
                answers = [1000 * float(beside(way, Path(name))) for _ in range(options.times)]
                print(f"| {what}, ms | {blank}{statistics.median(answers):.2f} |", flush=True)


if __name__ == "__main__":
    main()
