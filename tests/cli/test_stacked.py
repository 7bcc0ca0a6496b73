"""Commands that people use on a model, on a model of each way of writing stacked layers."""

import json

import pytest

from convlens.models import load

STYLES = {
    "two dense layers": ["--layers", "6x3/2,5x2", "--hidden", "6,5"],
    "strides": ["--layers", "6x5s2/2,5x2s2"],
    "the three greatest": ["--layers", "6x3/2,5x2", "--k", "3"],
    "the mean over time": ["--layers", "6x3/2,5x2", "--over-time", "mean"],
    "the sum over time": ["--layers", "6x3", "--over-time", "sum", "--hidden", "4"],
}


@pytest.mark.parametrize("style", STYLES)
def test_commands_answer_for_each_style(run, toy_reviews, tmp_path, style):
    def do(*arguments):
        done = run(*arguments)
        assert done.code == 0, done
        return done

    data, model = toy_reviews, tmp_path / "m"
    do("fit", data, "-o", model, "--dim", "6", "--lr", "0.02", "--epochs", "3", "-q", *STYLES[style])
    text = "A great film, number 3, with some music."
    before = load(model).logits([text, "dull", "", "good " * 40])
    exact = ("words", "lrp") if "--over-time" in STYLES[style] else ("words", "lrp", "ngrams")
    for method in exact:
        assert json.loads(do("explain", model, text, "--method", method, "--json").out)["residual"] < 1e-5
    for method in ("gradient-x-input", "occlusion", "greedy"):
        do("explain", model, text, "--method", method)
    do("units", model, text)
    do("report", model, data, "-o", tmp_path / "page.html", "-q", "--all-rows")
    assert (load(model).logits([text, "dull", "", "good " * 40]) == before).all()
