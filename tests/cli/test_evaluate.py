"""`convlens evaluate`: what it prints, writes and refuses."""

import json
import sys

import polars as pl
import pytest

QUICK = ["--deletions", "4", "--sanity", "5", "--documents", "20"]


def test_json_is_the_promised_one(run, model, fresh):
    done = run("evaluate", model, fresh, "--methods", "words, sensitivity,random", *QUICK, "--json")
    found = json.loads(done.out)
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    assert found["methods"] == ["words", "sensitivity", "random"]
    assert [row["rank"] for row in found["ranking"]] == sorted(row["rank"] for row in found["ranking"])
    assert found["documents"] == found["correct"] + found["wrong"] == 20
    assert {row["stage"] for row in found["sanity"]} == {"head", "filters", "word vectors"}


def test_tables_are_printed(run, model, fresh):
    done = run("evaluate", model, fresh, *QUICK, "--quiet")
    assert done.out.startswith("20 of 60 documents with at least 1 words, ")
    for title in (
        "word deletion",
        "probability lost",
        "agreement of methods",
        "scores before and after randomising",
    ):
        assert title in done.out
    assert "random" in done.out
    assert "nan" not in done.out
    bare = run("evaluate", model, fresh, "--methods", "random", "--sanity", "0", "--documents", "0")
    assert "60 of 60 documents" in bare.out
    assert "agreement" not in bare.out


def test_curves_and_folders_are_written(run, refused, model, fresh, tmp_path):
    done = run("evaluate", model, fresh, *QUICK, "-o", tmp_path / "curves.parquet")
    assert (done.code, done.out) == (0, "")
    curves = pl.read_parquet(tmp_path / "curves.parquet")
    assert curves.columns == ["method", "group", "deletions", "accuracy", "documents"]
    assert run("evaluate", model, fresh, *QUICK, "-o", tmp_path / "all", "--json").out.startswith("{")
    assert (tmp_path / "all" / "evaluation.json").is_file()
    assert "exists: give another path, or --force" in refused(
        "evaluate", model, fresh, *QUICK, "-o", tmp_path / "all"
    )
    assert run("evaluate", model, fresh, *QUICK, "-o", tmp_path / "all", "--force").code == 0


def test_what_cannot_be_evaluated_is_refused(refused, model, fresh, tmp_path):
    plain = tmp_path / "plain.csv"
    plain.write_text("text\na good film\na bad film\n")
    assert "label" in refused("evaluate", model, plain)
    assert "unknown method 'wrds': did you mean 'words'?" in refused(
        "evaluate", model, fresh, "--methods", "wrds"
    )
    assert "scores n-grams" in refused("evaluate", model, fresh, "--methods", "ngrams")
    assert "no document of 500 words" in refused("evaluate", model, fresh, "--min-words", "500")


@pytest.mark.parametrize("output", ["curves.parquet", "all"])
def test_an_interrupted_evaluation_leaves_nothing(run, model, fresh, tmp_path, monkeypatch, output):
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["convlens.evaluate.evaluate"], "erase", stopped)
    done = run("evaluate", model, fresh, "-o", tmp_path / "new" / output)
    assert (done.code, done.err) == (130, "convlens: interrupted\n")
    assert not (tmp_path / "new").exists()
