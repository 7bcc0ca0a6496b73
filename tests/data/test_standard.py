"""The papers' data sets: from a folder, from the hub or scikit-learn; and the real ones, where they are."""

import json
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest
import sklearn.datasets
from sklearn.utils import Bunch

from convlens.data import STAND_IN, Corpus, load, standard
from convlens.data.standard import AG_NEWS, ELEC, IMDB, MR, NEWSGROUPS, YELP, load_standard
from convlens.errors import InputError

OPINION = ["negative", "positive"]


@pytest.fixture
def fill(tmp_path, monkeypatch):
    """Make CONVLENS_DATA a folder of such Parquet files with such label names."""
    monkeypatch.setenv("CONVLENS_DATA", str(tmp_path))

    def write(names=None, **columns):
        (tmp_path / "label_names.json").write_text(json.dumps(names) if not isinstance(names, str) else names)
        for file, frame in columns.items():
            pl.DataFrame(frame).write_parquet(tmp_path / f"{file}.parquet")
        return tmp_path

    return write


@pytest.fixture
def nowhere(monkeypatch):
    """Neither a folder nor a network."""

    def refuse(*args, **options):
        raise InputError("no network")

    monkeypatch.delenv("CONVLENS_DATA", raising=False)
    monkeypatch.setattr(standard, "hub_splits", refuse)
    monkeypatch.setattr(sklearn.datasets, "fetch_20newsgroups", refuse)


def reviews(rows):
    return {
        "text": [f"film {i}" for i in range(rows)],
        "label": [i % 2 for i in range(rows)],
        "id": range(rows),
    }


NAMES = {"mr.parquet": OPINION, "imdb_train.parquet": OPINION, "imdb_test.parquet": OPINION}


def test_a_set_without_an_official_split_is_cut_by_class(fill):
    fill(NAMES, mr=reviews(40))
    parts = load_standard(replace(MR, rows=(40,)))
    assert sorted(parts.train.texts + parts.test.texts) == sorted(reviews(40)["text"])
    assert parts.train.counts() == {"negative": 18, "positive": 18}
    assert parts.test.counts() == {"negative": 2, "positive": 2}
    assert {parts.train.source, parts.test.source} == {"mr"}
    assert {parts.train.note, parts.test.note} == {""}


def test_an_official_split_is_kept_with_empty_texts(fill):
    train = {"text": ["fine", "", "dull"], "label": [1, 1, 0]}
    fill(NAMES, imdb_train=train, imdb_test=reviews(2))
    parts = load_standard(replace(IMDB, rows=(3, 2)))
    assert parts.train == Corpus(("fine", "", "dull"), (1, 1, 0), tuple(OPINION), "imdb")
    assert parts.test == Corpus(("film 0", "film 1"), (0, 1), tuple(OPINION), "imdb")


def test_another_number_of_rows_is_said(fill):
    fill(NAMES, imdb_train=reviews(3), imdb_test=reviews(2))
    parts = load_standard(replace(IMDB, rows=(3, 25_000)))
    assert (parts.train.note, parts.train.notices) == ("", ())
    assert parts.test.note == "2 of the official 25,000 rows"
    assert parts.test.notices == (
        "imdb: 2 of the official 25,000 rows, so not comparable with published numbers",
    )


def test_the_header_of_a_post_is_cut_off(fill):
    posts = {"text": ["From: me\n\nHello\n\nthere", "no header"], "label": [0, 0]}
    files = {"twenty_newsgroups_train": posts, "twenty_newsgroups_test": posts}
    fill({f"{file}.parquet": ["alt.atheism"] for file in files}, **files)
    assert load("20newsgroups").train.texts == ("Hello\n\nthere", "")


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ({}, "lacks mr.parquet"),
        ([], "is damaged or was edited ('Expected `object`, got `array`')"),
        (
            {"mr.parquet": None},
            "is damaged or was edited ('Expected `array`, got `null` - at `$[...]`')",
        ),
        (
            {"mr.parquet": ["bad", 1]},
            "is damaged or was edited ('Expected `str`, got `int` - at `$[...][1]`')",
        ),
        (
            "{",
            "is damaged or was edited, it is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
        ),
    ],
    ids=["lacking", "list", "null", "number", "broken"],
)
def test_label_names_that_cannot_be_used(names, error, fill, refusal):
    folder = fill(names, mr=reviews(4))
    said = InputError(
        f"{folder}/label_names.json {error}: it must give the label names of mr.parquet"
    )  # its path may be long
    assert refusal(load, "mr") == str(said)


def test_a_folder_without_label_names(fill, refusal):
    folder = fill(NAMES, mr=reviews(4))
    (folder / "label_names.json").unlink()
    assert refusal(load, "mr") == (
        f"{folder}/label_names.json cannot be read (No such file or directory): it must give the label names of mr.parquet"
    )


