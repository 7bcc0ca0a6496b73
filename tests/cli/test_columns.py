"""What `convlens fit` makes of the columns of DATA: parts, many classes, and notices that are said whatever -q says."""

import csv
import json

import pytest
from tests.cli.conftest import SMALL
from tests.toys import toy_corpus

from convlens.data.labels import MANY
from convlens.models import load, save
from convlens.models.checkpoint import checkpoint_of

CORPUS = toy_corpus()
ROWS = [(text, CORPUS.label_names[label]) for text, label in zip(CORPUS.texts, CORPUS.labels, strict=True)]
FAST = [*SMALL[:-3], "--epochs", "1", "--quiet"]


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize("name", ["split", "fold"])
def test_a_column_of_parts_tells_the_test_rows(run, tmp_path, name):
    rows = [(*row, "test" if i >= 50 else "train") for i, row in enumerate(ROWS)]
    path = write(tmp_path / "a.csv", ("text", "label", name), rows)
    done = run("fit", path, "-o", tmp_path / "m", *FAST, "--json")
    assert f"a.csv: column '{name}' parts the rows: 50 to train on, 10 to test on" in done.err
    assert json.loads(done.out)["rows"] == 10
    done = run("evaluate", tmp_path / "m", path, "--methods", "random", "--sanity", "0", "--json")
    assert json.loads(done.out)["documents"] == 10


@pytest.mark.parametrize("name", ["split", "fold"])
def test_a_column_of_other_values_is_said_not_to_be_used(run, tmp_path, name):
    path = write(tmp_path / "a.csv", ("text", "label", name), [(*row, i % 5) for i, row in enumerate(ROWS)])
    done = run("fit", path, "-o", tmp_path / "m", *FAST, "--json")
    assert f"a.csv: not using column '{name}', which holds '0', '1', '2', ..." in done.err
    assert json.loads(done.out)["rows"] == 6


def test_more_classes_are_taken_where_an_option_says_so(run, refused, tmp_path):
    rows = [(f"film word{i % (MANY + 1)}", f"c{i % (MANY + 1)}") for i in range(3 * MANY + 3)]
    path = write(tmp_path / "a.csv", ("text", "label"), rows)
    tiny = [*FAST, "--filters", "2", "--dim", "2", "--regions", "1"]
    for options in ([], ["--max-classes", MANY]):
        message = refused("fit", path, "-o", tmp_path / "m", *tiny, *options)
        assert "1,001 different labels in 3,003 rows" in message
        assert message.endswith("or allow them with --max-classes")
    assert run("fit", path, "-o", tmp_path / "m", *tiny, "--max-classes", MANY + 1).code == 0
    assert len(load(tmp_path / "m").labels) == MANY + 1


def vectors(path, words):
    path.write_text("".join(f"{word} 1 0 2\n" for word in words), encoding="utf-8")
    return ["--vectors", path]


def test_what_must_be_known_is_said_in_spite_of_quiet(run, tmp_path):
    path = write(tmp_path / "a.csv", ("review", "class"), [*ROWS, ("", "positive")])
    few = vectors(tmp_path / "few.txt", ["good", *(f"unheard{i}" for i in range(99))])
    err = run("fit", path, "-o", tmp_path / "m", *FAST, *few).err
    for said in (
        "a.csv: taking the texts from column 'review'",
        "a.csv: taking the labels from column 'class'",
        "a.csv: set aside 1 of 61 rows, the first in line 62: no text",
        "few.txt",
    ):
        assert said in err
    chinese = [("这部电影很好看" * 3, "positive"), ("那部电影不好看" * 3, "negative")] * 10
    path = write(tmp_path / "b.csv", ("text", "label"), chinese)
    err = run("fit", path, "-o", tmp_path / "n", *FAST).err
    assert "characters" in err


def test_resume_and_force_together_go_on_and_replace(run, model, reviews, tmp_path, monkeypatch):
    before = (model / "model.safetensors").read_bytes()
    long = [*SMALL, "--epochs", "4"]
    assert run("fit", reviews, "-o", tmp_path / "whole", *long).code == 0

    def killed(*_, **__):
        raise KeyboardInterrupt("stopped")

    with monkeypatch.context() as patch:
        patch.setattr("convlens.cli.fit.measure", killed)  # when training is done and nothing is saved
        assert run("fit", reviews, "-o", model, *long, "--force").code == 130
    assert (model / "model.safetensors").read_bytes() == before
    assert checkpoint_of(model).exists()
    done = run("fit", reviews, "-o", model, *long, "--resume", "--force")
    assert (done.code, "nothing to resume" in done.err) == (0, False)
    assert (model / "model.safetensors").read_bytes() == (
        tmp_path / "whole" / "model.safetensors"
    ).read_bytes()
    assert not checkpoint_of(model).exists()
    assert "nothing to resume" in run("fit", reviews, "-o", model, *long, "--resume", "--force").err


def test_a_model_is_replaced_whole_by_force_in_python(classifier, deep_classifier, tmp_path):
    save(classifier, tmp_path / "m")
    save(deep_classifier, tmp_path / "m", force=True)
    assert load(tmp_path / "m").model.config == deep_classifier.model.config
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
