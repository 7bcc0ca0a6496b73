"""Two thousand classes: every command answers, no output grows with all of them but what was asked for, `--json` and tables."""

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from convlens.cli.show import metrics_table
from convlens.models import Classifier, Metrics, TextCNN, TextCNNConfig, load, save
from convlens.text import TextConfig, Tokenizer

COUNT = 2000
LABELS = tuple(f"class {i:04}" for i in range(COUNT))
SCREEN = 6000  # characters
COMMANDS = {
    "explain": ["w1 w2 w3"],
    "predict": ["w1 w2 w3"],
    "filters": ["DATA"],
    "words": ["DATA"],
    "evaluate": ["DATA", "--sanity", "5", "--documents", "10"],
}


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A model that nobody trained, and a file with texts of each of its classes."""
    folder = tmp_path_factory.mktemp("many")
    words = tuple(f"w{i}" for i in range(50))
    model = TextCNN(TextCNNConfig(regions=(2,), filters=6, dim=4), 52, COUNT)
    save(Classifier(model, Tokenizer(TextConfig("whitespace"), words), LABELS), folder / "model")
    texts = [f"w{i % 50} w{i % 7} w{i % 11} w{i % 3}" for i in range(COUNT)]
    pl.DataFrame({"text": texts, "label": LABELS}).write_csv(folder / "data.csv")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_floods_the_terminal(run, many, command):
    options = [many / "data.csv" if option == "DATA" else option for option in COMMANDS[command]]
    done = run(command, many / "model", *options)
    assert done.code == 0
    assert len(done.out) < SCREEN
    assert len(done.err) < SCREEN


def test_pages_do_not_grow_with_all_pairs_of_classes(run, many, tmp_path):
    assert run("explain", many / "model", "w1 w2 w3", "--html", tmp_path / "words.html").code == 0
    assert (tmp_path / "words.html").stat().st_size < SCREEN
    options = ["-o", tmp_path / "report.html", "--documents", "50"]
    assert run("report", many / "model", many / "data.csv", *options).code == 0
    page = (tmp_path / "report.html").read_text()
    assert f"The 40 largest of {COUNT:,} classes." in page
    assert len(page) < 8_000_000


def test_sentences_name_some_of_the_labels(run, many):
    for options in (
        ["explain", many / "model", "w1", "--target", "nothing like it"],
        ["words", many / "model", "--by", "class"],
    ):
        done = run(*options)
        assert done.code == 2
        assert len(done.err) < 320
    classifier = load(many / "model")
    with pytest.raises(ValueError, match=r"class 0009 and 1,990 more$"):
        classifier.target("nothing like it")
    assert "class 0039 and 1,960 more apart" in (many / "model" / "README.md").read_text()


def test_the_metrics_of_many_classes_show_the_largest(capsys):
    confusion = np.zeros((COUNT, COUNT), np.int64)
    confusion[np.arange(COUNT), np.arange(COUNT)] = 1
    confusion[7, 9] = 5
    Console().print(metrics_table(Metrics(LABELS, confusion)))
    shown = capsys.readouterr().out
    assert "class 0007" in shown
    assert "class 0009" in shown
    assert shown.count("class 0") == 40
    assert f"the 40 largest of {COUNT:,} classes" in shown
