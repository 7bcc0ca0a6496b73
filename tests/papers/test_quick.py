"""Every exhibit of every paper from a few rows: the quick variants of what takes hours."""

import json
from dataclasses import replace
from functools import partial

import pytest

from convlens.data import NAMED
from convlens.data.standard import YELP, load_standard
from convlens.papers import PAPERS, Lab, reproduce
from convlens.papers.xu_du_models import RATIO2, SIZES


@pytest.mark.corpora
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_rebuilt_from_a_few_rows(name, corpora, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLENS_DATA", str(corpora))
    monkeypatch.setitem(NAMED, "yelp", partial(load_standard, replace(YELP, hub="")))  # 598,000 rows
    paper = PAPERS[name]
    if any(exhibit.data == ("imdb",) for exhibit in paper.exhibits):
        pytest.importorskip("gensim", reason="gensim is not installed: pip install convlens[vectors]")
    outcomes = reproduce(Lab(tmp_path, quick=True), [(paper, exhibit) for exhibit in paper.exhibits], [paper])
    assert [outcome.skipped for outcome in outcomes] == [()] * len(paper.exhibits)
    page = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
    for exhibit in paper.exhibits:
        assert f"## {exhibit.name}\n" in page
    for picture in tmp_path.glob("*.svg"):
        assert picture.stat().st_size < 200_000
        assert picture.name in page
    assert "nan" not in page.lower().replace("finance", "").split()
    for part in (tmp_path / "parts").glob("xu-du-features-*"):
        data, k = part.stem.rsplit("-", 2)[1:]
        removed = json.loads(part.read_text(encoding="utf-8"))["share"]["ratio2"]
        assert removed >= RATIO2[data][SIZES.index(int(k))] / 100 - 1e-9
