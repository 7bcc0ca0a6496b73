"""Names of data sets, and the front door of the command line."""

import pytest

from convlens.data import NAMED, Columns, Corpus, door, load, open_data

KNOWN = "mr, imdb, ag_news, 20newsgroups, elec, yelp, demo"
FORMATS = ".csv .tsv .tab .jsonl .ndjson .json .parquet .pq .arrow .feather .ipc .txt"


@pytest.mark.parametrize(
    ("name", "hint"), [("IMBD", "did you mean imdb? "), ("agnews", "did you mean ag_news? "), ("xyz", "")]
)
def test_unknown_names(name, hint, refusal):
    assert refusal(load, name) == f"there is no data set {name!r}: {hint}the data sets are {KNOWN}"
    assert refusal(open_data, name) == (
        f"{name!r} is neither a file nor a data set: {hint}give a file ({FORMATS}), hub:NAME, or one of {KNOWN}"
    )


def test_a_name_opens_its_data_set(monkeypatch):
    monkeypatch.setitem(NAMED, "mr", lambda: "the reviews")
    assert open_data("mr") == load("mr") == "the reviews"


def test_a_file_is_read_with_the_settings_given(put, tmp_path):
    path = put("a.csv", "a,b\nfine,x\n,y\n")
    corpus = open_data(str(path), Columns("a", "b"), labelled=False, allow_rejects=True)
    assert corpus.texts == ("fine",)
    assert len(corpus.rejected) == 1


def test_a_file_wins_over_a_name(put, monkeypatch):
    monkeypatch.chdir(put("hub:a.csv", "text,label\nfine,x\ndull,y\n").parent)
    assert open_data("hub:a.csv").source == "hub:a.csv"
    assert isinstance(open_data("hub:a.csv"), Corpus)


def test_the_hub_is_asked_with_the_settings_given(monkeypatch):
    calls = []
    monkeypatch.setattr(door, "read_hub", lambda *given, **options: calls.append((given, options)))
    open_data("hub:a/b:c@train", Columns("x"), labelled=False, allow_rejects=True)
    assert calls == [(("a/b:c@train", Columns("x")), {"labelled": False, "allow_rejects": True})]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("no/where", "there is no file no/where: the folder no does not exist either"),
        ("reviews.xyz", "there is no file reviews.xyz: check its name"),
        (".", ". is a folder: give one of the files in it"),
        ("a\0b.csv", "cannot read 'a\\x00b.csv': embedded null byte"),
    ],
)
def test_paths_are_taken_for_files(spec, said, refusal, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refusal(open_data, spec) == said


def test_a_name_too_long_for_a_file_is_no_crash(refusal):
    assert refusal(open_data, "a" * 5000).startswith("'aaaaa")
