"""Deep models through every command: fitted from a preset, asked, scanned, reported, refused where they cannot answer."""

import json

import numpy as np
import polars as pl
import pytest

from convlens.explain import METHODS
from convlens.models import PRESETS, ConvLayer, DeepTextCNNConfig, load, save

TINY = [
    "--preset",
    "imdb-filters",
    "--length",
    "16",
    "--hidden",
    "6",
    "--dim",
    "8",
    "--tune-vectors",
    "--quiet",
]
GRADIENTS = ["--method", "gradient-x-input"]


@pytest.fixture
def deep(deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    return tmp_path / "deep"


def test_a_preset_is_fitted_and_options_override_it(run, reviews, tmp_path):
    done = run("fit", reviews, "-o", tmp_path / "m", *TINY, "--json", "--epochs", "2")
    assert (done.code, json.loads(done.out)["epochs"]) == (0, 2)
    assert (
        "preset imdb-filters: as in the IMDb filter paper, table 1, but it starts from word2vec" in done.err
    )
    assert 'explain {} "a text" --method gradient-x-input'.format(tmp_path / "m") in done.err
    classifier, preset = load(tmp_path / "m"), PRESETS["imdb-filters"].config
    config = classifier.model.config
    assert (config.layers, config.sigmoid, config.dropout) == (preset.model.layers, True, 0)
    assert (config.length, config.hidden, config.dim) == (16, 6, 8)
    settings = classifier.record.settings
    assert (settings["text"]["max_tokens"], settings["train"]["patience"]) == (250, 5)
    assert settings["train"]["tune_vectors"]
    assert run("predict", tmp_path / "m", "a good film", "--json").code == 0


def test_one_layer_presets_and_flags_that_turn_them_back(run, reviews, tmp_path):
    tiny = ["--quiet", "--epochs", "1", "--dim", "4", "--filters", "3"]
    assert run("fit", reviews, "-o", tmp_path / "m", "--preset", "jacovi", *tiny).code == 0
    model = load(tmp_path / "m").model
    assert (model.config.regions, model.config.counts, model.head.bias) == ((2, 3, 4), (3, 3, 3), None)
    done = run("fit", reviews, "-o", tmp_path / "n", "--preset", "jacovi", *tiny, "--head-bias")
    assert load(tmp_path / "n").model.head.bias is not None
    done = run("fit", reviews, "-o", tmp_path / "o", "--preset", "arras", *tiny)
    assert "the word vectors are random and stay so: give --vectors FILE, or --tune-vectors" in done.err


def test_layers_are_given_by_hand(run, reviews, tmp_path):
    options = ["--layers", "6x3s2/2, 4x2", "--dim", "4", "--epochs", "1", "--quiet"]
    assert run("fit", reviews, "-o", tmp_path / "m", *options).code == 0
    config = load(tmp_path / "m").model.config
    assert config == DeepTextCNNConfig((ConvLayer(6, 3, 2, 2), ConvLayer(4, 2)), dim=4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--preset", "yuanmr"], "unknown preset 'yuanmr': did you mean 'yuan-mr'? the presets are kim, "),
        (["--preset", "yuan-mr", "--regions", "3"], "--regions is no setting of a DeepTextCNN: leave it out"),
        (["--layers", "6x3", "--no-head-bias"], "--head-bias is no setting of a DeepTextCNN: leave it out"),
        (["--length", "6"], "--length is no setting of a TextCNN: it goes with --layers or a preset"),
        (["--layers", "6x3", "--hidden", "6,0"], "hidden must be at least 1, or at most"),
        (["--preset", "kim", "--layers", "6x3"], "--layers is no setting of a TextCNN: leave out the preset"),
        (["--layers", "6x3", "--length", "9", "--over-time", "sum"], "takes no sum over time"),
        (["--layers", "6x3", "--over-time", "most"], "over_time must be one of 'max', 'mean', 'sum'"),
        (["--over-time", "mean"], "--over-time is no setting of a TextCNN: it goes with --layers"),
        (
            ["--layers", "6x3,4"],
            "--layers takes filters x kernel, s and a stride where there is one, and / pool",
        ),
        (["--layers", "6x3/2s2"], "--layers takes filters x kernel, s and a stride"),
        (["--layers", "6x3s4"], "stride of a layer must be at most its kernel of 3, got 4"),
        (["--layers", "6x0"], "kernel of a layer must be at least 1, got 0"),
        (["--layers", "6x3,4x3", "--length", "4"], "length must be at least 5"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(refused, reviews, tmp_path, options, message):
    assert message in refused("fit", reviews, "-o", tmp_path / "m", *options)


def test_explain_answers_in_every_form(run, deep, tmp_path):
    done = run("explain", deep, "Then a superb film", *GRADIENTS, "--json")
    found = json.loads(done.out)
    total = np.array(found["scores"]).sum(0) + found["bias"]
    np.testing.assert_allclose(total, found["logits"], atol=1e-5)
    assert (found["sums"], found["residual"]) == ("remainder", None)
    shown = run("explain", deep, "Then a superb film", *GRADIENTS, "--html", tmp_path / "page.html")
    assert "of it" in (tmp_path / "page.html").read_text()
    assert shown.code == 0
    assert "left to no word" in run("explain", deep, "Then a superb film", *GRADIENTS).out


def test_explain_and_scans_refuse_what_needs_a_trace(run, refused, deep, reviews, tmp_path):
    for method in ("loss-change", "thresholded"):
        message = refused("explain", deep, "good", "--method", method)
        fitting = [name for name, found in METHODS.items() if "DeepTextCNN" in found.families]
        assert f"method '{method}' reads the trace of a one-layer TextCNN" in message
        assert message.endswith(f"choose one of {', '.join(fitting)}")
        assert message == refused(
            "explain", deep, "--file", reviews, "-o", tmp_path / "scan", "--method", method
        )
        assert not (tmp_path / "scan").exists()
    assert run("explain", deep, "--file", reviews, "-o", tmp_path / "scan", *GRADIENTS).code == 0
    documents = pl.read_parquet(tmp_path / "scan" / "documents-*.parquet")
    assert documents["residual"].null_count() == len(documents) == 60


def test_scans_hold_words_and_ngrams_that_sum_to_the_logits(run, deep, reviews, tmp_path):
    for method in ("words", "ngrams"):
        folder = tmp_path / method
        assert run("scan", deep, reviews, "-o", folder, "--method", method).code == 0
        documents = pl.read_parquet(folder / "documents-*.parquet")
        assert documents["residual"].max() < 1e-5
        units = pl.read_parquet(folder / "words-*.parquet")
        assert ("filter" in units.columns) == (method == "ngrams")
        sums = units.group_by("document").agg(pl.col("^score:.*$").sum()).sort("document")
        np.testing.assert_allclose(
            sums.select("^score:.*$").to_numpy(), documents.select("^logit:.*$").to_numpy(), atol=1e-4
        )


def test_a_report_shows_words_but_no_filters(run, deep, reviews, tmp_path):
    assert run("report", deep, reviews, "-o", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    assert "gradient x input" in page
    assert "8 x 3 / 2, then 8 x 2" in page
    assert "filter-table" not in page.split("<script")[0]
    assert "score exactly" not in page


@pytest.mark.parametrize("method", [name for name, method in METHODS.items() if method.extra])
def test_captums_methods_answer_for_both_families(run, deep, model, method):
    for folder in (deep, model):
        done = run("explain", folder, "a superb film", "--method", method, "--json")
        found = json.loads(done.out)
        scores, bias, logits = (np.array(found[name]) for name in ("scores", "bias", "logits"))
        assert (found["method"], found["residual"], scores.shape) == (method, None, (3, 2))
        assert abs(scores).max() > 0
        if method == "lime":
            assert (found["sums"], found["convergence_delta"]) == ("none", None)
            continue
        assert found["sums"] == "approximate"
        np.testing.assert_allclose(scores.sum(0) + bias - logits, found["convergence_delta"], atol=1e-6)
        assert abs(scores.sum(0) + bias - logits).max() < (1.5 if method == "gradient-shap" else 0.2)
        shown = run("explain", folder, "a superb film", "--method", method).out
        assert "without words" in shown
        assert "the logit, convergence delta " in shown


def test_a_scan_by_an_approximate_method_holds_its_deltas(run, deep, reviews, tmp_path):
    command = ("explain", deep, "--file", reviews, "-o", tmp_path / "scan", "--method", "deeplift")
    assert run(*command).code == 0
    documents = pl.read_parquet(tmp_path / "scan" / "documents-*.parquet")
    assert documents["residual"].null_count() == 60
    deltas = documents.select("delta:negative", "delta:positive").to_numpy()
    assert deltas.any()
    assert abs(deltas).max() < 1e-5


def test_one_layer_models_answer_by_gradients_too(run, model):
    for method in ("gradient-x-input", "sensitivity", "sensitivity-l2"):
        found = json.loads(run("explain", model, "a superb film", "--method", method, "--json").out)
        assert found["method"] == method
