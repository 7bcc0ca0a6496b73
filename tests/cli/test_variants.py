"""Every command that people use on a model, on a model of each way of writing a one-layer text CNN."""

import json

import pytest

from convlens.models import load

STYLES = {
    "cut and padded": ["--padding", "length=12"],
    "padded in front, a vector of its own": ["--padding", "length=12,left,trained"],
    "two pads on both sides": ["--padding", "before=2,after=2"],
    "zeros of k - 1": ["--padding", "full"],
    "the same length": ["--padding", "same"],
    "tanh": ["--activation", "tanh", "--padding", "least=3"],
    "no activation": ["--activation", "none"],
    "one logit": ["--one-logit"],
    "two dense layers": ["--hidden", "6,5", "--padding", "least=4"],
    "dilated": ["--regions", "3,5", "--dilation", "2"],
    "two channels": ["--static-channel", "--vector-dropout", "0.2"],
}
UNGATED = {"tanh", "no activation", "two dense layers"}  # which thresholds cannot prune


@pytest.mark.parametrize("style", STYLES)
def test_commands_answer_for_each_style(run, toy_reviews, tmp_path, style):
    def do(*arguments, code=0):
        done = run(*arguments)
        assert done.code == code, done
        return done

    data, model = toy_reviews, tmp_path / "m"
    small = ["--regions", "2,3", "--filters", "6", "--dim", "6", "--lr", "0.02", "--epochs", "6", "-q"]
    options = STYLES[style]
    small = small[2:] if "--regions" in options else small
    do("fit", data, "-o", model, *small, *options)
    classifier = load(model)
    texts = ["A great film, number 3, with some music.", "dull", "", "good " * 40]
    before = classifier.logits(texts)
    for method in ("words", "ngrams", "lrp"):
        answer = json.loads(do("explain", model, texts[0], "--method", method, "--json").out)
        assert answer["residual"] < 1e-5
        assert ("padding" in answer) == classifier.model.config.padding.adds
    for method in ("occlusion", "greedy", "sensitivity", "thresholded", "gradient-x-input", "loss-change"):
        do("explain", model, texts[0], "--method", method)
    do("filters", model, data, "-q")
    do("attack", model, data, "--attack", "swap", "--documents", "4", "-q", "--all-rows")
    do("attack", model, data, "--attack", "insertion", "--documents", "4", "-q", "--all-rows")
    do("evaluate", model, data, "--documents", "4", "-q", "--all-rows")
    do("units", model, texts[0])
    do("report", model, data, "-o", tmp_path / "page.html", "-q", "--all-rows")
    do("scan", model, data, "-o", tmp_path / "scores", "-q")
    do("edit", model, data, "-o", tmp_path / "edited", "--disable", "filter:1")
    pruned = run("prune", model, data, "-o", tmp_path / "small", "--thresholds", "auto")
    assert pruned.code == (2 if style in UNGATED else 0), pruned
    do("prune", model, data, "-o", tmp_path / "fewer", "--words", "50%")
    assert (load(model).logits(texts) == before).all()


def test_padding_that_is_misspelt_is_refused(refused, toy_reviews, tmp_path):
    told = refused("fit", toy_reviews, "-o", tmp_path / "m", "--padding", "longest=3")
    assert "--padding takes length=N" in told
    told = refused("fit", toy_reviews, "-o", tmp_path / "m", "--padding", "length=2", "--regions", "5")
    assert "pad texts to at least 5 words" in told
    told = refused("fit", toy_reviews, "-o", tmp_path / "m", "--regions", "4", "--dilation", "2")
    assert "dilation must divide" in told
    told = refused("fit", toy_reviews, "-o", tmp_path / "m", "--activation", "gelu")
    assert "activation must be" in told
