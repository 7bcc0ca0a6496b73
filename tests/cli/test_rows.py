"""The rows that a model was trained on, which commands find again and set aside."""

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pytest
from tests.cli.conftest import SMALL, table
from tests.toys import toy_corpus

from convlens import unseen
from convlens.data import from_lists, read
from convlens.models import load, save
from convlens.models.rows import ROWS


@dataclass(frozen=True)
class Fit:
    """A model, the DATA of its fit, what else commands need to test it on the same rows, and what the fit printed."""

    model: Path
    data: str
    test: list[str]
    metrics: dict[str, object]


def noisy(rows, seed):
    """Reviews of which some have the wrong label, and some occur twice."""
    corpus, rng = toy_corpus(rows), random.Random(seed)
    texts = [f"{text} {rng.randrange(rows)}" for text in corpus.texts]
    labels = [corpus.label_names[i if rng.random() < 0.8 else 1 - i] for i in corpus.labels or ()]
    return from_lists([*texts, *texts[:20]], [*labels, *labels[:20]])


@pytest.fixture(params=["share", "part", "file"])
def fitted(request, run, tmp_path, monkeypatch):
    train, test = noisy(100, 0), noisy(60, 0)
    options = []
    if request.param == "part":
        monkeypatch.setenv("CONVLENS_DATA", str(tmp_path))
        names = {}
        for part, corpus in (("train", train), ("test", test)):
            pl.DataFrame({"text": corpus.texts, "label": corpus.labels}).write_parquet(
                tmp_path / f"imdb_{part}.parquet"
            )
            names[f"imdb_{part}.parquet"] = list(corpus.label_names)
        (tmp_path / "label_names.json").write_text(json.dumps(names))
        data = "imdb"
    else:
        data = str(table(train, tmp_path / "train.csv"))
    if request.param == "file":
        options = ["--test", str(table(test, tmp_path / "test.csv"))]
    share = ["--test-share", "0.2", "--seed", "3"] if request.param == "share" else []
    done = run("fit", data, *options, *share, "-o", tmp_path / "m", *SMALL, "--json")
    return Fit(tmp_path / "m", data, options, json.loads(done.out))


