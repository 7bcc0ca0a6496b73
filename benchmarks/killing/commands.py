"""All commands that write, over what another of the kind wrote before, and their inputs."""

import random
from pathlib import Path

from benchmarks.killing.processes import Act, convlens, finish
from benchmarks.killing.trial import Command
from convlens.models import load, save

WORDS = "a the film plot good bad warm dull funny cold and not very with no music"
ROWS = {
    "data.csv": (200, 0),
    "few.csv": (60, 0),
    "gaps.csv": (60, 4),
    "holes.csv": (60, 2),
    "scan.tsv": (4_200, 0),
}
CHECKPOINT, PART, ANEW = ".out.partial/state.json", "out/documents-00000.parquet", ".out.anew/scan.json"

FIT = "fit ../data.csv --regions 2,3 --filters 4 --dim 4 --epochs 3 --patience 3 --lr 0.02 --quiet -o out"
REJECTS = "fit --text text --label label --regions 2 --filters 4 --dim 4 --epochs 1 --quiet -o model --force --rejects out.jsonl"
SCAN = "scan ../model ../scan.tsv --top 3 --quiet -o out"
COPY = "edit ../model ../data.csv --disable word:music"
HTML = "explain ../model --html out.html --force"
ATTACK = "attack ../model ../few.csv --all-rows"
EVALUATE = "evaluate ../model ../few.csv --all-rows --documents 9 --deletions 3"
REPORT = "report ../model ../few.csv --all-rows --quiet"


def make_inputs(folder: Path) -> None:
    """Reviews in files of some sizes, with rows that lack a text, and two models, as the commands name them."""
    chance = random.Random(0)
    for name, (rows, empty) in ROWS.items():
        texts = ["" if i < empty else " ".join(chance.choices(WORDS.split(), k=8)) for i in range(rows)]
        cells = [(text, ["neg", "pos"][i % 2]) for i, text in enumerate(texts)]
        mark = "\t" if name.endswith(".tsv") else ","
        (folder / name).write_text("\n".join(map(mark.join, [("text", "label"), *cells])), encoding="utf-8")
    (folder / "trial").mkdir()
    for model, seed in (("model", 0), ("other", 1)):
        finish(convlens(f"{FIT} -o ../{model} --seed {seed}"), folder / "trial")


def by_lines(run: str, again: str = "", **others: str) -> Command:
    """A command line that is killed; after that it is run again, or another is. `others` are fields of `Command`."""
    acts = {name: convlens(others.pop(name)) for name in ("old", "begun") if name in others}
    return Command(convlens(run), convlens(again or run), **acts, **others)


def over(line: str, old: str, out: str = "out") -> Command:
    """A command line that replaces what another wrote."""
    return by_lines(f"{line} -o {out} --force", old=f"{old} -o {out} --force", out=out)


def resumed(line: str) -> Act:
    """Go on with `--resume`, or begin with `--force` what the kill came before."""

    def run() -> None:
        try:
            convlens(f"{line} --resume")()
        except SystemExit as end:
            if not end.code:
                raise
            convlens(f"{line} --force")()

    return run


def saving(model: str) -> Act:
    """The Python function that writes a model over another."""
    return lambda: save(load(model), "out", force=True)


COMMANDS = {
    "fit": by_lines(FIT, f"{FIT} --resume"),
    "fit --force": by_lines(f"{FIT} --force", f"{FIT} --force --resume", old=f"{FIT} --seed 1"),
    "fit --resume": by_lines(f"{FIT} --resume", begun=FIT, midway=CHECKPOINT),
    "fit --rejects": by_lines(f"{REJECTS} ../gaps.csv", old=f"{REJECTS} ../holes.csv", out="out.jsonl"),
    "save(force=True)": Command(saving("../other"), saving("../other"), saving("../model")),
    "edit, in place": over("edit out ../data.csv --disable word:plot", COPY),
    "prune": over("prune ../model ../data.csv --filters auto", COPY),
    "scan": by_lines(SCAN, f"{SCAN} --resume"),
    "scan --summary": by_lines(f"{SCAN} --summary", f"{SCAN} --summary --resume"),
    "scan --resume": by_lines(f"{SCAN} --resume", begun=f"{SCAN} --resume", midway=PART),
    "scan --force": Command(
        convlens(f"{SCAN} --summary --force"), resumed(f"{SCAN} --summary"), convlens(SCAN)
    ),
    "scan --force, after a kill": by_lines(
        f"{SCAN} --summary --force", old=SCAN, begun=f"{SCAN} --method ngrams --force", midway=ANEW
    ),
    "explain -o FILE": over("explain ../model --file ../few.csv", "explain ../model good", "out.parquet"),
    "explain --html": by_lines(f"{HTML} 'a bad plot'", old=f"{HTML} good", out="out.html"),
    "filters": over("filters ../model ../few.csv", "filters ../model ../few.csv --top 2", "out.jsonl"),
    "words": over("words ../model", "words ../model ../few.csv --by evidence", "out.parquet"),
    "attack": over(f"{ATTACK} --edits 2 --documents 9", f"{ATTACK} --documents 5", "out.parquet"),
    "evaluate": over(
        f"{EVALUATE} --methods words,random --sanity 2", f"{EVALUATE} --methods words --sanity 0"
    ),
    "report": over(REPORT, f"{REPORT} --documents 3", "out.html"),
}
