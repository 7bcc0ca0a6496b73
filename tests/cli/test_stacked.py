"""Commands that people use on a model, on a model of each way of writing stacked layers."""

import json

import pytest

from convlens.models import load

STYLES = {
    "two dense layers": ["--layers", "6x3/2,5x2", "--hidden", "6,5"],
    "strides": ["--layers", "6x5s2/2,5x2s2"],
    "the three greatest": ["--layers", "6x3/2,5x2", "--k", "3"],
    "the mean over time": ["--layers", "6x3/2,5x2", "--over-time", "mean"],
    "stacks side by side": ["--layers", "6x2 | 5x3/2,4x2 | 4x3:k=2", "--hidden", "4"],
    "stacks with means": ["--layers", "6x2:mean | 5x3:sum | 4x2"],
    "batch normalisation": ["--layers", "6x3/2,5x2 | 4x2", "--batch-norm"],
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
    exact = ("words", "lrp") if "mean" in style or "sum" in style else ("words", "lrp", "ngrams")
    for method in exact:
        assert json.loads(do("explain", model, text, "--method", method, "--json").out)["residual"] < 1e-5
    for method in ("gradient-x-input", "occlusion", "greedy"):
        do("explain", model, text, "--method", method)
    assert run("units", model, text).code == (2 if "|" in STYLES[style][1] else 0)
    do("evaluate", model, data, "--documents", "4", "-q", "--all-rows")
    do("attack", model, data, "--documents", "4", "-q", "--all-rows")
    do("words", model, data)
    do("scan", model, data, "-o", tmp_path / "scores", "-q")
    do("edit", model, data, "-o", tmp_path / "edited", "--disable", "word:good", "--all-rows")
    do("report", model, data, "-o", tmp_path / "page.html", "-q", "--all-rows")
    assert (load(model).logits([text, "dull", "", "good " * 40]) == before).all()


def test_stacks_that_are_misspelt_are_refused(refused, toy_reviews, tmp_path):
    new = ["fit", toy_reviews, "-o", tmp_path / "m", "--layers"]
    assert "stands :max, :mean, :sum or :k=N, got 'median'" in refused(*new, "6x3 | 6x2:median")
    assert "--layers takes filters x kernel" in refused(*new, "6x3 | ")
    assert "side by side" in refused(*new, "6x3 | 6x2", "--length", "9")
    assert "--over-time is for one stack" in refused(*new, "6x2:mean | 5x3", "--over-time", "sum")
    assert "--k is for one stack" in refused(*new, "6x2 | 5x3", "--k", "3")
    assert "k must be from 1" in refused(*new, "6x3 | 6x2:k=0")
