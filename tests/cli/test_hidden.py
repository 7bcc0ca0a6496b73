"""`convlens explain --hidden` at the terminal, as JSON and as a page, and what it refuses."""

import json
from functools import partial

import pytest

from convlens.models import save

TEXT = "A good film, number 3, with some music."


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    """Few steps: what is found is tested elsewhere."""
    import convlens.cli.hidden as module

    slow = module.Ascent
    monkeypatch.setattr(module, "Ascent", partial(slow, steps=5))


def test_units_are_printed(run, model):
    done = run("explain", model, TEXT, "", "--hidden")
    assert done.code == 0
    assert "hidden units for positive" in done.out
    assert "stands for" in done.out
    assert "no place of this layer adds to the logit" in done.out


def test_units_as_json_and_page(run, model, tmp_path):
    page = tmp_path / "units.html"
    done = run("explain", model, TEXT, "dull", "--hidden", "--top", 2, "--seed", 4, "--json", "--html", page)
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [f["text"] for f in found] == [TEXT, "dull"]
    assert len(found[0]["units"]) == 2
    assert page.read_text(encoding="utf-8").count("<svg") == 2
    again = run("explain", model, TEXT, "dull", "--hidden", "--top", 2, "--seed", 4, "--json")
    assert again.out == done.out


def test_deep_layers(run, deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    done = run("explain", tmp_path / "deep", TEXT, "--hidden", "--layer", 2, "--target", "negative", "--json")
    data = json.loads(done.out)
    assert data["target"] == "negative"
    assert {u["layer"] for u in data["units"]} == {2}


def test_what_is_refused(refused, model, tmp_path):
    there = tmp_path / "there.html"
    there.touch()
    assert "takes no --method" in refused("explain", model, TEXT, "--hidden", "--method", "ngrams")
    assert "takes no --output or options of a scan" in refused(
        "explain", model, TEXT, "--hidden", "-o", "x.csv", "--resume"
    )
    assert "there is no layer 2: the model has one" in refused(
        "explain", model, TEXT, "--hidden", "--layer", 2
    )
    assert "top must be at least 1" in refused("explain", model, TEXT, "--hidden", "--top", 0)
    assert "add --hidden" in refused("explain", model, TEXT, "--seed", 1)
    assert "exists" in refused("explain", model, TEXT, "--hidden", "--html", there)
    assert "unknown label" in refused("explain", model, TEXT, "--hidden", "--target", "x")