def test_every_command_measures_the_test_rows_of_the_fit(run, fitted, tmp_path):
    data, accuracy = fitted.test[1] if fitted.test else fitted.data, fitted.metrics["accuracy"]
    assert 0.4 < accuracy < 1
    done = run(
        "evaluate", fitted.model, data, "--methods", "random", "--sanity", "0", "--documents", "0", "--json"
    )
    found = json.loads(done.out)
    assert (found["data"]["rows"], found["data"]["warning"]) == (fitted.metrics["rows"], None)
    assert found["correct"] / found["documents"] == pytest.approx(accuracy)
    done = run(
        "attack", fitted.model, data, "--documents", "0", "--order", "random", "--edits", "1", "--json"
    )
    found = json.loads(done.out)
    assert found["attackable"] / found["documents"] == pytest.approx(accuracy)
    done = run("edit", fitted.model, fitted.data, *fitted.test, "--disable", "filter:1", "--json")
    assert json.loads(done.out)["before"]["accuracy"] == accuracy
    done = run("prune", fitted.model, fitted.data, *fitted.test, "--filters", "off", "--json")
    assert json.loads(done.out)["filters"][0]["accuracy"] == pytest.approx(accuracy)
    done = run("report", fitted.model, data, "-o", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert f"{accuracy:.1%}" in page
    if not fitted.test and fitted.data != "imdb":
        said = "train.csv: 24 documents that the model was not trained on; 96 training rows set aside"
        assert said in done.err
        assert said in page


def test_training_rows_are_known_in_other_files(run, model, reviews, tmp_path):
    known = read(reviews)
    new = [f"{text} Oh yes." for text in known.texts[:7]]
    rows = [
        {"y": known.label_names[y], "x": f" {t}\r\n"}
        for t, y in zip([*new, *known.texts], [*known.labels[:7], *known.labels], strict=True)
    ]
    random.Random(0).shuffle(rows)
    path = tmp_path / "other.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    columns = ["--text", "x", "--label", "y"]
    quick = ["--methods", "random", "--sanity", "0", "--json"]
    done = run("evaluate", model, path, *columns, *quick)
    assert (
        "other.jsonl: 7 documents that the model was not trained on; 60 training rows set aside" in done.err
    )
    found = json.loads(done.out)
    assert (found["documents"], found["data"]["set_aside"], found["data"]["trained_on"]) == (7, 60, 0)
    done = run("evaluate", model, path, *columns, *quick, "--all-rows")
    assert done.err == "other.jsonl: 60 of 67 documents are rows that the model was trained on\n"
    assert json.loads(done.out)["documents"] == 67
    done = run("edit", model, path, *columns, "--disable", "filter:1", "-o", tmp_path / "edited", "--json")
    assert json.loads(done.out)["before"]["rows"] == 7
    assert load(tmp_path / "edited").trained_on.train.tolist() == load(model).trained_on.train.tolist()


def test_only_training_rows_are_said_loudly(run, model, reviews, tmp_path):
    loud = "ALL 60 ROWS OF reviews.csv ARE ROWS THAT THE MODEL WAS TRAINED ON"
    done = run("evaluate", model, reviews, "--methods", "random", "--sanity", "0", "--json")
    assert done.err.startswith(loud)
    assert next(iter(json.loads(done.out))) == "data"
    assert json.loads(done.out)["data"]["warning"].startswith(loud)
    done = run("edit", model, reviews, "--disable", "filter:1", "--json")
    assert done.err.startswith(loud)
    assert json.loads(done.out)["disabled"][0]["matches"] == json.loads(done.out)["before"]["rows"] == 60
    run("report", model, reviews, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert page.count(loud) == 1
    assert page.index(loud) < page.index('class="lead"')


def test_pruning_needs_training_rows(run, refused, model, fresh):
    message = refused("prune", model, fresh, "--thresholds", "0.75")
    assert "the model was trained on none of the rows of DATA" in message
    assert "fresh.csv with --test" in message
    done = run("edit", model, fresh, "--disable", "filter:1", "--json")
    assert (done.err, json.loads(done.out)["before"]["rows"]) == ("", 60)


def test_an_older_model_is_guessed_by_its_record(run, reviews, fresh, tmp_path):
    done = run("fit", reviews, "-o", tmp_path / "m", *SMALL, "--test-share", "0.2", "--seed", "3", "--json")
    accuracy = json.loads(done.out)["accuracy"]
    (tmp_path / "m" / ROWS).unlink()
    classifier = load(tmp_path / "m")
    save(replace(classifier, record=replace(classifier.record, held_out=None)), tmp_path / "m", force=True)
    for command in (["edit", "--disable", "filter:1"], ["prune", "--thresholds", "0.75"], ["evaluate"]):
        done = run(command[0], tmp_path / "m", reviews, *command[1:], "--json")
        assert (
            "12 documents that the model was not trained on; 48 training rows set aside (a guess" in done.err
        )
    found = json.loads(run("edit", tmp_path / "m", reviews, "--disable", "filter:1", "--json").out)
    assert (found["data"]["guess"], found["before"]["accuracy"]) == (True, accuracy)
    assert "kept no fingerprints" in run("attack", tmp_path / "m", fresh, "--documents", "5").err


def test_python_leaves_rows_out_where_asked(classifier, corpus):
    joined = from_lists([*corpus.texts, "a new one", "and another"], ["negative"] * 60 + ["positive"] * 2)
    rest = unseen(classifier, joined)
    assert rest.texts == ("a new one", "and another")
    assert "60 training rows set aside" in rest.notices[-1]
    assert len(unseen(classifier, corpus)) == 0
