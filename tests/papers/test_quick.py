"""Every exhibit of every paper from a few rows: the quick variants of what takes hours."""

import json
from dataclasses import replace
from functools import partial

import pytest

from convlens.data import NAMED
from convlens.data.standard import YELP, load_standard
from convlens.papers import PAPERS, ArtifactStore, reproduce
from convlens.papers.xudu2020.models import RATIO2, SIZES


@pytest.mark.corpora
@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_rebuilt_from_a_few_rows(name, corpora, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLENS_DATA", str(corpora))
    monkeypatch.setitem(NAMED, "yelp", partial(load_standard, replace(YELP, hub="")))  # 598,000 rows
    paper = PAPERS[name]
    if any(artifact.data == ("imdb",) for artifact in paper.artifacts):
        pytest.importorskip("gensim", reason="gensim is not installed: pip install convlens[vectors]")
    reproductions = reproduce(
        ArtifactStore(tmp_path, quick=True), [(paper, artifact) for artifact in paper.artifacts], [paper]
    )
    assert [reproduction.skipped for reproduction in reproductions] == [()] * len(paper.artifacts)
    page = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
    for artifact in paper.artifacts:
        assert f"## {artifact.name}\n" in page
    for picture in tmp_path.glob("*.svg"):
        assert picture.stat().st_size < 200_000
        assert picture.name in page
    assert "nan" not in page.lower().replace("finance", "").split()
    for part in (tmp_path / "parts").glob("xu-du-features-*"):
        data, k = part.stem.rsplit("-", 2)[1:]
        removed = json.loads(part.read_text(encoding="utf-8"))["share"]["ratio2"]
        assert removed >= RATIO2[data][SIZES.index(int(k))] / 100 - 1e-9
