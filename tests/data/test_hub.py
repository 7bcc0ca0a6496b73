"""Data sets read by the library `datasets`, here from local folders, without a network."""

import sys

import polars as pl
import pytest

from convlens.data import Columns, Corpus, Splits
from convlens.data.hub import HubName, hub_splits, parse, read_hub


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """The library, kept from the network and writing to a temporary folder alone."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_DATASETS_OFFLINE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setenv("HF_HOME", str(cache))
        library = pytest.importorskip("datasets", reason="needs the extra convlens[hub]")
        patch.setattr(library.config, "HF_HUB_OFFLINE", True)
        patch.setattr(library.config, "HF_DATASETS_CACHE", cache)
        library.disable_progress_bars()
        yield library


@pytest.fixture
def folder(datasets, tmp_path):
    """Make a data set `films` of such files."""
    root = tmp_path / "films"
    root.mkdir()

    def write(**parts):
        for name, frame in parts.items():
            pl.DataFrame(frame).write_csv(root / f"{name}.csv")
        return str(root)

    return write


@pytest.fixture
def given(monkeypatch, datasets):
    """Let the library give these parts, with a label column of class indices or plain values."""

    def give(classes=None, **parts):
        features = {"text": datasets.Value("string")}
        features["label"] = datasets.ClassLabel(names=classes) if classes else datasets.Value("int64")
        made = {
            name: datasets.Dataset.from_dict({"text": texts, "label": labels}, datasets.Features(features))
            for name, (texts, labels) in parts.items()
        }
        monkeypatch.setattr(datasets, "load_dataset", lambda name, config, split: datasets.DatasetDict(made))

    return give


TRAIN = {"text": ["fine", "dull", "fine too", "dull too"], "label": ["pos", "neg", "pos", "neg"]}
TEST = {"text": ["so fine", "so dull"], "label": ["pos", "neg"]}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("imdb", HubName("imdb")),
        (" stanfordnlp/imdb ", HubName("stanfordnlp/imdb")),
        ("nyu-mll/glue:sst2", HubName("nyu-mll/glue", "sst2")),
        ("fancyzhx/ag_news@train[:10%]", HubName("fancyzhx/ag_news", None, "train[:10%]")),
        ("a/b:c@test", HubName("a/b", "c", "test")),
        ("/data/films:odd/x", HubName("/data/films:odd/x")),
    ],
)
def test_names_are_taken_apart(text, name):
    assert parse(text) == name


@pytest.mark.parametrize("text", ["", "@train", "a@", "a@b@c"])
def test_what_is_no_name(text, refusal):
    assert refusal(parse, text) == (
        f"hub:{text} is no name of a data set: expected hub:NAME, hub:NAME:CONFIG or hub:NAME@SPLIT"
    )


def test_a_folder_with_training_and_test_part(folder):
    assert read_hub(folder(train=TRAIN, test=TEST)) == Splits(
        Corpus(tuple(TRAIN["text"]), (1, 0, 1, 0), ("neg", "pos"), "films@train"),
        Corpus(("so fine", "so dull"), (1, 0), ("neg", "pos"), "films@test"),
    )


def test_a_part_that_the_name_asks_for(folder):
    name = folder(train=TRAIN, test=TEST)
    assert read_hub(f"{name}@test") == Corpus(("so fine", "so dull"), (1, 0), ("neg", "pos"), "films@test")
    assert read_hub(f"{name}/@train[:50%]").texts == ("fine", "dull")
    assert read_hub(f"{name}@train+test").texts == (*TRAIN["text"], *TEST["text"])


def test_an_only_part_is_a_corpus(folder):
    assert read_hub(folder(train=TRAIN)) == Corpus(
        tuple(TRAIN["text"]), (1, 0, 1, 0), ("neg", "pos"), "films@train"
    )


def test_parquet_columns_and_rejects_as_in_files(datasets, tmp_path, refusal):
    frame = pl.DataFrame({"id": [1, 2, 3], "body": ["fine", None, "dull"], "stars": [5, 1, 1]})
    frame.write_parquet(tmp_path / "train.parquet")
    assert refusal(read_hub, str(tmp_path), Columns(label="stars")).endswith(
        "@train: 1 of 3 rows cannot be used (1 no text; the first is line 2: '[null, 1]'): "
        "mend them, or go on without them with --allow-rejects"
    )
    corpus = read_hub(str(tmp_path), Columns(label="stars"), allow_rejects=True)
    assert (corpus.texts, corpus.label_names) == (("fine", "dull"), ("1", "5"))
    assert read_hub(str(tmp_path), Columns("body"), labelled=False, allow_rejects=True).labels is None


def test_class_names_are_kept_with_their_numbers(given):
    given(["terrible", "good", "bad"], train=(["a", "b", "c"], [1, 0, 1]), test=(["d"], [1]))
    assert read_hub("films") == Splits(
        Corpus(("a", "b", "c"), (1, 0, 1), ("terrible", "good", "bad"), "films@train"),
        Corpus(("d",), (1,), ("terrible", "good", "bad"), "films@test"),
    )


def test_a_test_part_without_labels_leaves_the_validation_part(given):
    given(["neg", "pos"], train=(["a", "b"], [1, 0]), validation=(["c"], [0]), test=(["d"], [-1]))
    assert read_hub("films").test.texts == ("c",)
    assert read_hub("films", labelled=False).test == Corpus(
        ("d",), source="films@test", label_names=(), notices=()
    )


def test_no_part_to_test_on_is_training_alone(given):
    given(["neg", "pos"], train=(["a", "b"], [1, 0]), test=(["d"], [None]), other=(["e"], [0]))
    assert read_hub("films").texts == ("a", "b")


def test_plain_numbers_of_minus_one_are_no_labels_of_a_test_part(given):
    given(train=(["a", "b"], [1, 0]), dev=(["c", "d"], [1, 1]), test=(["e"], [-1]))
    assert read_hub("films").test == Corpus(("c", "d"), (1, 1), ("0", "1"), "films@dev")


@pytest.mark.parametrize("name", ["label", "sentiment", "labels", "target", "class", "category"])
@pytest.mark.parametrize("value", [-1, "-1", "", "?", None, "null", "N/A"])
def test_a_test_part_without_labels_is_known_whatever_the_column_is_called(
    monkeypatch, datasets, name, value
):
    """In whole numbers, class numbers and strings."""
    whole = isinstance(value, int)
    for features in (
        [datasets.Value("int64"), datasets.ClassLabel(names=["neg", "pos"])] if whole or value is None else []
    ) + [datasets.Value("string")]:
        string = features == datasets.Value("string")
        if string and whole:
            continue
        labels = ["neg", "pos"] if string else [0, 1]
        parts = {
            "train": (["a", "b"], labels),
            "validation": (["c"], labels[1:]),
            "test": (["d", "e"], [value] * 2),
        }
        made = {
            part: datasets.Dataset.from_dict(
                {"sentence": texts, name: found},
                datasets.Features({"sentence": datasets.Value("string"), name: features}),
            )
            for part, (texts, found) in parts.items()
        }
        monkeypatch.setattr(datasets, "load_dataset", lambda *_, made=made, **__: datasets.DatasetDict(made))
        data = read_hub("films")
        assert (data.test.texts, data.test.labels) == (("c",), (1,))
        assert (
            data.train.notices[-1]
            == "films: the part 'test' has no labels, so the part 'validation' is tested on"
        )


def test_csv_parts_keep_texts_that_look_missing_and_fall_back(datasets, tmp_path):
    texts = ["NA", "null", "None", "nan", "fine", "dull"]
    pl.DataFrame({"sentence": texts, "sentiment": ["pos", "neg"] * 3}).write_csv(tmp_path / "train.csv")
    pl.DataFrame({"sentence": ["NA", "so"], "sentiment": ["neg", "pos"]}).write_csv(
        tmp_path / "validation.csv"
    )
    pl.DataFrame({"sentence": ["null", "x"], "sentiment": ["?", "?"]}).write_csv(tmp_path / "test.csv")
    data = read_hub(str(tmp_path))
    assert (data.train.texts, data.test.texts) == (tuple(texts), ("NA", "so"))
    assert data.train.rejected == data.test.rejected == ()


def test_columns_of_other_names_are_chosen_by_the_rules(folder):
    parts = read_hub(folder(train={"review": TRAIN["text"], "class": TRAIN["label"]}, test={"review": TEST["text"], "class": TEST["label"]}))  # fmt: skip
    assert parts.test.labels == (1, 0)
    assert parts.train.notices[1] == "films@train: taking the labels from column 'class'"


def test_labels_of_the_test_part_unknown_in_training(folder, refusal):
    name = folder(train=TRAIN, test={"text": ["so"], "label": ["odd"]})
    assert refusal(read_hub, name) == (
        "films@test has labels that are unknown in training: 'odd' (1 rows); known are 'neg', 'pos': "
        "rename or drop those rows"
    )


def test_no_training_part(given, refusal):
    given(test=(["a"], [1]), dev=(["b"], [0]))
    assert refusal(read_hub, "films") == (
        "hub:films has no part 'train' but test, dev: choose one, as in hub:films@dev"
    )


def test_what_the_library_cannot_load(folder, tmp_path, refusal):
    end = "; check its name, configuration and split, and the network"
    name = folder(train=TRAIN)
    said = refusal(read_hub, f"{name}@tset")
    assert (
        said == f"cannot load {name!r} from the hub: Unknown split \"tset\". Should be one of ['train'].{end}"
    )
    said = refusal(read_hub, "nobody/nothing")
    assert said.startswith("cannot load 'nobody/nothing' from the hub: Couldn't reach ")
    assert said.endswith(end)
    said = refusal(read_hub, str(tmp_path / "nowhere"))
    assert said.startswith(f"cannot load '{tmp_path}/nowhere' from the hub: ")
    assert len(said) < 600


def test_a_damaged_file_is_no_crash(datasets, tmp_path, refusal):
    (tmp_path / "train.jsonl").write_text('{"text": "a"\n{"text": \n')
    assert refusal(read_hub, str(tmp_path)).startswith(f"cannot load '{tmp_path}' from the hub: ")


def test_whole_parts_for_the_named_sets(given):
    given(["neg", "pos"], train=(["a", ""], [1, 0]), test=(["c"], [0]), unsupervised=(["d"], [-1]))
    assert hub_splits("films") == {
        "train": Corpus(("a", ""), (1, 0), ("neg", "pos"), "films"),
        "test": Corpus(("c",), (0,), ("neg", "pos"), "films"),
    }


def test_without_the_library(monkeypatch, refusal):
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert refusal(read_hub, "stanfordnlp/imdb") == (
        "data set 'stanfordnlp/imdb' is read with the library datasets, which is not installed: "
        'pip install "convlens[hub]"'
    )
