"""What the README says can be done, can be done."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.toys import TOY, toy_corpus

import convlens
from convlens.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"(?m)^convlens .*$|(?<=`)convlens \w+ model[^`]*", README)


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    corpus = toy_corpus()
    rows = [f'"{t}",{corpus.label_names[n]}' for t, n in zip(corpus.texts, corpus.labels, strict=True)]
    (tmp_path / "reviews.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_ci_runs_the_readmes_test_command():
    program = re.search(r"sed -n '(.*?)' README.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))[1]
    done = subprocess.run(
        ["sed", "-n", program, ROOT / "README.md"], capture_output=True, text=True, check=True
    )
    assert done.stdout in [text for _, text in BLOCKS]
    assert done.stdout.endswith(" scripts/check\n")


def test_the_commands_run_in_their_order(reviews, capsys):
    assert len(COMMANDS) >= 5
    for command in COMMANDS:
        arguments = shlex.split(command)[1:]
        small = ["--epochs", "1", "--quiet"] if arguments[0] == "fit" else []
        with pytest.raises(SystemExit) as end:
            main([*arguments, *small])
        assert not end.value.code, (command, capsys.readouterr())
    assert Path("report.html").is_file()


def test_the_python_runs(reviews, monkeypatch):
    code, _ = [text for language, text in BLOCKS if language == "python"]
    monkeypatch.setattr("convlens.models.fitting.FitConfig", lambda: TOY)
    Path("readme.py").write_text(code, encoding="utf-8")
    runpy.run_path("readme.py")
    assert convlens.load("my-model").labels == ("negative", "positive")


def test_the_three_lines_take_a_network_over(reviews, capsys):
    _, code = [text for language, text in BLOCKS if language == "python"]
    example = runpy.run_path(str(ROOT / "examples" / "adopt_pytorch.py"))
    texts = list(toy_corpus().texts) * 2
    network, vocabulary = example["train"](texts, list(toy_corpus().labels) * 2, 2)
    Path("vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    Path("readme.py").write_text(f"import convlens\n{code}", encoding="utf-8")
    runpy.run_path("readme.py", {"network": network, "texts": texts})
    assert "logits equal to those of the network" in capsys.readouterr().out


def test_the_example_takes_a_pytorch_network_over(reviews, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["adopt_pytorch.py", "reviews.csv"])
    runpy.run_path(str(ROOT / "examples" / "adopt_pytorch.py"), run_name="__main__")
    story = capsys.readouterr().out
    assert "texts are cut and padded to 60 words" in story
    sums, logits = re.search(r"add up to (\[.*\]), the logits are (\[.*\])", story).groups()
    assert sums == logits


def test_the_example_takes_a_keras_network_over(reviews):
    pytest.importorskip("keras", reason="keras is not installed: pip install convlens[keras]")
    command = [sys.executable, "-W", "ignore", ROOT / "examples" / "adopt_keras.py", "reviews.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # Keras reads its backend once
    assert "probabilities equal to those of the network" in run.stdout
    sums, logits = re.search(r"add up to (\[.*\]), the logits are (\[.*\])", run.stdout).groups()
    assert sums == logits


def test_the_example_takes_a_file_of_onnx_over(reviews):
    command = [sys.executable, "-W", "ignore", ROOT / "examples" / "adopt_onnx.py", "reviews.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "log probabilities equal to those of the network" in run.stdout
    sums, logits = re.search(r"add up to (\[.*\]), the logits are (\[.*\])", run.stdout).groups()
    assert sums == logits


def test_the_example_reads_a_card(reviews, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["filters.py", "reviews.csv"])
    runpy.run_path(str(ROOT / "examples" / "filters.py"), run_name="__main__")
    story = capsys.readouterr().out
    assert [line[0] for line in story.splitlines() if line[:2] in ("1.", "2.", "3.", "4.", "5.", "6.")] == [
        *"123456"
    ]


def test_help_examples_name_real_options(capsys):
    named = "fit test adopt export predict explain scan units filters words evaluate attack prune edit report reproduce"
    for command in named.split():
        with pytest.raises(SystemExit):
            main([command, "--help"])
        page = capsys.readouterr().out
        for option in re.findall(r"(?m)^ convlens .*?(--[a-z-]+)", page):
            assert option in page.split("Options")[1], (command, option)


def test_local_links_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_modules_that_documents_name_exist():
    for path in (ROOT / "docs").glob("*.md"):
        for name in re.findall(
            r"`((?:benchmarks|examples|tests|scripts)/[\w/]+\.py)`", path.read_text(encoding="utf-8")
        ):
            assert (ROOT / name).is_file(), f"{path.name} names {name}"
