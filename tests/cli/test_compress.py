"""`convlens words`, `prune` and `edit`: what they print, write and refuse."""

import json
import shutil
from dataclasses import replace

import polars as pl
import pytest
from tests.deep import DEEP
from tests.toys import TOY

from convlens.data import HeldOut, split
from convlens.models import fit, load, save


@pytest.fixture(scope="module")
def fitted(corpus, tmp_path_factory):
    """A model as `convlens fit reviews.csv` makes it: trained on nine tenths."""
    parts, folder = split(corpus), tmp_path_factory.mktemp("fitted") / "model"
    classifier = fit(parts.train, TOY)
    record = replace(classifier.record, held_out=HeldOut.share_of(parts, 0.1, 0))
    save(replace(classifier, record=record), folder)
    return folder


@pytest.fixture
def model(fitted, tmp_path):
    return shutil.copytree(fitted, tmp_path / "model")


def test_words_are_ranked(run, model, reviews, tmp_path):
    done = run("words", model, "--json", "--top", "5")
    found = json.loads(done.out)
    assert (done.code, done.err, len(found)) == (0, "", 5)
    assert list(found[0]) == ["rank", "word", "printed", "slots"]
    assert [row["printed"] for row in found] == sorted((row["printed"] for row in found), reverse=True)
    shown = run("words", model, reviews, "--by", "positive")
    assert "words by evidence:positive" in shown.out
    assert "speaks for" in shown.out
    done = run("words", model, reviews, "-o", tmp_path / "words.parquet")
    assert (done.out, done.code) == ("", 0)
    frame = pl.read_parquet(tmp_path / "words.parquet")
    assert {"evidence:positive", "adds:negative", "occurrences"} <= set(frame.columns)
    assert run("words", model, "--by", "slots").out.startswith("27 words by slots")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "evidence"], "cannot order words by 'evidence' without DATA"),
        (["--by", "size"], "cannot order words by 'size' without DATA"),
        (["-o", "words.xlsx"], "words.xlsx: name a file that ends in .parquet, .csv or .jsonl"),
    ],
)
def test_words_that_cannot_be_ranked(refused, model, arguments, message):
    assert message in refused("words", model, *arguments)


def test_thresholds_are_swept_and_saved(run, refused, model, reviews, tmp_path):
    done = run("prune", model, reviews, "--thresholds", "0.6,0.9", "--json")
    rows = json.loads(done.out)["thresholds"]
    assert [row["thresholds"] for row in rows] == ["ReLU", "purity 0.6", "purity 0.9"]
    assert rows[0]["dropped"] == 0 <= rows[1]["dropped"] <= rows[2]["dropped"]
    done = run("prune", model, reviews, "--thresholds", "auto", "-o", tmp_path / "gated")
    assert "chosen for each filter" in done.out
    gated = load(tmp_path / "gated")
    assert gated.model.gates is not None
    assert (
        gated.record.command.endswith(f"-o {tmp_path / 'gated'}")
        or "--thresholds" not in gated.record.command
    )
    assert gated.record.test["rows"] == 6
    assert run("explain", tmp_path / "gated", "a superb film").code == 0
    assert "the logits of this model jump" in refused(
        "explain", tmp_path / "gated", "good", "--method", "deeplift"
    )
    assert "2 values give as many models" in refused(
        "prune", model, reviews, "--thresholds", "0.6,0.9", "-o", tmp_path / "two"
    )


def test_filters_are_dropped(run, model, reviews, tmp_path):
    done = run("prune", model, reviews, "--filters", "0.01", "-o", tmp_path / "small", "--json")
    found = json.loads(done.out)
    assert found["features"][0]["epsilon"] == 0.01
    assert found["filters"][1]["filters"] == load(tmp_path / "small").model.head.in_features <= 16
    assert {"accuracy", "parameters", "documents_per_second"} <= set(found["filters"][0])
    assert "features by region" in run("prune", model, reviews, "--filters", "auto").out
    assert "0 of 16 filters dropped" in run("prune", model, reviews, "--filters", "off").err


def test_words_are_dropped(run, model, reviews, tmp_path):
    done = run("prune", model, reviews, "--words", "20%", "-o", tmp_path / "fewer", "--quiet", "--json")
    rows = json.loads(done.out)["words"]
    assert [row["kind"] for row in rows] == ["all", "top", "random", "rest"]
    assert rows[1]["words"] == len(load(tmp_path / "fewer").tokenizer.words)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give one of --thresholds, --filters and --words"),
        (["--words", "5", "--filters", "auto"], "give one of --thresholds, --filters and --words"),
        (["--words", "0"], "a share of the words lies above 0 and up to 100 percent, got 0"),
        (["--words", "150%"], "got 150"),
        (["--words", "many"], "--words takes numbers separated by commas, got 'many'"),
        (["--thresholds", "1.5"], "purity is a share from 0 to 1, got 1.5"),
        (["--filters", "-0.1"], "epsilon is a variance and not below zero, got -0.1"),
        (["--filters", "1,2"], "--filters takes one epsilon, auto or off"),
        (["--filters", "1e9"], "none of the 16 filters is left: give a smaller one"),
        (["--words", "5", "--by", "size"], "cannot order words by 'size'"),
    ],
)
def test_what_cannot_be_pruned(refused, model, reviews, arguments, message):
    assert message in refused("prune", model, reviews, *arguments)


def test_a_deep_model_has_nothing_to_threshold(refused, corpus, reviews, tmp_path):
    save(fit(corpus, DEEP), tmp_path / "deep")
    assert "needs the trace of a one-layer TextCNN" in refused(
        "prune", tmp_path / "deep", reviews, "--thresholds", "0.75"
    )
    assert "tuning the head alone needs" in refused(
        "edit", tmp_path / "deep", reviews, "--disable", "word:superb", "--tune"
    )


def test_an_edit_is_measured_and_saved(run, refused, model, reviews, tmp_path):
    specs = ["--disable", "filter:3", "--disable", "word:superb", "--disable", "ngram:dull film"]
    done = run("edit", model, reviews, *specs, "--tune", "-o", tmp_path / "edited", "--json")
    found = json.loads(done.out)
    assert [row["pattern"] for row in found["disabled"]] == ["filter:3", "word:superb", "ngram:dull film"]
    assert [row["matches"] for row in found["disabled"]] == [60, 6, 6]
    assert {"before", "after", "tuned"} <= set(found)
    edited = load(tmp_path / "edited")
    assert edited.record.changes == (
        "filter '3' switched off",
        "word 'superb' switched off",
        "n-gram 'dull film' switched off",
        "the head trained on afterwards",
    )
    assert edited.record.test["accuracy"] == found["tuned"]["accuracy"]
    shown = run("edit", model, reviews, "--disable", "word:superb")
    assert "recall of positive" in shown.out
    assert "'unheard' is not in the vocabulary" in refused(
        "edit", model, reviews, "--disable", "word:unheard"
    )
    assert "matches nothing in the data" in refused("edit", model, reviews, "--disable", "ngram:film good")
    assert not (tmp_path / "gone").exists()
