"""`convlens reproduce`: lists, rebuilds, and says what is missing."""

import json
from importlib import import_module

from convlens.errors import InputError
from convlens.papers import PAPERS


def test_it_lists_papers_and_exhibits(run):
    assert {row["paper"] for row in json.loads(run("reproduce", "--json").out)} == set(PAPERS)
    assert "figure1" in run("reproduce").out


def test_bad_names_end_with_2_and_write_nothing(refused, tmp_path):
    assert "did you mean 'arras2016'" in refused("reproduce", "arras2061", "-o", tmp_path / "x")
    assert "has no exhibit 'table9'" in refused("reproduce", "arras2016", "table9", "-o", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_missing_data_ends_with_1(run, tmp_path, monkeypatch):
    def missing(name):
        raise InputError(f"{name} is not to be had")

    monkeypatch.setattr(import_module("convlens.papers.store"), "load_data", missing)
    ended = run("reproduce", "yuan2019", "figure2", "figure3", "-o", tmp_path / "x", "--json", "--quick")
    assert ended.code == 1
    assert [row["verdict"] for row in json.loads(ended.out)] == ["skipped", "skipped"]
    assert ended.err.count("mr is not to be had") == 1
