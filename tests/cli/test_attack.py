"""`convlens attack`: what it prints, writes, answers and refuses."""

import json

import polars as pl
import pytest

from convlens.models import save


@pytest.mark.parametrize("kind", ["typo", "insertion"])
def test_attacks_are_printed_with_changed_words_marked(run, model, fresh, kind):
    done = run("attack", model, fresh, "--attack", kind, "--documents", "30", "--edits", "3", "--quiet")
    assert done.code == 0
    assert done.out.startswith("30 documents drawn, ")
    assert "classified correctly; up to 3 edits each" in done.out
    assert "random" in done.out
    assert "[+" in done.out if kind == "insertion" else " -> " in done.out


def test_json_and_parquet_hold_every_document(run, refused, model, fresh, tmp_path):
    path, options = tmp_path / "new" / "a.parquet", ["--order", "words, random", "--documents", "0"]
    done = run("attack", model, fresh, *options, "--json", "-o", path)
    found, rows = json.loads(done.out), pl.read_parquet(path)
    assert [row["order"] for row in found["orders"]] == ["words", "random"]
    assert found["attacks"] == rows.to_dicts()
    assert len(rows) == 2 * found["attackable"]
    assert "exists: give another path, or --force" in refused("attack", model, fresh, "-o", path)


def test_a_broken_certificate_is_exit_code_1(run, model, fresh):
    done = run("attack", model, fresh, "--certify", "--documents", "10", "--quiet")
    assert done.code == 1
    assert "broken" in done.out
    assert "swapped for any word" in done.out
    found = json.loads(run("attack", model, fresh, "--certify", "--documents", "10", "--json").out)
    assert found["certified"] + found["broken"] + found["unknown"] == found["attackable"]
    assert found["broken"] > 0


def test_a_certificate_that_holds_is_exit_code_0(run, classifier, fresh, tmp_path):
    import torch

    with torch.no_grad():
        saved = [p.clone() for p in classifier.model.head.parameters()]
        classifier.model.head.weight.zero_()
        classifier.model.head.bias.copy_(torch.tensor([1.0, 0.0]))
        save(classifier, tmp_path / "constant")
        for parameter, value in zip(classifier.model.head.parameters(), saved, strict=True):
            parameter.copy_(value)
    done = run("attack", tmp_path / "constant", fresh, "--certify", "--nearest", "2", "--documents", "9")
    assert done.code == 0
    assert "100.0%" in done.out


def test_what_cannot_be_attacked_is_refused(refused, model, fresh, deep_classifier, tmp_path):
    save(deep_classifier, tmp_path / "deep")
    for option in (["--attack", "swap"], ["--attack", "insertion"], ["--certify"]):
        assert "one-layer TextCNN" in refused("attack", tmp_path / "deep", fresh, *option)
    assert "unknown attack 'type'" in refused("attack", model, fresh, "--attack", "type")
    assert "--order goes with attacks" in refused("attack", model, fresh, "--certify", "--order", "words")
    plain = tmp_path / "plain.csv"
    plain.write_text("text\na good film\n")
    assert "label" in refused("attack", model, plain)
    empty = tmp_path / "empty.csv"
    empty.write_text("text,label\n")
    refused("attack", model, empty)
    assert "settings of swaps" in refused("attack", model, fresh, "--nearest", "3")