HELD = "must hold strings in text and whole numbers in label, and none may be missing"


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"text": ["a"]}, "lacks the column 'label': expected text and label"),
        ({"label": [0]}, "lacks the column 'text': expected text and label"),
        ({"text": ["a", None], "label": [0, 1]}, HELD),
        ({"text": ["a", "b"], "label": [None, 1]}, HELD),
        ({"text": ["a", "b"], "label": ["0", "1"]}, HELD),
        ({"text": [1, 2], "label": [0, 1]}, HELD),
    ],
    ids=range(6),
)
def test_columns_that_cannot_be_used(frame, said, fill, refusal):
    folder = fill(NAMES, mr=frame)
    assert refusal(load, "mr") == f"{folder}/mr.parquet {said}"


def test_labels_beyond_their_names_and_files_that_are_damaged(fill, refusal):
    folder = fill(NAMES, mr={"text": ["a", "b"], "label": [0, 2]})
    assert refusal(load, "mr") == ("labels run from 0 to 2, but there are 2 label names: number them from 0")
    (folder / "mr.parquet").write_bytes(b"text,label\n")
    assert refusal(load, "mr") == (
        f"{folder}/mr.parquet is not a Parquet file: check what wrote it, or give it the suffix of its real format"
    )


def test_a_part_that_is_missing_sends_to_the_hub(fill, nowhere, monkeypatch, refusal):
    folder = fill(NAMES, imdb_train=reviews(4))
    monkeypatch.setenv("CONVLENS_DATA", str(folder))
    assert refusal(load, "imdb").startswith("data set 'imdb' is not to be had (no network): ")


@pytest.mark.parametrize("data", [MR, IMDB, AG_NEWS, NEWSGROUPS, ELEC, YELP], ids=lambda data: data.name)
def test_a_set_that_is_nowhere_to_be_had(data, nowhere, refusal):
    why = "neither the hub nor scikit-learn has it" if data is ELEC else "no network"
    assert refusal(load, data.name) == (
        f"data set {data.name!r} is not to be had ({why}): set CONVLENS_DATA to a folder with "
        f"{', '.join(data.files)} and label_names.json, or give a file of your own"
    )


def test_parts_of_the_hub_get_our_names(nowhere, monkeypatch):
    parts = {
        p: Corpus((f"{p} a", f"{p} b"), (0, 1), ("neg", "pos"), "x/y")
        for p in ("train", "validation", "test")
    }
    monkeypatch.setattr(standard, "hub_splits", {IMDB.hub: parts}.__getitem__)
    found = load_standard(replace(IMDB, rows=(2, 2)))
    assert found.train == Corpus(("train a", "train b"), (0, 1), ("negative", "positive"), "imdb")
    assert found.test == Corpus(("test a", "test b"), (0, 1), ("negative", "positive"), "imdb")


def test_parts_of_the_hub_are_joined_where_the_split_is_not_official(nowhere, monkeypatch):
    parts = {
        p: Corpus(tuple(f"{p} {i}" for i in range(10)), (0, 1) * 5, ("neg", "pos")) for p in ("train", "test")
    }
    monkeypatch.setattr(standard, "hub_splits", {MR.hub: parts}.__getitem__)
    found = load_standard(replace(MR, rows=(20,)))
    assert (len(found.train), len(found.test)) == (18, 2)
    assert found.train.label_names == ("negative", "positive")
    assert Counter(t.split()[0] for t in found.train.texts + found.test.texts) == {"train": 10, "test": 10}


def test_scikit_learn_gives_the_newsgroups(nowhere, monkeypatch, refusal):
    def fetch(subset, shuffle, remove):
        assert (shuffle, remove) == (False, ("headers",))
        return Bunch(data=[f"{subset} post"], target=pl.Series([0]).to_numpy(), target_names=["alt.atheism"])

    monkeypatch.setattr(sklearn.datasets, "fetch_20newsgroups", fetch)
    parts = load_standard(replace(NEWSGROUPS, rows=(1, 1)))
    assert parts.train == Corpus(("train post",), (0,), ("alt.atheism",), "20newsgroups")
    assert parts.test == Corpus(("test post",), (0,), ("alt.atheism",), "20newsgroups")

    def fail(**options):
        raise OSError("no route")

    monkeypatch.setattr(sklearn.datasets, "fetch_20newsgroups", fail)
    assert refusal(load, "20newsgroups") == (
        "data set '20newsgroups' is not to be had (scikit-learn could not fetch it: no route): set CONVLENS_DATA "
        "to a folder with twenty_newsgroups_train.parquet, twenty_newsgroups_test.parquet and label_names.json, "
        "or give a file of your own"
    )


SMALL = "stand-in: a small part of the Yelp Open Dataset, not Yelp polarity"


@pytest.fixture
def small(nowhere, fill):
    """No network, and a folder with a stand-in for Yelp polarity: five rows to train on, four to test on."""
    parts = ["train", "test"] * 4 + ["train"]
    return fill({"yelp_small.parquet": OPINION}, yelp_small={**reviews(9), "split": parts})


