"""`convlens filters`: what it prints, writes and refuses."""

import copy
import json
import sys

import polars as pl
import pytest
import torch

from convlens.models import save

KEYS = {
    "filter",
    "region",
    "class",
    "threshold",
    "purity",
    "coverage",
    "top_natural",
    "top_possible",
    "clusters",
}


def test_json_is_a_line_for_each_filter(run, model, reviews):
    done = run("filters", model, reviews, "--json")
    cards = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [card["filter"] for card in cards] == list(range(16))
    assert all(KEYS | {"negatives"} <= set(card) for card in cards)
    assert {card["class"] for card in cards} == {"negative", "positive"}
    strict = [
        json.loads(line)
        for line in run("filters", model, reviews, "--purity", "1", "--json").out.splitlines()
    ]
    for card, other in zip(cards, strict, strict=True):
        assert other["purity"] in (None, 1.0)
        assert other["threshold"] is None or other["threshold"] >= card["threshold"]


def test_the_table_and_one_card_are_printed(run, model, reviews):
    done = run("filters", model, reviews)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("16 filters over 60 texts of ")
    assert "detects" in done.out
    assert len([line for line in done.out.splitlines() if "ative" in line or "positive" in line]) == 16
    card = run("filters", model, reviews, "--filter", "9", "--distance", "2").out
    for part in (
        "filter 9 of 3 words",
        "passes from",
        "score most",
        "could form at best",
        "each slot likes best",
    ):
        assert part in card
    assert "cluster 1: " in card
    assert "do not pass" in card
    two = run("filters", model, reviews, "--filter", "9", "--filter", "2").out
    assert two.index("filter 2 of") < two.index("filter 9 of")


def test_filters_that_reach_no_purity_say_so(run, classifier, reviews, tmp_path):
    biased = copy.deepcopy(classifier)
    with torch.no_grad():
        biased.model.head.bias[0] += 1000  # every text is of the first class
    save(biased, tmp_path / "biased")
    table = run("filters", tmp_path / "biased", reviews).out
    assert " of them never reach a purity of 75%" in table
    other = next(i for i in range(16) if biased.model.head.weight[:, i].argmax() == 1)
    card = run("filters", tmp_path / "biased", reviews, "--filter", other).out
    assert "never reaches a purity of 75%" in card
    assert "cluster 1" not in card


def test_cards_are_written(run, refused, model, reviews, tmp_path):
    done = run("filters", model, reviews, "-o", tmp_path / "cards.parquet")
    assert (done.code, done.out) == (0, "")
    frame = pl.read_parquet(tmp_path / "cards.parquet")
    assert set(frame.columns) >= KEYS
    lines = run("filters", model, reviews, "-o", tmp_path / "cards.jsonl", "--json").out
    assert (tmp_path / "cards.jsonl").read_text(encoding="utf-8") == lines
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [row["threshold"] for row in rows] == frame["threshold"].to_list()
    assert "exists: give another path, or --force" in refused(
        "filters", model, reviews, "-o", tmp_path / "cards.parquet"
    )
    assert "ends in .parquet or .jsonl" in refused("filters", model, reviews, "-o", tmp_path / "cards.csv")


def test_what_cannot_be_carded_is_refused(refused, model, reviews, deep_classifier, tmp_path):
    assert "there is no filter 99: this model has the filters 0 to 15" in refused(
        "filters", model, reviews, "--filter", "99"
    )
    assert "purity is a share above 0 and up to 1, got 75.0" in refused(
        "filters", model, reviews, "--purity", "75"
    )
    assert "unknown backend 'gpu'" in refused("filters", model, reviews, "--backend", "gpu")
    assert "neither a file nor a data set" in refused("filters", model, "nothing")
    save(deep_classifier, tmp_path / "deep")
    message = refused("filters", tmp_path / "deep", reviews)
    assert "a card of a filter needs the trace of a one-layer TextCNN" in message


@pytest.mark.parametrize("name", ["cards.parquet", "cards.jsonl"])
def test_an_interrupted_run_leaves_nothing(run, model, reviews, tmp_path, monkeypatch, name):
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["convlens.filters.cards"], "surface_forms", stopped)
    done = run("filters", model, reviews, "-o", tmp_path / "new" / name)
    assert (done.code, done.err) == (130, "convlens: interrupted\n")
    assert not (tmp_path / "new").exists()
