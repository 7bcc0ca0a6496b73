"""`convlens export`: a folder for another program, proven; or a sentence and an exit code, and nothing written."""

import json

import numpy as np
import pytest

from convlens import load
from convlens.adopt.onnx_run import OnnxRun

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: pip install convlens[onnx]")


def test_a_model_is_written_and_answers_the_same(run, model, fresh, tmp_path):
    done = run("export", model, "-o", tmp_path / "served", "--prove-on", fresh)
    assert done.code == 0
    assert done.out.startswith("logits equal to those of the model on 60 texts of yours and ")
    assert "wrote" in done.err
    assert "(model.onnx, vocabulary.json, settings.json)" in done.err
    classifier = load(model)
    text = "A good film, with no music."
    logits = OnnxRun.of(tmp_path / "served")(classifier.tokenizer.ids([text]))["logits"]
    np.testing.assert_allclose(logits, classifier.logits([text]), atol=1e-5)


def test_json_has_the_proof_and_the_notes(run, model, tmp_path):
    done = run("export", model, "--format", "torch", "-o", tmp_path / "plain", "--json")
    values = json.loads(done.out)
    assert values["files"] == ["weights.safetensors", "vocabulary.json", "settings.json"]
    assert values["proof"]["largest"] <= values["proof"]["tolerance"] == 1e-5
    assert len(values["notes"]) == 1


def test_an_export_is_replaced_by_force_alone(run, refused, model, tmp_path):
    assert run("export", model, "-o", tmp_path / "served").code == 0
    assert "--force" in refused("export", model, "-o", tmp_path / "served")
    assert run("export", model, "-o", tmp_path / "served", "--force", "--format", "torch").code == 0
    assert "holds more than an export" in refused("export", model, "-o", model, "--force")


def test_what_cannot_be_written_is_a_sentence(refused, model, tmp_path):
    assert "choose one of onnx, torch, keras" in refused(
        "export", model, "--format", "pickle", "-o", tmp_path / "a"
    )
    assert "no model at" in refused("export", tmp_path / "nowhere", "-o", tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_an_export_that_answers_otherwise_is_exit_code_1(run, model, tmp_path, monkeypatch):
    answers = OnnxRun.__call__
    monkeypatch.setattr(
        OnnxRun,
        "__call__",
        lambda self, documents: {**(values := answers(self, documents)), "logits": values["logits"] + 1},
    )
    done = run("export", model, "-o", tmp_path / "served")
    assert (done.code, done.out) == (1, "")
    assert "not equal: the onnx export and the model differ on" in done.err
    assert not (tmp_path / "served").exists()