def test_a_stand_in_is_cut_as_its_file_says_and_marked(small):
    parts = load("yelp")
    assert parts.train.texts == ("film 0", "film 2", "film 4", "film 6", "film 8")
    assert parts.test.labels == (1, 1, 1, 1)
    assert {parts.train.source, parts.test.source} == {"yelp"}
    assert parts.train.note == f"{SMALL}; 5 of the official 4,484 rows"
    parts = load_standard(replace(YELP, stand_in=replace(YELP.stand_in, rows=(5, 4))))
    assert (parts.train.note, parts.test.note) == (SMALL, SMALL)
    assert SMALL.startswith(STAND_IN)
    assert parts.train.notices == (f"yelp: {SMALL}, so not comparable with published numbers",)
    assert parts.test.notices == ()  # once is enough


def test_a_stand_in_without_a_split_is_cut_by_class_and_marked(nowhere, fill):
    fill({"elec_mds.parquet": OPINION}, elec_mds=reviews(40))
    parts = load_standard(replace(ELEC, stand_in=replace(ELEC.stand_in, rows=(40,))))
    assert (len(parts.train), len(parts.test)) == (36, 4)
    assert {parts.train.note, parts.test.note} == {ELEC.stand_in.note}
    assert [len(part.notices) for part in (parts.train, parts.test)] == [1, 0]


def test_the_whole_goes_before_its_stand_in(small, fill, monkeypatch):
    parts = {p: Corpus((f"{p} a", f"{p} b"), (0, 1), ("1", "2"), "yelp_polarity") for p in ("train", "test")}
    with monkeypatch.context() as patch:
        patch.setattr(standard, "hub_splits", {YELP.hub: parts}.__getitem__)
        found = load_standard(replace(YELP, rows=(2, 2)))
    assert found.train == Corpus(("train a", "train b"), (0, 1), tuple(OPINION), "yelp")
    names = {f"yelp_{part}.parquet": OPINION for part in ("small", "train", "test")}
    fill(names, yelp_train=reviews(3), yelp_test=reviews(2))
    found = load_standard(replace(YELP, rows=(3, 2)))
    assert (len(found.train), len(found.test), found.train.note) == (3, 2, "")


def test_a_stand_in_without_its_parts(small, refusal):
    pl.DataFrame(reviews(4)).write_parquet(small / "yelp_small.parquet")
    assert refusal(load, "yelp") == (
        f"{small}/yelp_small.parquet lacks the column 'split': expected text and label and split"
    )


def test_a_single_file_with_other_rows_is_said_too(fill):
    fill(NAMES, mr=reviews(40))
    said = "mr: 40 of the official 10,662 rows, so not comparable with published numbers"
    assert load("mr").train.notices == (said,)


@pytest.mark.corpora
@pytest.mark.parametrize(("name", "rows"), [("elec", (1_800, 200)), ("yelp", (4_484, 4_455))])
def test_the_real_stand_ins(name, rows, corpora, nowhere, monkeypatch):
    monkeypatch.setenv("CONVLENS_DATA", str(corpora))
    parts = load(name)
    if not parts.train.note:
        pytest.skip(f"{name} is here whole")
    assert (len(parts.train), len(parts.test)) == rows
    assert parts.train.label_names == ("negative", "positive")
    assert parts.test.note == {"elec": ELEC, "yelp": YELP}[name].stand_in.note


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("name", "rows", "least", "label_names"),
    [
        ("mr", (9_595, 1_067), (533, 534), ("negative", "positive")),
        ("imdb", (25_000, 25_000), (12_500, 12_500), ("negative", "positive")),
        ("ag_news", (120_000, 7_600), (1_900, 1_900), ("World", "Sports", "Business", "Sci/Tech")),
        ("20newsgroups", (11_314, 7_532), (251, 399), None),
    ],
)
def test_the_real_sets(name, rows, least, label_names, corpora, monkeypatch):
    monkeypatch.setenv("CONVLENS_DATA", str(corpora))
    parts = load(name)
    part = name == "ag_news" and len(parts.train) < rows[0]  # all that can be had where the hub cannot
    assert (rows[0] if part else len(parts.train), len(parts.test)) == rows
    counts = parts.test.counts().values()
    assert (min(counts), max(counts)) == least
    assert parts.train.label_names == parts.test.label_names
    assert parts.train.note == (f"{len(parts.train):,} of the official 120,000 rows" if part else "")
    assert (parts.train.source, parts.test.note) == (name, "")
    if label_names is None:
        assert parts.train.label_names[:2] == ("alt.atheism", "comp.graphics")
        assert len(parts.train.label_names) == 20
        assert not parts.train.texts[0].startswith("From:")
    else:
        assert parts.train.label_names == label_names
