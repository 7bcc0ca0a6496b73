"""What every exhibit rests on: finished parts are kept, missing data is told, pages show what was found."""

import json

import numpy as np
import pytest

from convlens.errors import InputError
from convlens.papers import PAPERS, Artifact, ArtifactStore, Paper, Result, find_paper, reproduce
from convlens.papers.artifact import BETTER, DIFFERS, REPRODUCED, code, judged, margin, spread, table
from convlens.papers.heatmap import heatmap


def paper(*made, data=()):
    """A paper of exhibits `one`, `two`, ... that `made` make."""
    names = ("one", "two", "three")
    artifacts = [Artifact(n, f"Title of {n}", data, make) for n, make in zip(names, made, strict=False)]
    return Paper("toy2000", "Toy 2000: On toys", tuple(artifacts), ("Toys are small.",))


def result(store, value=1):
    return Result(
        "1", str(store.part("value", lambda: value)), REPRODUCED, "| a |", figures={"p.svg": "<svg/>"}
    )


def chosen(one):
    return [(one, artifact) for artifact in one.artifacts]


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    calls = []

    def counted(store):
        return Result("1", str(store.part("slow", lambda: calls.append(1) or 7)), REPRODUCED, "")

    def stopping(store):
        store.part("begun", lambda: calls.append(2) or 8)
        raise KeyboardInterrupt

    toy = paper(counted, stopping)
    with pytest.raises(KeyboardInterrupt):
        reproduce(ArtifactStore(tmp_path), chosen(toy), [toy])
    assert calls == [1, 2]
    assert (tmp_path / "toy2000.md").exists()  # what was finished is written
    toy = paper(counted, lambda store: Result("2", str(store.part("begun", lambda: 9)), BETTER, ""))
    reproductions = reproduce(ArtifactStore(tmp_path), chosen(toy), [toy])
    assert [reproduction.result.ours for reproduction in reproductions] == ["7", "8"]
    assert calls == [1, 2]


def test_pages_show_theirs_ours_and_the_verdict(tmp_path):
    toy = paper(result, lambda store: Result("2", "3|4", DIFFERS, "Body.", "it is a toy"))
    reproduce(ArtifactStore(tmp_path, quick=True), chosen(toy), [toy])
    index, page = ((tmp_path / name).read_text() for name in ("index.md", "toy2000.md"))
    assert "| [toy2000 one](toy2000.md#one) | Title of one | 1 | 1 | reproduced |" in index
    assert "| 2 | 3\\|4 | differs: it is a toy |" in index
    assert "It is a toy." in page
    assert "Toys are small." in page
    assert "convlens reproduce toy2000 one --quick" in page
    assert "not to be compared" in page
    assert (tmp_path / "toy2000-p.svg").read_text() == "<svg/>"


def test_the_index_adds_up_what_the_exhibits_took(tmp_path):
    toy = paper(result, result)
    reproduce(ArtifactStore(tmp_path), chosen(toy), [toy])
    for place in (tmp_path / "findings").iterdir():
        kept = json.loads(place.read_text())
        kept["run"]["seconds"] = 90.0
        place.write_text(json.dumps(kept))
    reproduce(ArtifactStore(tmp_path), chosen(toy), [toy])
    assert "add up to 3 minutes." in (tmp_path / "index.md").read_text()


def test_exhibits_are_written_anew_of_the_parts_that_are_there(tmp_path):
    reproduce(ArtifactStore(tmp_path), chosen(paper(result)), [paper(result)])
    place = tmp_path / "findings" / "toy2000-one.json"
    place.write_text(place.read_text().replace('"seconds": ', '"seconds": 100'))
    other = paper(
        lambda store: Result("1", f"now {store.part('value', lambda: 9)}", DIFFERS, "", "it changed")
    )
    [reproduction] = reproduce(ArtifactStore(tmp_path), chosen(other), [other])
    assert reproduction.result.ours == "1"
    [reproduction] = reproduce(ArtifactStore(tmp_path), chosen(other), [other], anew=True)
    assert reproduction.result.ours == "now 1"
    assert json.loads(place.read_text())["run"]["seconds"] >= 1000


def test_missing_data_skips_and_says_why(tmp_path, monkeypatch):
    monkeypatch.delenv("CONVLENS_DATA", raising=False)
    toy = paper(result, data=("glove-50",))
    [reproduction] = reproduce(ArtifactStore(tmp_path), chosen(toy), [toy])
    assert reproduction.result is None
    assert "glove.6B.50d.txt" in reproduction.skipped[0]
    assert not (tmp_path / "toy2000.md").exists()


def test_quick_and_whole_runs_are_kept_apart(tmp_path):
    ArtifactStore(tmp_path, quick=True)
    assert len(ArtifactStore(tmp_path, quick=True, most_seeds=5).seeds) == 1
    with pytest.raises(InputError, match="holds a --quick run: give another folder"):
        ArtifactStore(tmp_path)
    with pytest.raises(InputError, match="seeds must be at least 1, got 0"):
        ArtifactStore(tmp_path, most_seeds=0)


def test_unknown_names_are_told_the_known():
    with pytest.raises(InputError, match="did you mean 'arras2016'"):
        find_paper("aras2016")
    with pytest.raises(InputError, match="has no exhibit 'figure9': it has accuracy, figure1"):
        PAPERS["arras2016"].find(["figure9"])
    assert PAPERS["arras2016"].find(["figure2", "accuracy"])[1].name == "accuracy"


@pytest.mark.parametrize(
    ("ours", "verdict"), [(0.83, BETTER), (0.805, REPRODUCED), (0.79, REPRODUCED), (0.7, DIFFERS)]
)
def test_verdicts(ours, verdict):
    assert judged(ours, 0.8, 0.01) == verdict


def test_the_margin_of_two_shares_is_that_of_their_difference():
    rng = np.random.default_rng(0)
    apart = rng.binomial(5000, 0.8, (2, 20_000)) / 5000
    assert margin([0.8, 0.8], 5000) == pytest.approx(np.quantile(abs(apart[0] - apart[1]), 0.95), rel=0.03)


def test_numbers_and_cells():
    assert spread([0.8, 0.9]) == "85.00 ± 7.07 %"
    assert spread([0.5]) == "50.00 %"
    assert table(("a", "b"), [("x|y", 1.5)]) == "| a | b |\n| --- | --: |\n| x\\|y | 1.500 |\n"
    assert code("a`b``c") == "``` a`b``c ```"
    with pytest.raises(ValueError, match="no verdict"):
        Result("", "", "good", "")


def test_a_heatmap_escapes_and_colours(tmp_path):
    picture = heatmap(["<b>", "bad", "\ud800"], {"<class>": np.array([1.0, -2.0, 0.0])})
    assert "<b>" not in picture
    assert "&lt;b&gt;" in picture
    assert 'fill="rgb(217, 95, 2)" fill-opacity="0.70"' in picture
    assert 'fill="rgb(33, 102, 172)" fill-opacity="0.35"' in picture
    picture.encode("utf-8")


def test_every_exhibit_has_its_own_name():
    for one in PAPERS.values():
        names = [artifact.name for artifact in one.artifacts]
        assert len(set(names)) == len(names)
    json.dumps(list(PAPERS))
