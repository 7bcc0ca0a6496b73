"""Text CNNs of public repositories, as their code stands there, taken over by `convlens.adopt`.

    python -m benchmarks repositories --clones FOLDER [--only TEXT] [--json]

The folder holds clones named OWNER+NAME, whole or bare. Of each network of the table the files of one commit are
written into a temporary folder and imported there in a process of its own: THEIR CODE IS RUN. Nothing of it is changed. Networks have
the sizes that their repository's settings say, random weights and a vocabulary of 300 made-up words, and are proven on 64
made-up texts, some short, some with unknown words, besides the hard ones that `adopt` makes. Then 16 texts are explained.
A clone that is not there is skipped, and stderr has the command that gets it.

Prints a Markdown table and how many are read, or with --json an object a line; ends with 1 where a repository's own code fails.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.public.clones import Absent, git_directory, write_files
from benchmarks.public.network import PublicNetwork
from benchmarks.public.row import Row
from benchmarks.public.table import NETWORKS

ROOT = Path(__file__).parents[1]
SECONDS = 600  # that one network may take
HEAD = "| network | read | largest difference | what answers |\n| --- | --- | --: | --- |"


def tried(name: str, clones: Path) -> Row:
    """What became of a network of the table, in a process and a folder of its own."""
    network = NETWORKS[name]
    directory = git_directory(clones.resolve(), network.repository)
    with tempfile.TemporaryDirectory() as folder:
        write_files(directory, network.commit, (network.file, *network.files), Path(folder))
        for path, source in network.fakes.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source, encoding="utf-8")
        return _in_a_process(name, folder)


def _in_a_process(name: str, folder: str) -> Row:
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    variables = os.environ | {"PYTHONPATH": path, "KERAS_BACKEND": "torch", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "benchmarks.public.trial", name]
    try:
        process = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Row(failure=f"took more than {SECONDS} s")
    if process.returncode:
        return Row(failure=(process.stderr.strip().splitlines() or ["it ended"])[-1])
    return Row(**json.loads(process.stdout))


def line(network: PublicNetwork, row: Row) -> str:
    """A line of the table."""
    place = (
        f"https://github.com/{network.repository}/blob/{network.commit}/{network.file.replace(' ', '%20')}"
    )
    name = f"[{network.repository}]({place}) `{network.commit[:7]}` {network.file}"
    wrapped = f"; wrapped: {network.wrapped}" if network.wrapped else ""
    if row.largest is None:
        sentence = f"refused: {row.refusal}" if row.refusal else f"its own code fails: {row.failure}"
        cells = ["", "", sentence.replace("|", "\\|")]
    else:
        folded = f"; folded: {', '.join(row.folded)}" if row.folded else ""
        largest = f"{row.largest:.1e} ({row.compared})"
        cells = [row.read + folded, largest, f"exact explanations, residual {row.residual:.1e}"]
    return f"| {' | '.join([name + wrapped, *cells])} |"


def main() -> None:
    """Try each network of the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--clones", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="TEXT", help="networks whose repository or file has it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        print(HEAD, flush=True)
    rows = []
    for name in (name for name in NETWORKS if options.only.casefold() in name.casefold()):
        network = NETWORKS[name]
        try:
            row = tried(name, options.clones)
        except Absent as reason:
            print(f"skipped {name}: {reason}", file=sys.stderr)
            continue
        rows.append(row)
        known = {"repository": network.repository, "commit": network.commit, "file": network.file}
        values = known | {"wrapped": network.wrapped} | dataclasses.asdict(row)
        print(json.dumps(values) if options.json else line(network, row), flush=True)
    if not options.json:
        print(
            f"\n{sum(row.largest is not None for row in rows)} of {len(rows)} networks are read and proven equal."
        )
    sys.exit(int(any(row.failure for row in rows)))


if __name__ == "__main__":
    main()
