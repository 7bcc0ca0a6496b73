"""`python -m benchmarks repositories`: files of a commit out of any clone, and a row of each network, adopted, refused or failing."""

import json
import re
import subprocess
import sys

import pytest
from benchmarks import repositories
from benchmarks.public.clones import Absent, git_directory, write_files
from benchmarks.public.network import ROWS, PublicNetwork
from benchmarks.public.row import Row
from benchmarks.public.table import NETWORKS
from benchmarks.public.trial import made_up_texts, module_of, tried

from convlens import Padding

SOURCE = """
import torch
from helper import SIZES


class Network(torch.nn.Module):
    def __init__(self, rows, k):
        super().__init__()
        self.embed = torch.nn.Embedding(rows, 8)
        self.convs = torch.nn.ModuleList([torch.nn.Conv1d(8, 4, size) for size in SIZES])
        self.layer, self.k = torch.nn.Linear(4 * len(SIZES) * k, 2), k

    def forward(self, ids):
        x = self.embed(ids).transpose(1, 2)
        maps = [torch.relu(conv(x)).topk(self.k)[0].flatten(1) for conv in self.convs]
        return self.layer(torch.cat(maps, 1))
"""


def git(folder, *arguments):
    identity = ("-c", "user.name=n", "-c", "user.email=e")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def clone(tmp_path):
    """A clone of owner/name in which the class moved away after the commit, and that commit."""
    folder = tmp_path / "clones" / "owner+name"
    (folder / "code").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "code" / "net.py").write_text(SOURCE)
    (folder / "code" / "helper.py").write_text("SIZES = (2, 3)\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    commit = git(folder, "rev-parse", "HEAD")
    git(folder, "rm", "-q", "code/net.py")
    git(folder, "commit", "-qm", "second")
    return folder, commit


def public(build, **options):
    return PublicNetwork("owner/name", "0" * 40, "code/net.py", build, root="code", **options)


@pytest.fixture
def folder(clone, tmp_path, monkeypatch):
    """The files of the first commit in a folder, and imports that are forgotten afterwards."""
    place = tmp_path / "files"
    write_files(
        git_directory(tmp_path / "clones", "owner/name"), clone[1], ("code/net.py", "code/helper.py"), place
    )
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield place
    for name in ("net", "helper"):
        sys.modules.pop(name, None)


def test_a_network_is_taken_out_of_a_clone_adopted_and_explained(folder):
    network = public(lambda module: module.Network(ROWS, 1), padding=Padding(least=3))
    row = tried(network, folder)
    assert row.failure == row.refusal == ""
    assert (
        row.read
        == "2 x 4, 3 x 4 (region size x filters), padded to 3 words, a padding vector that is trained"
    )
    assert (row.texts, row.compared) == (64, "logits")
    assert 0 < row.largest < 1e-5
    assert 0 < row.residual < 1e-5
    assert "| 2 x 4, 3 x 4 (region size x filters)" in repositories.line(network, row)
    assert "exact explanations, residual" in repositories.line(network, row)


def test_a_refusal_is_told_with_its_line(folder):
    network = public(lambda module: module.Network(ROWS, 2), wrapped="takes a tuple")
    row = tried(network, folder)
    line = SOURCE.splitlines().index(next(one for one in SOURCE.splitlines() if "topk" in one)) + 1
    assert row.refusal.startswith(f"`topk` (line {line} of net.py) takes the k greatest values")
    told = repositories.line(network, row)
    assert f"refused: `topk` (line {line} of net.py)" in told
    assert "net.py; wrapped: takes a tuple |" in told


def test_code_that_fails_by_itself_is_not_called_a_refusal(folder):
    row = tried(public(lambda module: module.Missing()), folder)
    assert row.failure == "AttributeError: module 'net' has no attribute 'Missing'"
    assert "its own code fails: AttributeError" in repositories.line(public(None), row)


def test_the_cells_of_a_notebook_that_hold_the_class_are_run(tmp_path):
    sources = ["raise ValueError('not this one')", "class Mine(nn.Module):\n    pass"]
    cells = [{"cell_type": "code", "source": source.splitlines(keepends=True)} for source in sources]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    network = PublicNetwork("owner/name", "0" * 40, "n.ipynb", None, cell="class Mine(")
    assert module_of(network, tmp_path).Mine.__name__ == "Mine"


@pytest.mark.parametrize("bare", [False, True])
def test_clones_may_be_bare_and_what_they_have_not_is_told_with_the_command_that_gets_it(
    clone, tmp_path, bare
):
    if bare:
        git(tmp_path, "clone", "-q", "--bare", str(clone[0]), "other/owner+name/repo")
    clones = tmp_path / ("other" if bare else "clones")
    directory = git_directory(clones, "owner/name")
    write_files(directory, clone[1], ("code",), tmp_path / "out")
    assert (tmp_path / "out" / "code" / "net.py").read_text() == SOURCE
    with pytest.raises(Absent, match=r"has no code at 1{7} .* fetch origin 1{40}"):
        write_files(directory, "1" * 40, ("code",), tmp_path / "out")
    with pytest.raises(Absent, match=r"no clone of it in .*: git clone https://github.com/a/b .*a\+b"):
        git_directory(clones, "a/b")


def test_absent_clones_are_skipped_with_the_command_that_gets_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        sys, "argv", ["repositories", "--clones", str(tmp_path), "--only", "models/dpcnn", "--json"]
    )
    with pytest.raises(SystemExit) as end:
        repositories.main()
    assert end.value.code == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.search(r"^skipped 649453932/\S+ models/DPCNN.py: no clone of it .*: git clone https", shown.err)


def test_a_process_that_ends_with_an_error_is_a_failure(tmp_path):
    row = repositories._in_a_process("no such network", str(tmp_path))
    assert row == Row(failure="KeyError: 'no such network'")


def test_every_network_of_the_table_has_a_whole_commit_and_a_vocabulary():
    assert len(NETWORKS) >= 12
    for network in NETWORKS.values():
        assert re.fullmatch("[0-9a-f]{40}", network.commit)
        assert len(network.vocabulary) == ROWS - 2
        assert {network.padding_row, network.unknown_row}.isdisjoint(network.vocabulary.values())
    texts = made_up_texts(network)
    assert len(texts) == 64
    assert any("nowhere" in text.split() for text in texts)
    assert min(len(text.split()) for text in texts) < 3
